package ledger_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

const batch = 1000

// BenchmarkOutbox takes messages through the ledger, each of another person, in batches of 1,000: decided and reserved
// (with the documents' load and save), then claimed behind the durable barrier and recorded as sent.
//
//	go test ./decide/ledger -run - -bench Outbox -benchtime 20x
func BenchmarkOutbox(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchOutbox(b, testx.SQLite(b, append(queries(), spec.Queries)...)) })
	b.Run("postgres", func(b *testing.B) { benchOutbox(b, testx.Postgres(b, append(queries(), spec.Queries)...)) })
}

func benchOutbox(b *testing.B, d db.DB) {
	r := newRig(b, d, clock.NewVirtual(noon))
	r.basics(map[string]string{"quiet_hours nights": nights, "cap week": `{"max":3,"per":"7d"}`, "rule vips": `{"selling":true,"forbid":"in segment \"vip\""}`})
	ctx := context.Background()
	var n uint32
	var deciding, claiming time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		events := make([]*heed.Event, batch)
		ps := make([]*heed.Person, batch)
		for i := range batch {
			n++
			p := ana(0)
			binary.BigEndian.PutUint32(p.ID[:], n*2654435761) // ids as random as real ones
			ps[i] = p
			events[i] = wanted(p.ID, 0, "email", "offers", func(in *heed.Intent) {
				in.ID, in.Journey, in.Node, in.Template = heed.NewID(r.clock.Now()), "welcome", "hello", "welcome"
				in.Vars = `{"order":"A-1001","total":49.9}`
			})
		}
		if err := d.Write(ctx, func(tx db.Tx) error { return people{}.Save(ctx, tx, ps) }); err != nil {
			b.Fatal(err)
		}
		r.clock.Advance(time.Second)
		b.StartTimer()
		from := time.Now()
		r.process(events...)
		deciding += time.Since(from)
		from = time.Now()
		got := r.claim("email")
		if len(got) != batch {
			b.Fatalf("claimed %d", len(got))
		}
		results := make([]heed.SendResult, batch)
		for i := range got {
			results[i] = heed.SendResult{ID: got[i].Message.ID, State: heed.MessageSent, At: r.clock.Now(), Provider: "250 ok"}
		}
		if err := r.led.Record(ctx, results); err != nil {
			b.Fatal(err)
		}
		claiming += time.Since(from)
	}
	total := float64(b.N * batch)
	b.ReportMetric(total/claiming.Seconds(), "claim+record/s")
	b.ReportMetric(total/deciding.Seconds(), "decide+reserve/s")
}
