package duckdb

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// retailFile is every order line of a gift shop in a year (UCI Online Retail, CC BY 4.0).
const retailFile = "../../../shared/data/online_retail.csv.gz"

func slogDiscard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// TestKnownAnswers carries 541,909 real order lines through the follower and compares with published figures.
func TestKnownAnswers(t *testing.T) {
	file, err := os.Open(retailFile)
	if errors.Is(err, os.ErrNotExist) {
		if os.Getenv("CI") == "true" {
			t.Fatal("the real data is missing: ", retailFile)
		}
		t.Skip("SKIPPED, the real data is missing: ", retailFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	log, feed := retailLog(t, file)
	s := openTest(t, filepath.Join(t.TempDir(), "history.db"))
	f, err := insight.NewFollower(insight.Config{Log: log, Sink: s, Key: enginetest.KeyOf, Keys: feed, Dropped: enginetest.Dropped{},
		Clock: clock.NewVirtual(enginetest.Epoch), Logger: slogDiscard(), Committed: func(int) uint64 { return math.MaxUint64 }})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	const line = `WITH line AS (SELECT k.person, json_extract_string(e.properties, '$.invoice') AS invoice, json_extract_string(e.properties, '$.code') AS code,
		CAST(json_extract_string(e.properties, '$.quantity') AS BIGINT) AS quantity, CAST(json_extract_string(e.properties, '$.price') AS DECIMAL(18,3)) AS price, e.ts
		FROM event e LEFT JOIN keymap k ON k.key = e.key) `
	for _, q := range []struct{ sql, want string }{
		{`SELECT count(*), count(DISTINCT invoice), count(DISTINCT person), count(*) FILTER (person IS NULL), printf('%.2f', sum(quantity * price)) FROM line`, "541909 25900 4372 135080 9747747.93"},
		{`SELECT count(DISTINCT invoice), count(*) FROM line WHERE invoice LIKE 'C%'`, "3836 9288"},
		{`SELECT count(*), count(DISTINCT person), printf('%.2f', sum(quantity * price)) FROM line WHERE person IS NOT NULL AND quantity > 0 AND price > 0`, "397884 4338 8911407.90"},
		{`SELECT count(*) FROM (SELECT person FROM line WHERE person IS NOT NULL AND quantity > 0 AND price > 0 GROUP BY person HAVING count(DISTINCT invoice) >= 2)`, "2845"},
		{rfm("12347"), "2 7 4310.00"},
		{rfm("14646"), "1 73 280206.02"},
		{rfm("17850"), "372 34 5391.21"},
	} {
		var got string
		err := s.Query(t.Context(), line+q.sql, nil, insight.Limits{}, func(r insight.Row) error {
			cells := make([]any, len(r.Columns()))
			for i := range cells {
				cells[i] = new(any)
			}
			if err := r.Scan(cells...); err != nil {
				return err
			}
			for i, c := range cells {
				if i > 0 {
					got += " "
				}
				got += fmt.Sprint(*c.(*any))
			}
			return nil
		})
		if err != nil || got != q.want {
			t.Errorf("%s\n got %s, %v\nwant %s", q.sql, got, err, q.want)
		}
	}
	// The backfill of a counter agrees with the shop's books: lines per customer.
	r, err := rule.Parse(`did "Order Line" at least 3 times within 90d`)
	if err != nil {
		t.Fatal(err)
	}
	text, args, err := rule.CountersSQL(rule.DuckDB, r.Counters(), map[int]uint64{0: math.MaxInt64}, heed.ID{})
	if err != nil {
		t.Fatal(err)
	}
	people, lines := 0, int64(0)
	err = s.Counters(t.Context(), text, args, func(_ heed.ID, _ string, c heed.Counter) error {
		people++
		lines += c.N
		if len(c.Recent) != int(min(3, c.N)) || c.Recent[0] != c.Last || c.First > c.Last {
			t.Errorf("got %+v", c)
		}
		return nil
	})
	if err != nil || people != 4372 || lines != 541909-135080 {
		t.Errorf("%d people with %d lines, %v", people, lines, err)
	}
}

func rfm(customer string) string {
	end := time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC).UnixMicro()
	return fmt.Sprintf(`SELECT (%d - max(ts)) // 86400000000, count(DISTINCT invoice), printf('%%.2f', sum(quantity * price)) FROM line
		WHERE person = '%s' AND quantity > 0 AND price > 0`, end, enginetest.UserKey(customer))
}

// retailLog turns the lines into envelopes of 500 events. Each customer is the person whose id is the key.
func retailLog(t *testing.T, file io.Reader) (*enginetest.Log, *enginetest.Feed) {
	unzip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(unzip)
	in.LazyQuotes = true
	col := map[string]int{}
	header, err := in.Read()
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range header {
		col[h] = i
	}
	log, feed, known := enginetest.NewLog(2), &enginetest.Feed{}, map[string]bool{}
	var events []heed.Event
	put := func() {
		if _, err := log.Append(t.Context(), stream.Events, 0, enginetest.Envelope(events...)); err != nil {
			t.Fatal(err)
		}
		events = events[:0]
	}
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse("2006-01-02 15:04:05", rec[col["InvoiceDate"]])
		if err != nil {
			t.Fatal(err)
		}
		props, err := json.Marshal(map[string]string{"invoice": rec[col["InvoiceNo"]], "code": rec[col["StockCode"]], "quantity": rec[col["Quantity"]], "price": rec[col["UnitPrice"]]})
		if err != nil {
			t.Fatal(err)
		}
		customer := strings.TrimSuffix(rec[col["CustomerID"]], ".0")
		if customer != "" && !known[customer] {
			known[customer] = true
			feed.Put(insight.KeyChange{Key: enginetest.UserKey(customer), Person: enginetest.UserKey(customer)})
		}
		events = append(events, heed.Event{Type: heed.Track, Name: "Order Line", UserID: customer, Timestamp: heed.At(at), ReceivedAt: enginetest.Epoch, Properties: props})
		if len(events) == 500 {
			put()
		}
	}
	put()
	return log, feed
}
