package app

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/proportion"
	"github.com/heedcx/heed/internal/spec"
)

// starts notes for whom the trigger has happened, and why they did not enter.
func (r *rehearsal) starts(ctx context.Context, e *heed.Event) error {
	if !r.draft.Starts(e) {
		return nil
	}
	r.triggered[e.Person] = true
	if r.entered[e.Person] || r.refused[e.Person] != "" {
		return nil
	}
	p, err := r.v.doc(ctx, e.Person)
	if err == nil {
		r.refused[e.Person] = r.draft.Refusal(p, e, r.v.Now(), r.v.zone(p))
	}
	return err
}

// timed notes for whom a date or schedule has come, and why they did not enter.
func (r *rehearsal) timed(person heed.ID, name, why string) {
	if name != r.name {
		return
	}
	r.triggered[person] = true
	if !r.entered[person] && r.refused[person] == "" {
		r.refused[person] = why
	}
}

// collect counts what was recorded.
func (r *rehearsal) collect(ctx context.Context) error {
	var moves []heed.Event // of people into and out of the segment that starts it
	for _, f := range r.v.Facts() {
		switch f.Type {
		case heed.RunChanged:
			if props := gjson.ParseBytes(f.Properties); props.Get("journey").Str == r.name && !r.stays[f.Ref] {
				r.moved(&f, props)
			}
		case heed.MessageDecided:
			var d ledger.Decided
			if json.Unmarshal(f.Properties, &d) == nil && d.Journey == r.name {
				r.decided(f.Person, d)
			}
		case heed.SegmentEntered, heed.SegmentLeft:
			moves = append(moves, f)
		}
	}
	for i := range moves {
		if err := r.starts(ctx, &moves[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *rehearsal) node(id string) *api.RehearsedNode {
	if r.nodes[id] == nil {
		r.nodes[id] = &api.RehearsedNode{Node: id}
	}
	return r.nodes[id]
}

func (r *rehearsal) moved(f *heed.Event, props gjson.Result) {
	for _, n := range props.Get("path").Array() {
		r.node(n.Str).Arrived++
		r.last[f.Ref] = n.Str
	}
	switch f.Name {
	case "entered":
		r.out.Runs++
		r.entered[f.Person] = true
		delete(r.refused, f.Person)
	case "goal":
		r.reached[f.Person] = true
	case "ended":
		reason := props.Get("reason").Str
		r.ended[reason]++
		if reason == "goal" {
			r.reached[f.Person] = true
		}
		r.node(props.Get("node").Str).Left++
		delete(r.last, f.Ref)
	}
}

func (r *rehearsal) decided(person heed.ID, d ledger.Decided) {
	key := api.RehearsedAnswer{Node: d.Node, Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule}
	a := r.answers[key]
	if a == nil {
		a = &answered{messages: map[heed.ID]bool{}, people: map[heed.ID]bool{}, text: d.Text}
		r.answers[key] = a
	}
	a.messages[d.Message], a.people[person] = true, true
	n := r.node(d.Node)
	switch heed.Outcome(d.Outcome) {
	case heed.Send:
		n.Sent++
		r.received[person] = true
	case heed.Hold:
		if !r.held[d.Message] {
			n.Held++
		}
		r.held[d.Message] = true
	case heed.Drop:
		n.Dropped++
	}
}

// sum writes the result down.
func (r *rehearsal) sum(x spec.Spec) {
	o := &r.out
	for id := range r.entered {
		r.triggered[id] = true
	}
	o.Triggered, o.Entered, o.Received, o.Reached = int64(len(r.triggered)), int64(len(r.entered)), int64(len(r.received)), int64(len(r.reached))
	for _, node := range r.last {
		r.node(node).Here++
	}
	refused := map[string]int64{}
	for _, why := range r.refused {
		if why != "" {
			refused[why]++
		}
	}
	o.Refused, o.Ended = tally(refused), tally(r.ended)
	for _, n := range gjson.GetBytes(x.Body, "nodes.#.id").Array() {
		one := r.node(n.Str)
		if kind := r.draft.Node(n.Str); kind == "message" || kind == "webhook" {
			one.Wanted = one.Arrived
		}
		o.Nodes = append(o.Nodes, *one)
	}
	o.Messages = []api.RehearsedAnswer{}
	if o.Notes == nil {
		o.Notes = []string{} // lists are never null
	}
	for key, a := range r.answers {
		key.Text, key.Count, key.People = a.text, int64(len(a.messages)), int64(len(a.people))
		o.Messages = append(o.Messages, key)
	}
	slices.SortFunc(o.Messages, func(a, b api.RehearsedAnswer) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Rule, b.Rule))
	})
	if o.Sampled < o.People {
		of := func(n int64) api.Bounds {
			share, all := proportion.Wilson(n, o.Sampled), float64(o.People)
			return api.Bounds{Value: share.Value * all, Low: share.Low * all, High: share.High * all}
		}
		o.OfAll = &api.RehearsedAll{Triggered: of(o.Triggered), Entered: of(o.Entered), Received: of(o.Received), Reached: of(o.Reached)}
	}
}

func tally(m map[string]int64) []api.Count {
	out := []api.Count{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, api.Count{Key: k, Count: m[k]})
	}
	slices.SortStableFunc(out, func(a, b api.Count) int { return cmp.Compare(b.Count, a.Count) })
	return out
}
