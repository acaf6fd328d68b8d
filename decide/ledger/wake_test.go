package ledger_test

import (
	"context"
	"slices"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

func TestSendersHearOfWhatABatchReserved(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		r := newRig(t, d, clock.NewVirtual(noon))
		r.basics(nil)
		var heard []string
		r.led = ledger.New(ledger.Options{DB: d, Clock: r.clock, People: people{}, Owner: "one", Reserved: func(channel string) {
			if n := len(r.committed(t)); n == 0 {
				t.Error("told before the commit")
			}
			heard = append(heard, channel)
		}})
		r.eng = &stream.Engine{DB: d, Clock: r.clock, Stages: []stream.Stage{r.prof, listener{r}, r.led.Stage()}, Sleepers: people{}}
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "nothing")) // dropped: nobody needs to look
		if len(heard) != 0 {
			t.Fatalf("heard %v of a message that was dropped", heard)
		}
		r.process(wanted(p.ID, 2, "email", "orders"), wanted(p.ID, 3, "email", "security"), wanted(p.ID, 4, "sms", "orders"))
		slices.Sort(heard)
		if !slices.Equal(heard, []string{"email", "sms"}) {
			t.Errorf("heard %v, want each channel once", heard)
		}
	})
}

// committed are the messages that others can see.
func (r *rig) committed(t *testing.T) []ledger.MessageRow {
	t.Helper()
	list, err := r.led.Messages(context.Background(), ledger.Filter{State: heed.MessageReserved})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
