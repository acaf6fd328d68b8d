package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bytedance/sonic"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// load is a batch like those of `heed bench`: about 600 bytes an event, 20% of them identify.
func load(events int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"batch":[`)
	for i := range events {
		if i > 0 {
			b.WriteByte(',')
		}
		common := fmt.Sprintf(`"messageId":"node-next-1772100000000-%08d-6f1c-4f0e","timestamp":"2026-02-26T10:00:00.%03dZ","userId":"user-%06d",`+
			`"anonymousId":"8c9d6bd2-1d5d-4f4e-9d6c-%012d","context":{"library":{"name":"@segment/analytics-node","version":"2.1.3"},`+
			`"ip":"203.0.113.7","locale":"pt-PT","userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36","page":{"path":"/shop/basket","url":"https://lumen.example/shop/basket"}}`,
			i, i%1000, i%100000, i)
		if i%5 == 0 {
			fmt.Fprintf(&b, `{"type":"identify",%s,"traits":{"email":"user%d@lumen.example","first_name":"Inês","plan":"plus","age":%d}}`, common, i, 20+i%60)
		} else {
			fmt.Fprintf(&b, `{"type":"track","event":"Product Viewed",%s,"properties":{"sku":"SKU-%05d","name":"White hanging heart","price":%d.55,"currency":"EUR","quantity":1,"categories":["home","light"]}}`, common, i, i%90)
		}
	}
	b.WriteString(`],"sentAt":"2026-02-26T10:00:01.000Z","writeKey":"wk"}`)
	return b.Bytes()
}

const loadEvents = 100

func BenchmarkParseAndBuild(b *testing.B) {
	body := load(loadEvents)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			q := takeRequest()
			q.body = append(q.body[:0], body...)
			q.parse(0)
			if err := q.build(Source{Name: "web", Public: true}, 1772100002000000, 0, "batch"); err != nil || len(q.events) != loadEvents {
				b.Error(err, q.refused)
			}
			q.release()
		}
	})
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*loadEvents), "ns/event")
}

// rawEvent is what sonic would decode into: every field as it arrived, so that a wrong type is no error of the batch.
type rawEvent struct {
	Type, Event, Name, UserID, AnonymousID, PreviousID, GroupID, MessageID sonic.NoCopyRawMessage
	Timestamp, OriginalTimestamp, SentAt, Properties, Traits, Context      sonic.NoCopyRawMessage
}

// BenchmarkAlternatives times the bare decoding of others: no checks of depth, UTF-8 or number ranges beyond their own,
// no look into context and traits, no event built.
func BenchmarkAlternatives(b *testing.B) {
	body := load(loadEvents)
	run := func(name string, f func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*loadEvents), "ns/event")
		})
	}
	run("sonic", func() error {
		var v struct{ Batch []rawEvent }
		return sonic.ConfigDefault.Unmarshal(body, &v)
	})
	run("sonic-std", func() error {
		var v struct{ Batch []rawEvent }
		return sonic.ConfigStd.Unmarshal(body, &v)
	})
	run("encoding-json", func() error {
		var v struct{ Batch []map[string]json.RawMessage }
		return json.Unmarshal(body, &v)
	})
	run("scan-only", func() error {
		s := scanner{b: append(append([]byte(nil), body...), make([]byte, pad)...)}
		if s.value(0, 0) < 0 {
			return fmt.Errorf("%v", s.err)
		}
		return nil
	})
}

type nowhere struct{}

func (nowhere) Write(context.Context, []heed.Event) (stream.Position, error) { return nil, nil }
func (nowhere) Reject(context.Context, []stream.DeadLetter) error            { return nil }
func (nowhere) WriteKey(key string) (Source, bool) {
	return Source{Name: "web", Public: true}, key == "wk"
}
func (nowhere) Now() heed.Time { return 1772100002000000 }

func BenchmarkHandler(b *testing.B) {
	body := load(loadEvents)
	h := New(Options{Keys: nowhere{}, Sink: nowhere{}, Rejects: nowhere{}, Clock: nowhere{}})
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest(http.MethodPost, "/v1/batch", bytes.NewReader(body))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != 200 {
				b.Error(w.Code, w.Body.String())
			}
		}
	})
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*loadEvents), "ns/event")
}

// TestAllocationBudget: a batch of 100 events may allocate a handful of times, however many events it has.
func TestAllocationBudget(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates too")
	}
	body := load(loadEvents)
	per := testing.AllocsPerRun(200, func() {
		q := takeRequest()
		q.body = append(q.body[:0], body...)
		q.parse(0)
		if err := q.build(Source{Name: "web", Public: true}, now, 0, "batch"); err != nil || len(q.events) != loadEvents {
			t.Error(err, q.refused)
		}
		q.release()
	})
	if per > 4 {
		t.Errorf("%.1f allocations for a batch of %d events, the budget is 4", per, loadEvents)
	}
}
