package app

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// Bounds of a rehearsal. Beyond them a sample is taken, and its result says so.
const (
	rehearsedPeople = 2000
	rehearsedEvents = 250_000
	rehearsalTime   = 2 * time.Minute // of one question to history
	rehearsalSlot   = 5 * time.Minute // what happens so close together is taken in at once
	rehearsalBatch  = 500             // at most so many at once
	warmUp          = 7 * 24 * time.Hour
)

// rehearsal replays what really happened to a sample of people in a Virtual in which the draft is in force.
type rehearsal struct {
	v     *Virtual
	draft *journey.Draft
	name  string
	out   api.RehearsalResult
	// progress is called now and then with what part is done; false ends the rehearsal.
	progress func(done float64) error

	triggered, entered, received, reached map[heed.ID]bool
	refused                               map[heed.ID]string
	nodes                                 map[string]*api.RehearsedNode
	answers                               map[api.RehearsedAnswer]*answered
	held                                  map[heed.ID]bool // messages
	last                                  map[heed.ID]string
	ended                                 map[string]int64
}

// answered counts one answer of the gate.
type answered struct {
	messages, people map[heed.ID]bool
	text             string
}

// rehearse tries a draft on the days before now.
func (s studio) rehearse(ctx context.Context, x spec.Spec, days int, progress func(float64) error) (*api.RehearsalResult, error) {
	if s.app.history == nil {
		return nil, heed.Errorf(heed.Unavailable, "This process runs without history: there is nothing to rehearse on.")
	}
	set, err := s.specs(ctx)
	if err != nil {
		return nil, err
	}
	now := s.app.clock.Now()
	r := &rehearsal{name: x.Name, progress: progress, triggered: map[heed.ID]bool{}, entered: map[heed.ID]bool{}, received: map[heed.ID]bool{}, reached: map[heed.ID]bool{},
		refused: map[heed.ID]string{}, nodes: map[string]*api.RehearsedNode{}, answers: map[api.RehearsedAnswer]*answered{}, held: map[heed.ID]bool{}, last: map[heed.ID]string{}, ended: map[string]int64{}}
	from := now.Add(-time.Duration(days) * 24 * time.Hour)
	r.out.From, r.out.To = api.Time(from), api.Time(now)
	world, err := draftWorld(set, x, true)
	if err != nil {
		return nil, err
	}
	var errs []error
	if r.draft, errs = journey.ReadDraft(world[spec.Key{Kind: spec.Journey, Name: x.Name}], world); len(errs) > 0 {
		return nil, errs[0]
	}
	people, events, err := s.cast(ctx, r, from, now)
	if err != nil {
		return nil, err
	}
	if len(people) > 0 {
		if err := r.play(ctx, world, people, events, from, now); err != nil {
			return nil, err
		}
	}
	r.sum(x)
	return &r.out, nil
}

// cast chooses who is rehearsed, and reads what they did.
func (s studio) cast(ctx context.Context, r *rehearsal, from, now heed.Time) (people map[heed.ID]heed.Time, events []*heed.Event, err error) {
	past := lived{s.app.history.store}
	var some []heed.ID
	if typ, name, ok := r.draft.Event(); ok {
		r.out.People, some, err = past.doers(ctx, typ, name, from, now, rehearsedPeople)
	} else {
		r.out.People, some, err = past.everybody(ctx, rehearsedPeople)
	}
	if err != nil || len(some) == 0 {
		return nil, nil, err
	}
	n, err := past.count(ctx, some, now)
	if err != nil {
		return nil, nil, err
	}
	if n > rehearsedEvents { // fewer people with all that they did are worth more than many with half of it
		some = some[:max(1, int(int64(len(some))*rehearsedEvents/n))]
	}
	if events, err = past.events(ctx, some, now, rehearsedEvents); err != nil {
		return nil, nil, err
	}
	if len(events) == rehearsedEvents {
		r.note("events_cut")
	}
	people = map[heed.ID]heed.Time{}
	var docs []*heed.Person
	err = s.app.DB.Read(ctx, func(q db.Querier) (err error) {
		docs, err = s.app.reading.store.GetEach(ctx, q, some)
		return err
	})
	for i, id := range some {
		people[id] = 0
		if docs[i] != nil {
			people[id] = docs[i].Known
		}
	}
	r.out.Sampled, r.out.Events = int64(len(some)), int64(len(events))
	if r.out.Sampled < r.out.People {
		r.note("sampled")
	}
	return people, events, err
}

func (r *rehearsal) note(code string) { r.out.Notes = append(r.out.Notes, code) }

