package ledger_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
)

// remembered is a Memory over the rig's people; counted is what history knows, by person.
type remembered struct {
	r       *rig
	counted map[heed.ID]heed.Counter
}

func (m remembered) GetEach(ctx context.Context, q db.Querier, ids []heed.ID) ([]*heed.Person, error) {
	out := make([]*heed.Person, len(ids))
	for i, id := range ids {
		got, err := people{}.Load(ctx, unlocked{q}, []heed.ID{id})
		if err != nil {
			return nil, err
		}
		out[i] = got[id]
	}
	return out, nil
}

func (m remembered) Count(_ context.Context, _ db.Querier, counters []rule.CounterSpec, people []*heed.Person) (bool, error) {
	for _, p := range people {
		if c, ok := m.counted[p.ID]; ok {
			p.Counters = map[string]*heed.Counter{counters[0].ID: &c}
		}
	}
	return m.counted != nil, nil
}

// unlocked lets the rig's people be read outside a write.
type unlocked struct{ db.Querier }

func (unlocked) Exec(context.Context, string, ...any) (int64, error)          { return 0, nil }
func (unlocked) ExecEach(context.Context, string, int, func(int) []any) error { return nil }
func (u unlocked) QuerySQL(ctx context.Context, sql string, args ...any) (db.Rows, error) {
	return u.Querier.QuerySQL(ctx, strings.TrimSuffix(sql, " FOR UPDATE"), args...)
}

func (r *rig) current() (set spec.Set) {
	r.t.Helper()
	err := r.d.Read(context.Background(), func(q db.Querier) (err error) { set, err = spec.Current(context.Background(), q); return err })
	if err != nil {
		r.t.Fatal(err)
	}
	return set
}

func (r *rig) rehearse(m ledger.Memory, docs map[string]string) *ledger.Rehearsal {
	r.t.Helper()
	draft := r.current().With()
	for k, body := range docs {
		kind, name, _ := strings.Cut(k, " ")
		if body == "" {
			delete(draft, spec.Key{Kind: kind, Name: name})
			continue
		}
		draft = draft.With(spec.Spec{Kind: kind, Name: name, Body: heed.RawJSON(body), MadeAt: r.clock.Now()})
	}
	h, err := r.led.Rehearse(context.Background(), r.current(), draft, r.clock.Now().Add(-30*24*time.Hour), m)
	if err != nil {
		r.t.Fatal(err)
	}
	return h
}

func line(h *ledger.Rehearsal, outcome heed.Outcome, reason, rule string) ledger.Line {
	for _, l := range h.Lines {
		if l.Outcome == outcome && l.Reason == reason && l.Rule == rule {
			return l
		}
	}
	return ledger.Line{}
}

func TestRehearse(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		r := newRig(t, d, clock.NewVirtual(noon))
		r.clear()
		r.basics(map[string]string{"cap three": `{"max":3,"per":"7d"}`, "rule vips": `{"selling":true,"forbid":"in segment \"vip\""}`})
		m := remembered{r: r}
		vip := ana(2)
		vip.Segments = map[string]heed.Member{"vip": {Since: 1}}
		r.put(ana(1))
		r.put(vip)
		// Four messages to one, a day apart: three go, the fourth meets the cap. One offer to the other meets the rule.
		for i := byte(1); i <= 4; i++ {
			r.process(wanted(heed.ID{1}, i, "email", "news"))
			r.clock.Advance(24 * time.Hour)
		}
		r.process(wanted(heed.ID{2}, 5, "email", "offers"))
		r.clock.Advance(time.Hour)

		h := r.rehearse(m, nil)
		if h.Changed != 0 || h.Decisions != 5 || h.People != 2 || h.Rate != 1 || h.Guessed != 0 || line(h, heed.Send, decide.OK, "").Before != 3 {
			t.Errorf("the same rules say something else: %+v", h)
		}
		// What a tighter cap would have held does not count against it.
		h = r.rehearse(m, map[string]string{"cap three": `{"max":1,"per":"48h"}`})
		if got := line(h, heed.Send, decide.OK, ""); got != (ledger.Line{Outcome: heed.Send, Reason: decide.OK, Recorded: 3, Before: 3, After: 2}) {
			t.Errorf("%+v", got)
		}
		if got := line(h, heed.Hold, decide.Cap, "three"); got.Before != 1 || got.After != 2 || h.Changed != 2 || len(h.Examples) != 2 {
			t.Errorf("%+v, %d changed, %d examples", got, h.Changed, len(h.Examples))
		}
		// A cap that looks further back than any that was in force sees what went.
		if h = r.rehearse(m, map[string]string{"cap month": `{"max":1,"calendar":"month"}`}); line(h, heed.Send, decide.OK, "").After != 1 {
			t.Errorf("%+v", h.Lines)
		}
		// A rule that is gone lets go; a new one asks the person of today, and says so.
		if h = r.rehearse(m, map[string]string{"rule vips": ""}); line(h, heed.Send, decide.OK, "").After != 4 || h.Guessed != 0 {
			t.Errorf("%+v", h)
		}
		h = r.rehearse(m, map[string]string{"rule none": `{"forbid":"not in segment \"vip\"","then":"drop"}`})
		if line(h, heed.Drop, decide.Rule, "none").After != 4 || h.Guessed != 5 || !h.Examples[0].Guessed {
			t.Errorf("%+v", h)
		}
		// What memory does not count comes from history, and without one it is said.
		often := map[string]string{"rule often": `{"forbid":"did \"Order Completed\" at least 1 time","then":"drop"}`}
		if h = r.rehearse(m, often); len(h.Blind) != 1 || h.Changed != 0 {
			t.Errorf("%+v", h)
		}
		m.counted = map[heed.ID]heed.Counter{{1}: {N: 1, First: 1, Last: 1, Recent: []heed.Time{1}}}
		if h = r.rehearse(m, often); len(h.Blind) != 0 || line(h, heed.Drop, decide.Rule, "often").After != 4 {
			t.Errorf("%+v", h)
		}
		// Selling that was none: today's cases as they were then.
		p := r.person(heed.ID{1})
		p.Cases = []heed.OpenCase{{ID: "c", Opened: noon.Add(time.Hour), Closed: r.clock.Now()}}
		r.put(p)
		h = r.rehearse(m, map[string]string{"purpose news": `{"class":"marketing","consent":"opt_in","selling":true}`})
		if line(h, heed.Hold, decide.OpenCase, "").After != 3 {
			t.Errorf("%+v", h.Lines)
		}
	})
}

// A list of topics decides nothing: what is about them, and what people said of them, is counted.
func TestRehearseTopics(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		r := newRig(t, d, clock.NewVirtual(noon))
		r.clear()
		r.basics(map[string]string{"brand b": `{"topics":["linen","wool"]}`})
		m := remembered{r: r}
		muted, other, open := ana(1), ana(2), ana(3)
		muted.Preferences.Muted, other.Preferences.Topics = []string{"linen"}, []string{"wool"}
		other.Consents = map[string]heed.Consent{"news/email": {State: heed.Granted, At: 1, Act: "chosen"}}
		about := func(topic string) func(*heed.Intent) { return func(in *heed.Intent) { in.Topic = topic } }
		for i, p := range []*heed.Person{muted, other, open} {
			r.put(p)
			r.process(wanted(p.ID, byte(10+i), "email", "news", about("linen")))
			r.process(wanted(p.ID, byte(20+i), "email", "news", about("silk")))
			r.clock.Advance(time.Hour)
		}
		if h := r.rehearse(m, nil); len(h.Topics) != 0 {
			t.Errorf("nothing changes: %+v", h.Topics)
		}
		h := r.rehearse(m, map[string]string{"brand b": `{"topics":["wool","silk"]}`})
		want := []ledger.Topic{
			{Name: "linen", Messages: 3, People: 3, Went: 1, Muted: 1, NotWanted: 1, HaveMuted: 1},
			{Name: "silk", Added: true, Messages: 3, People: 3, Went: 2, NotWanted: 1},
		}
		if !slices.Equal(h.Topics, want) || h.Changed != 0 {
			t.Errorf("got %+v, want %+v", h.Topics, want)
		}
	})
}

func TestToday(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		r := newRig(t, d, clock.NewVirtual(noon))
		r.clear()
		r.basics(nil)
		m := remembered{r: r}
		r.put(ana(1))
		r.process(wanted(heed.ID{1}, 1, "email", "news"))
		r.clock.Advance(time.Hour)
		r.process(wanted(heed.ID{1}, 2, "email", "news"))
		rows, err := r.led.Decisions(context.Background(), ledger.Filter{})
		if err != nil || len(rows) != 2 {
			t.Fatal(rows, err)
		}
		got, err := r.led.Today(context.Background(), rows[0].ID, m)
		if err != nil || !got.Same || len(got.Changed) != 0 {
			t.Errorf("%+v %v", got, err)
		}
		r.clock.Advance(time.Hour)
		r.specs(map[string]string{"cap one": `{"max":1,"per":"7d"}`})
		if got, err = r.led.Today(context.Background(), rows[0].ID, m); err != nil || got.Same || got.Now.Reason != decide.Cap || len(got.Changed) != 1 || got.Changed[0].Name != "one" {
			t.Errorf("%+v %v", got, err)
		}
		if got, err = r.led.Today(context.Background(), rows[1].ID, m); err != nil || !got.Same {
			t.Errorf("the first is not stopped by a cap of one: %+v %v", got, err)
		}
		if _, err = r.led.Today(context.Background(), heed.ID{9}, m); heed.CodeOf(err) != heed.NotFound {
			t.Error(err)
		}
	})
}
