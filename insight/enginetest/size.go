package enginetest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// TimingEvents makes n web and till events of about 600 bytes, by 100,000 users in sessions of ten.
func TimingEvents(n int, seed uint64) []heed.Event {
	r := rand.New(rand.NewPCG(seed, 2))
	names := []string{"Order Completed", "Product Viewed", "Cart Updated", "Help Page Opened", "Signed In"}
	events := make([]heed.Event, n)
	user := ""
	for i := range events {
		if i%10 == 0 {
			user = fmt.Sprint("user-", r.IntN(100_000))
		}
		at := Epoch + heed.Time(i*1000)
		events[i] = heed.Event{Type: heed.Track, UserID: user, Name: names[r.IntN(len(names))], Source: "shop", Touchpoint: "Checkout", Channel: "web",
			Direction: heed.Inbound, Department: "sales", Timestamp: at, ReceivedAt: at + 50, MessageID: heed.MakeID(at, [10]byte{byte(i), byte(i >> 8), byte(i >> 16), byte(r.IntN(256))}).String(),
			Properties: heed.RawJSON(fmt.Sprintf(`{"order_id":"%d","revenue":%d.%02d,"currency":"EUR","products":[{"sku":"SKU-%d","name":"Linen curtain %d","price":%d.5,"quantity":%d}],"coupon":"SPRING%d"}`,
				r.IntN(1e6), r.IntN(500), r.IntN(100), r.IntN(5000), r.IntN(900), r.IntN(90), 1+r.IntN(4), r.IntN(20))),
			Context: heed.RawJSON(fmt.Sprintf(`{"ip":"10.%d.%d.%d","locale":"en-GB","library":{"name":"analytics.js","version":"4.1.0"},"page":{"path":"/p/%d","title":"Linen & Loom","url":"https://shop.example.com/p/%d"},"userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36"}`,
				r.IntN(255), r.IntN(255), r.IntN(255), r.IntN(5000), r.IntN(5000)))}
	}
	return events
}

// sizedReader makes records of 500 events: sessions of ten by a million users, and one user with an event in every
// tenth record.
type sizedReader struct {
	stream.Reader
	events  []heed.Event
	at, end uint64
}

func (r *sizedReader) Close() {}

func sizedUser(session uint64) string {
	h := session * 0x9E3779B97F4A7C15
	return fmt.Sprint("user-", (h^h>>29)%1_000_000)
}

func (r *sizedReader) Next(ctx context.Context, _ int, _ time.Duration) ([]stream.Record, error) {
	if r.at >= r.end {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	r.at++
	env := []byte{1}
	for i := range uint64(500) {
		n := r.at*500 + i
		e := r.events[(n*7919)%uint64(len(r.events))]
		e.UserID = sizedUser(n / 10)
		if i == 250 && r.at%10 == 0 {
			e.UserID = "busy"
		}
		e.Timestamp = Epoch + heed.Time(n*1000)
		e.ReceivedAt = e.Timestamp + 70
		e.MessageID = heed.MakeID(e.Timestamp, [10]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24), byte(n * 31)}).String()
		env = stream.AppendEvent(env, &e)
	}
	return []stream.Record{{Seq: r.at, At: Epoch, Data: env}}, nil
}

type sizedLog struct {
	*Log
	events  []heed.Event
	records uint64
}

func (l *sizedLog) Last(_ context.Context, topic stream.Topic, _ int) (uint64, error) {
	if topic == stream.Facts {
		return 0, nil
	}
	return l.records, nil
}

func (l *sizedLog) Read(ctx context.Context, topic stream.Topic, part int, after uint64) (stream.Reader, error) {
	if topic == stream.Facts {
		return l.Log.Read(ctx, topic, part, after)
	}
	return &sizedReader{events: l.events, at: after, end: l.records}, nil
}

// Size is how many rows HEED_TEST_HISTORY_ROWS asks for; without it the test is skipped. What is measured there is for
// docs/insight.md, not for CI.
func Size(t *testing.T) int {
	size, err := strconv.Atoi(os.Getenv("HEED_TEST_HISTORY_ROWS"))
	if err != nil {
		t.Skip("set HEED_TEST_HISTORY_ROWS (20000000, say) to measure at size")
	}
	return size
}

// Took prints how long f takes.
func Took(t *testing.T, what string, f func() error) {
	t.Helper()
	start := time.Now()
	if err := f(); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	t.Logf("%-50s %8.1f ms", what, float64(time.Since(start).Microseconds())/1000)
}

