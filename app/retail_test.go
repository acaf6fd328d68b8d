package app_test

import (
	"context"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/profile"
)

// TestARealYearOfOrders imports 541,909 real order lines and asks for the people whose numbers are published.
func TestARealYearOfOrders(t *testing.T) {
	file := filepath.Join("..", "..", "shared", "data", "online_retail.csv.gz")
	if _, err := os.Stat(file); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("the real data is not here: %v", err)
	}
	cfg := app.Config{
		Data: t.TempDir(), Addr: "127.0.0.1:0", Roles: []string{"work", "history"}, MinFreeMB: 64, CacheMB: 64, HistoryMB: 128, Replicas: 1,
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	a, err := app.Open(ctx, cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	mapping := filepath.Join("..", "examples", "online_retail.yaml")
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	res, err := a.Import(ctx, file, mapping, rejects, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Accepted != 541_909 || res.Rejected != 0 {
		t.Errorf("%d lines taken, %d rejected", res.Accepted, res.Rejected)
	}
	if n, err := a.PeopleCount(ctx); err != nil || n != 4372 {
		t.Errorf("%d people, %v; want 4,372", n, err)
	}
	at := heed.At(time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC))
	for _, want := range []struct {
		id        string
		days      float64
		frequency int64
		money     float64
	}{{"12347", 2, 7, 4310.00}, {"14646", 1, 73, 280206.02}, {"17850", 372, 34, 5391.21}} {
		p, err := a.Find(ctx, heed.Identifier{Namespace: heed.UserID, Value: want.id})
		if err != nil {
			t.Fatal(err)
		}
		r := profile.NewBrief(p, at, profile.Extras{}).RFM
		if r == nil || math.Abs(r.RecencyDays-want.days) > 1 || r.Frequency != want.frequency || r.Monetary != want.money {
			t.Errorf("customer %s: %+v, want %v days, %d orders, %.2f", want.id, r, want.days, want.frequency, want.money)
		}
	}
	again, err := a.Import(ctx, file, mapping, rejects, nil)
	if err != nil || !again.Already {
		t.Errorf("a second run did something: %+v, %v", again, err)
	}
}