// play lets everything happen again: what was before as it was, a week in which the other journeys run, so that caps are
// as full as they would be, and then the days of the rehearsal with the draft.
func (r *rehearsal) play(ctx context.Context, world spec.Set, people map[heed.ID]heed.Time, events []*heed.Event, from, now heed.Time) (err error) {
	warm := from.Add(-warmUp)
	if r.v, err = OpenVirtual(ctx, spec.Set{}, VirtualOptions{Start: warm, Told: people, Unread: true}); err != nil {
		return err
	}
	defer func() { _ = r.v.Close() }() // a folder of its own, which nobody needs any more
	quiet, others := spec.Set{}, spec.Set{}
	for k, x := range world {
		if k.Kind != spec.Journey {
			quiet[k] = x
		} else if k.Name != r.name {
			others[k] = x
		}
	}
	if err := r.v.Apply(ctx, quiet); err != nil {
		return err
	}
	before, _ := slices.BinarySearchFunc(events, warm, func(e *heed.Event, t heed.Time) int { return cmp.Compare(e.Timestamp, t) })
	for i := 0; i < before; i += rehearsalBatch {
		chunk := events[i:min(i+rehearsalBatch, before)]
		if err := r.put(ctx, chunk); err != nil {
			return err
		}
		if err := r.tell(float64(i)/float64(len(events))*0.5, 0); err != nil {
			return err
		}
	}
	if err := r.v.Apply(ctx, others); err != nil {
		return err
	}
	start, _ := slices.BinarySearchFunc(events, from, func(e *heed.Event, t heed.Time) int { return cmp.Compare(e.Timestamp, t) })
	if err := r.live(ctx, events[before:start], warm, from, now); err != nil {
		return err
	}
	r.v.Facts()
	r.triggered, r.refused = map[heed.ID]bool{}, map[heed.ID]string{}
	if err := r.v.Apply(ctx, spec.SetOf(world[spec.Key{Kind: spec.Journey, Name: r.name}])); err != nil {
		return err
	}
	return r.live(ctx, events[start:], from, now, now)
}

// put takes in a batch of what happened. A batch that fails is not worth the rest.
func (r *rehearsal) put(ctx context.Context, events []*heed.Event) error {
	list := make([]heed.Event, len(events))
	for i, e := range events {
		list[i] = *e
	}
	return r.v.Feed(ctx, list...)
}

// live replays events up to a time; end is that of the whole rehearsal, for its progress.
func (r *rehearsal) live(ctx context.Context, events []*heed.Event, from, to, end heed.Time) error {
	for i := 0; i < len(events); {
		j := i + 1
		for j < len(events) && j-i < rehearsalBatch && events[j].Timestamp.Sub(events[i].Timestamp) < rehearsalSlot {
			j++
		}
		chunk := events[i:j]
		i = j
		if err := r.v.Advance(ctx, max(r.v.Now(), chunk[0].Timestamp)); err != nil {
			return err
		}
		r.collect()
		r.v.clock.Set(max(r.v.Now(), chunk[len(chunk)-1].Timestamp))
		if err := r.put(ctx, chunk); err != nil {
			return err
		}
		r.collect()
		for _, e := range chunk {
			if err := r.starts(ctx, e); err != nil {
				return err
			}
		}
		if err := r.tell(0.5, float64(r.v.Now()-from)/float64(end-from)); err != nil {
			return err
		}
	}
	err := r.v.Advance(ctx, to)
	r.collect()
	return err
}

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

func (r *rehearsal) tell(base, part float64) error {
	return r.progress(min(0.99, base+part*0.5))
}

// collect counts what was recorded.
func (r *rehearsal) collect() {
	for _, f := range r.v.Facts() {
		switch f.Type {
		case heed.RunChanged:
			if props := gjson.ParseBytes(f.Properties); props.Get("journey").Str == r.name {
				r.moved(&f, props)
			}
		case heed.MessageDecided:
			var d ledger.Decided
			if json.Unmarshal(f.Properties, &d) == nil && d.Journey == r.name {
				r.decided(f.Person, d)
			}
		case heed.SegmentEntered, heed.SegmentLeft:
			if r.draft.Starts(&f) {
				r.triggered[f.Person] = true
			}
		}
	}
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
	for key, a := range r.answers {
		key.Text, key.Count, key.People = a.text, int64(len(a.messages)), int64(len(a.people))
		o.Messages = append(o.Messages, key)
	}
	slices.SortFunc(o.Messages, func(a, b api.RehearsedAnswer) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Rule, b.Rule))
	})
	r.note("fresh_caps")
}

func tally(m map[string]int64) []api.Count {
	out := []api.Count{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, api.Count{Key: k, Count: m[k]})
	}
	slices.SortStableFunc(out, func(a, b api.Count) int { return cmp.Compare(b.Count, a.Count) })
	return out
}
