package journey

import (
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// States of a row in journey_run. They are part of the API.
const (
	StateActive = "active"
	StatePaused = "paused"
	StateEnded  = "ended"
)

// changes are the rows that a batch leaves behind.
type changes struct {
	rows   map[heed.ID]*change
	known  map[heed.ID][]heed.Run // by person, of people who are about to merge: as they came into the batch
	split  map[heed.ID]Row        // by run, of people from whom somebody is cut off
	moved  []moved
	erased []heed.ID
}

type change struct {
	person heed.ID
	run    heed.Run
	state  string
	exited heed.Time
	reason string
}

type moved struct{ from, to heed.ID }

// begin keeps the runs of people who merge in this batch, because profile merges the documents before we see them.
func (c *changes) begin(b *stream.Batch) {
	c.rows = map[heed.ID]*change{}
	for _, e := range b.Events {
		if e.Type != heed.PeopleMerged {
			continue
		}
		if c.known == nil {
			c.known = map[heed.ID][]heed.Run{}
		}
		for _, id := range []heed.ID{e.Person, e.Loser} {
			if p := b.People[id]; p != nil && c.known[id] == nil {
				c.known[id] = slices.Clone(p.Runs)
			}
		}
	}
}

// save notes where a run stands.
func (c *changes) save(person heed.ID, r *heed.Run) {
	state := StateActive
	if r.Paused {
		state = StatePaused
	}
	c.put(person, r, state, "", 0)
}

// end notes that a run is over.
func (c *changes) end(person heed.ID, r *heed.Run, reason string, at heed.Time) {
	c.put(person, r, StateEnded, reason, at)
}

func (c *changes) put(person heed.ID, r *heed.Run, state, reason string, exited heed.Time) {
	row := c.rows[r.ID]
	if row == nil {
		row = &change{}
		c.rows[r.ID] = row
	}
	*row = change{person: person, run: *r, state: state, exited: exited, reason: reason}
	row.run.Vars = "" // the row does not have them
	if state == StateEnded {
		row.run.Due = 0
	}
}

// keep notes that a run that is over belongs to somebody else.
func (c *changes) keep(person heed.ID, r Row) {
	run := heed.Run{ID: r.ID, Journey: r.Journey, Version: r.Version, Key: r.Key, Node: r.Node, Since: r.Since, Entered: r.Entered, Goal: r.Goal, Steps: r.Steps}
	c.put(person, &run, StateEnded, r.Reason, r.Exited)
}

// of returns the runs of a person that are known in this batch and not over.
func (c *changes) of(person heed.ID) []heed.Run {
	var out []heed.Run
	for _, r := range c.known[person] {
		if row := c.rows[r.ID]; row == nil {
			out = append(out, r)
		}
	}
	for _, row := range c.rows {
		if row.person == person && row.state != StateEnded {
			out = append(out, row.run)
		}
	}
	slices.SortFunc(out, func(a, b heed.Run) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return out
}