// Fill brings size rows of a million people into an empty store.
func Fill(t *testing.T, s insight.Store, size int) {
	log := &sizedLog{Log: NewLog(1), records: uint64(size / 500), events: TimingEvents(100_000, 1)}
	feed := &Feed{}
	for i := range 1_000_000 {
		k := UserKey(fmt.Sprint("user-", i))
		feed.Put(insight.KeyChange{Key: k, Person: k})
	}
	follow := func(keys insight.KeyFeed, part *sizedLog) {
		f, err := insight.NewFollower(insight.Config{Log: part, Sink: s, Key: KeyOf, Keys: keys, Dropped: Dropped{},
			Clock: clock.NewVirtual(Epoch), Logger: slog.New(slog.DiscardHandler), Committed: func(int) uint64 { return math.MaxUint64 }})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		if err := f.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	Took(t, "a million people into the key map", func() error { follow(feed, &sizedLog{Log: NewLog(1)}); return nil })
	start := time.Now()
	follow(feed, log)
	t.Logf("%d rows in %s, %.0f rows/s, the making of them included", size, time.Since(start), float64(size)/time.Since(start).Seconds())
}

// Ask puts the questions of which docs/insight.md has a table to a store that Fill has filled.
func Ask(t *testing.T, s insight.Store, size int) {
	timeline := func(f insight.Filter, users ...string) func() error {
		return func() error {
			var keys []heed.ID
			for _, u := range users {
				keys = append(keys, UserKey(u))
			}
			page, err := s.Timeline(t.Context(), keys, f, 50)
			t.Logf("  %d entries", len(page.Entries))
			return err
		}
	}
	Took(t, "a person's timeline, first question", timeline(insight.Filter{}, sizedUser(1)))
	Took(t, "a person's timeline", timeline(insight.Filter{}, sizedUser(7)))
	Took(t, "a person's timeline", timeline(insight.Filter{}, sizedUser(77777)))
	Took(t, "a person with five keys", timeline(insight.Filter{}, sizedUser(1), sizedUser(2), sizedUser(3), sizedUser(4), sizedUser(5)))
	Took(t, "a person with an event in every tenth record", timeline(insight.Filter{}, "busy"))
	Took(t, "the same, orders only", timeline(insight.Filter{Names: []string{"Order Completed"}}, "busy"))
	Took(t, "a person's last day", timeline(insight.Filter{From: Epoch + heed.Time(size-size/20)*1000}, sizedUser(uint64(size/10-5))))
	Took(t, "keys of a person", func() error { _, err := s.Keys(t.Context(), UserKey(sizedUser(1))); return err })
	Took(t, "catalogue", func() error { _, err := s.Catalogue(t.Context()); return err })
	count := func(what string, q insight.CountQuery) {
		Took(t, what, func() error { _, err := s.CountBy(t.Context(), q); return err })
	}
	count("count by day", insight.CountQuery{By: insight.ByDay, Zone: "Europe/Lisbon"})
	count("count by name", insight.CountQuery{By: insight.ByName})
	count("people by day", insight.CountQuery{By: insight.ByDay, Zone: "Europe/Lisbon", People: true})
	count("count of one name by day", insight.CountQuery{By: insight.ByDay, Filter: insight.Filter{Names: []string{"Order Completed"}}})
	count("who went from stage to stage", insight.CountQuery{By: insight.ByMove, Filter: insight.Filter{Types: []string{heed.StageChanged.String()}, From: Epoch}})
	count("count by name of the last hundredth", insight.CountQuery{By: insight.ByName, Filter: insight.Filter{From: Epoch + heed.Time(size-size/100)*1000}})
	r, err := rule.Parse(`did "Order Completed" at least 3 times within 90d where properties.revenue > 100`)
	if err != nil {
		t.Fatal(err)
	}
	Took(t, "counters of one condition, everyone", func() error {
		text, args, err := rule.CountersSQL(s.Dialect(), r.Counters(), map[int]uint64{0: math.MaxInt64}, heed.ID{})
		if err != nil {
			return err
		}
		n := 0
		err = s.Counters(t.Context(), text, args, func(heed.ID, string, heed.Counter) error { n++; return nil })
		t.Logf("  %d people", n)
		return err
	})
	Took(t, "people for whom a rule holds", func() error {
		text, args, err := r.HistorySQL(s.Dialect(), Epoch+heed.Time(size)*1000)
		if err != nil {
			return err
		}
		n := 0
		err = s.Query(t.Context(), text, args, insight.Limits{Rows: math.MaxInt}, func(insight.Row) error { n++; return nil })
		t.Logf("  %d people", n)
		return err
	})
	Took(t, "stats", func() error { _, err := s.Stats(t.Context()); return err })
	Took(t, "export of one name of the last 1%, Parquet", func() error {
		_, err := s.Export(t.Context(), io.Discard, insight.Parquet, insight.Filter{Names: []string{"Order Completed"}, From: Epoch + heed.Time(size-size/100)*1000}, nil)
		return err
	})
}
