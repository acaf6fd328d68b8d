package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/stream"
)

// versionBefore is the journey as it was before the draft, from the outside: who is in it stays until their wait is over.
const versionBefore = `{"trigger": {"api": true}, "nodes": [{"id": "inside", "wait": "1h"}]}`

// whoWasInside lets people have gone through what they really had of the journey before the first day: entry limits count
// it. Whoever was inside then stays until they really left, as people finish the version that they are in. It returns the
// draft as it is to be published after that.
func (r *rehearsal) whoWasInside(ctx context.Context, c *cast, draft spec.Spec, now heed.Time) (spec.Spec, error) {
	if len(c.earlier) == 0 {
		return draft, nil
	}
	before := draft
	before.Body = heed.RawJSON(versionBefore)
	if err := r.v.Apply(ctx, spec.SetOf(before)); err != nil {
		return draft, err
	}
	runs := ran{}
	for id, e := range c.earlier {
		has := &heed.Person{Past: e.Past}
		for _, stay := range e.Inside {
			left := stay.Exited
			if left == 0 {
				left = now.Add(24 * time.Hour) // not any more in these days
			}
			has.Runs = append(has.Runs, heed.Run{ID: stay.ID, Journey: r.name, Version: 1, Key: stay.Key, Node: "inside", Since: left.Add(-time.Hour), Due: left, Entered: stay.Entered})
			r.stays[stay.ID] = true
		}
		runs[id] = has
	}
	if err := r.v.Ran(ctx, c.ids(), runs); err != nil {
		return draft, err
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(draft.Body, &body); err != nil {
		return draft, err
	}
	if string(body["on_publish"]) == `"migrate"` { // to nodes that nobody knows
		delete(body, "on_publish")
	}
	text, err := json.Marshal(body)
	draft.Body = text
	return draft, err
}

// ran is a stage that gives people runs, and what is kept of those that have ended.
type ran map[heed.ID]*heed.Person

var _ stream.Stage = ran(nil)

// Ran puts people into journeys in the middle, and lets them have been in some.
func (v *Virtual) Ran(ctx context.Context, people []heed.ID, runs map[heed.ID]*heed.Person) error {
	e := &stream.Engine{DB: v.db, Clock: v.clock, Stages: []stream.Stage{profile.New(v.log), ran(runs)}}
	for some := range slices.Chunk(people, goneChunk) {
		var events []*heed.Event
		for _, id := range some {
			if runs[id] != nil { // a type that leaves memory, and what is waited for, as it is
				events = append(events, &heed.Event{Type: heed.MessageDecided, Person: id, Timestamp: v.clock.Now(), ReceivedAt: v.clock.Now()})
			}
		}
		if err := e.Process(ctx, events, nil); err != nil {
			return err
		}
	}
	return nil
}

// Name implements stream.Stage.
func (r ran) Name() string { return "ran" }

// Begin implements stream.Stage.
func (r ran) Begin(context.Context, db.Tx, *stream.Batch) error { return nil }

// Apply implements stream.Stage.
func (r ran) Apply(_ *stream.Batch, p *heed.Person, _ *heed.Event) {
	has := r[p.ID]
	p.Runs, p.Dirty = append(p.Runs, has.Runs...), true
	for k, v := range has.Past {
		if p.Past == nil {
			p.Past = map[string]heed.Ran{}
		}
		p.Past[k] = v
	}
	for i := range has.Runs {
		p.WakeBy(has.Runs[i].Due)
	}
}

// Flush implements stream.Stage.
func (r ran) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }
