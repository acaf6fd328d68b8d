package ledger_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
)

func checkCommandFromTheStream(t *testing.T, r *rig) {
	r.basics(nil)
	p := ana(1)
	r.put(p)
	ctx := context.Background()
	var written []heed.Event
	id, err := r.led.WantMessage(ctx, heed.Intent{Channel: "email", Purpose: "news", Vars: `{"x":2}`}, []heed.Identifier{{Namespace: heed.UserID, Value: "u1"}}, "crm",
		func(_ context.Context, e []heed.Event) error { written = append(written, e...); return nil })
	if err != nil || len(written) != 1 || written[0].UserID != "u1" || written[0].Type.Derived() {
		t.Fatalf("%v %+v", err, written)
	}
	e := written[0]
	e.Person = p.ID // identity's part
	r.process(&e)
	r.expect(id, heed.MessageReserved, decide.OK)
	if got := r.claim("email"); len(got) != 1 || got[0].Message.Vars != `{"x":2}` || got[0].Message.By != "api" {
		t.Fatalf("claimed %+v", got)
	}
	// A command about nobody is on record.
	lost, _ := ledger.Command(heed.Intent{Channel: "email", Purpose: "news"}, []heed.Identifier{{Namespace: heed.UserID, Value: "u2"}}, "crm", noon)
	r.process(&lost)
	rows, _ := r.led.Decisions(ctx, ledger.Filter{Reason: decide.UnknownPerson})
	if len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
	for _, bad := range []heed.Intent{{Purpose: "news"}, {Channel: "email"}, {Channel: "email", Purpose: "news", Vars: "[1]"},
		{Channel: "email", Purpose: "news", Vars: "{"}, {Channel: strings.Repeat("x", 999), Purpose: "news"}} {
		if _, err := ledger.Command(bad, []heed.Identifier{{Namespace: heed.UserID, Value: "u"}}, "crm", noon); heed.CodeOf(err) != heed.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func checkAskListsCountsStoryReplay(t *testing.T, r *rig) {
	r.basics(map[string]string{"quiet_hours nights": nights, "cap two": `{"max":2,"per":"7d"}`, "rule vips": `{"selling":true,"forbid":"in segment \"vip\"","then":"drop"}`})
	ctx := context.Background()
	p := ana(1)
	p.Segments = map[string]heed.Member{"vip": {Since: 1}}
	r.put(p)
	d, err := r.led.Ask(ctx, heed.Intent{Person: p.ID, Channel: "email", Purpose: "news"})
	if err != nil || d.Outcome != heed.Send || d.Text != "may go: nothing speaks against it" {
		t.Fatal(d, err)
	}
	if d, err = r.led.Ask(ctx, heed.Intent{Person: heed.ID{9}, Channel: "email", Purpose: "news"}); err != nil || d.Reason != decide.UnknownPerson {
		t.Fatal(d, err)
	}
	for id := byte(1); id <= 3; id++ {
		r.process(wanted(p.ID, id, "email", "news", func(in *heed.Intent) { in.Journey, in.Node = "welcome", "hello" }))
		r.clock.Advance(time.Second)
	}
	r.process(wanted(p.ID, 4, "email", "offers"))
	dry := true
	for _, c := range []struct {
		f    ledger.Filter
		want int
	}{
		{ledger.Filter{}, 6}, {ledger.Filter{Dry: &dry}, 2}, {ledger.Filter{Person: p.ID}, 5}, {ledger.Filter{Message: mid(3)}, 1},
		{ledger.Filter{Journey: "welcome", Node: "hello"}, 3}, {ledger.Filter{Reason: decide.Cap}, 1}, {ledger.Filter{Outcome: heed.Send}, 3},
		{ledger.Filter{Since: noon.Add(time.Second), Until: noon.Add(3 * time.Second)}, 2}, {ledger.Filter{Limit: 2}, 2},
	} {
		rows, err := r.led.Decisions(ctx, c.f)
		if err != nil || len(rows) != c.want {
			t.Errorf("%+v: %d rows, want %d (%v)", c.f, len(rows), c.want, err)
		}
	}
	var paged []heed.ID
	for f := (ledger.Filter{Limit: 4}); ; {
		rows, err := r.led.Decisions(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			break
		}
		for _, d := range rows {
			paged = append(paged, d.ID)
			got, err := r.led.Replay(ctx, d.ID)
			if err != nil || !got.Same || !got.Policy {
				t.Errorf("replay of %+v: %+v %v", d, got, err)
			}
		}
		f.After = rows[len(rows)-1].ID
	}
	if len(paged) != 6 {
		t.Errorf("paged through %d", len(paged))
	}
	counts, err := r.led.Counts(ctx, noon.Add(-time.Hour))
	if err != nil || len(counts) != 4 || counts[0].Reason != decide.OK || counts[0].N != 3 {
		t.Errorf("%+v %v", counts, err)
	}
	ms, err := r.led.Messages(ctx, ledger.Filter{State: heed.MessageHeld})
	if err != nil || len(ms) != 1 || ms[0].ID != mid(3) || ms[0].Due != noon.Add(7*24*time.Hour) && ms[0].Due != ms[0].Expires {
		t.Errorf("%+v %v", ms, err)
	}
	s, err := r.led.Story(ctx, mid(4))
	if err != nil || s.Now != "Dropped: the rule vips forbids it." || len(s.Decisions) != 1 || s.Decisions[0].Rule != "vips" {
		t.Errorf("%+v %v", s, err)
	}
	text, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(text), `"reason":"RULE"`) {
		t.Errorf("%s %v", text, err)
	}
	if m, err := r.led.Message(ctx, mid(4)); err != nil || m.State != heed.MessageDropped || s.Decisions[0].Intent().ID != m.ID || s.Decisions[0].Decision().Reason != m.Reason {
		t.Errorf("%+v %v", m, err)
	}
	// A rule that is changed later does not change what was decided then.
	r.specs(map[string]string{"rule vips": `{"selling":true,"forbid":"in segment \"other\"","then":"drop"}`})
	r.clock.Advance(time.Second)
	got, err := r.led.Replay(ctx, s.Decisions[0].ID)
	if err != nil || !got.Same {
		t.Errorf("%+v %v", got, err)
	}
}

func checkRebuildDecidesNothing(t *testing.T, r *rig) {
	r.basics(nil)
	p := ana(1)
	r.put(p)
	r.eng.Rebuild = true
	r.process(wanted(p.ID, 1, "email", "news"))
	if ms, _ := r.led.Messages(context.Background(), ledger.Filter{}); len(ms) != 0 || len(r.person(p.ID).Contacts) != 0 {
		t.Error("a rebuild has sent something")
	}
}

func checkRestoreAfterARebuild(t *testing.T, r *rig) {
	r.basics(map[string]string{"cap two": `{"max":2,"per":"7d"}`})
	p := ana(1)
	r.put(p)
	for id := byte(1); id <= 3; id++ {
		r.process(wanted(p.ID, id, "email", "orders"))
		r.clock.Advance(time.Hour)
	}
	r.put(ana(1)) // memory as the stream alone makes it
	for _, want := range []int{1, 0} {
		if n, err := r.led.Restore(context.Background()); n != want || err != nil {
			t.Fatal(n, err)
		}
	}
	q := r.person(p.ID)
	if len(q.Contacts) != 2 || q.Contacts[0].At != noon || len(q.Pending) != 1 || q.Pending[0].Reason != decide.Cap || q.Wake == 0 {
		t.Errorf("restored %+v %+v", q.Contacts, q.Pending)
	}
	r.process(wanted(p.ID, 4, "email", "orders"))
	r.expect(mid(4), heed.MessageHeld, decide.Cap)
	b, err := r.led.Backlog(context.Background(), "email")
	if err != nil || b.Due != 2 || b.Oldest != noon || b.Taken != 0 {
		t.Errorf("%+v %v", b, err)
	}
}

// checkHeldMessageFollowsASplit: what a split cut off is decided about whoever it belongs to now.
func checkHeldMessageFollowsASplit(t *testing.T, r *rig) {
	r.basics(map[string]string{"quiet_hours nights": nights})
	p, q := ana(1), ana(2)
	r.put(p)
	r.at(at(22, 0))
	r.process(wanted(p.ID, 1, "email", "news"))
	was := r.person(p.ID)
	q.Pending, q.Wake, was.Pending, was.Wake = was.Pending, was.Wake, nil, 0
	r.put(q)
	r.put(was)
	r.at(at(8, 0).AddDate(0, 0, 1))
	got := r.claim("email")
	if len(got) != 1 || got[0].Message.Person != q.ID || len(r.person(q.ID).Contacts) != 1 || len(r.person(p.ID).Contacts) != 0 {
		t.Errorf("claimed %+v", got)
	}
}
