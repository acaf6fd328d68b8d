package importer

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/heedcx/heed"
)

// realData is a file of real data beside the project; the test is skipped without it, never in CI.
func realData(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("real data is missing: %v", err)
		}
		t.Skipf("SKIPPED, real data is missing: %v", err)
	}
	return path
}

// TestOnlineRetail imports the order lines of a real shop and compares with what is known to be true of them.
func TestOnlineRetail(t *testing.T) {
	path := realData(t, "online_retail.csv.gz")
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "online_retail.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var (
		names              = map[string]int{}
		customers, invoice = map[string]bool{}, map[string]bool{}
		buyers             = map[string]bool{}
		ids                = map[string]bool{}
		nobody, clean      int
		net, cleanRevenue  float64
		latest             heed.Time
		mem                = newMemory()
		properties         struct {
			OrderID         string `json:"order_id"`
			Quantity        int
			Revenue, Amount float64
		}
	)
	mem.keep = func(e *heed.Event) {
		names[e.Name]++
		ids[e.MessageID] = true
		latest = max(latest, e.Timestamp)
		properties.Revenue, properties.Amount = 0, 0
		if err := json.Unmarshal(e.Properties, &properties); err != nil {
			t.Fatal(err)
		}
		net += properties.Revenue + properties.Amount
		invoice[properties.OrderID] = true
		if e.UserID == "" {
			nobody++
		} else {
			customers[e.UserID] = true
		}
		if e.UserID != "" && e.Name == "Order Completed" {
			clean++
			cleanRevenue += properties.Revenue
			buyers[e.UserID] = true
		}
		if e.Channel != "shop" || e.Department != "sales" || e.Touchpoint != "Store till" || e.Direction != heed.Inbound || e.Type != heed.Track || e.Source != "shop" {
			t.Fatalf("%+v", e)
		}
	}
	started := time.Now()
	m := mapping(t, string(text))
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	res, err := mem.importer(0).Run(context.Background(), m, path, rejects)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d lines in %v", res.Lines, time.Since(started))
	if res.Accepted != 541_909 || res.Rejected != 0 || res.Skipped != 0 || res.Lines != 541_910 || len(ids) != 541_909 {
		t.Errorf("got %+v, %d different ids", res, len(ids))
	}
	if len(customers) != 4372 || nobody != 135_080 || len(invoice) != 25_900 || !customers["12347"] {
		t.Errorf("%d customers, %d lines of nobody, %d invoices", len(customers), nobody, len(invoice))
	}
	if names["Order Completed"] != 530_104 || names["Order Refunded"] != 9288 || names["Stock Adjusted"] != 2517 {
		t.Errorf("names %v", names)
	}
	if math.Abs(net-9_747_747.93) > 0.01 || clean != 397_884 || len(buyers) != 4338 || math.Abs(cleanRevenue-8_911_407.90) > 0.01 {
		t.Errorf("net %.2f; clean: %d lines, %d buyers, %.2f", net, clean, len(buyers), cleanRevenue)
	}
	if want := time.Date(2011, 12, 9, 12, 50, 0, 0, time.UTC); latest.Std() != want {
		t.Errorf("latest %s, want %s", latest, want)
	}
	if again, err := mem.importer(0).Run(context.Background(), m, path, rejects); err != nil || !again.Already || again.Accepted != 541_909 || names["Order Completed"] != 530_104 {
		t.Errorf("the second run: %+v, %v", again, err)
	}
}
