package journey_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/stream"
)

// facts says what was recorded since the last time.
func (w *world) facts() {
	w.t.Helper()
	w.must(w.d.Read(w.ctx, func(q db.Querier) error {
		rows, err := q.QuerySQL(w.ctx, "SELECT id, envelope FROM stream_fact ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id heed.ID
			var env []byte
			if err := rows.Scan(&id, &env); err != nil {
				return err
			}
			if w.seen[id] {
				continue
			}
			w.seen[id] = true
			events, err := stream.DecodeEnvelope(bytes.Clone(env), nil)
			if err != nil {
				return err
			}
			for i := range events {
				w.fact(&events[i])
			}
		}
		return rows.Err()
	}))
}

func (w *world) fact(e *heed.Event) {
	at := e.Timestamp.Std().Format("2006-01-02 15:04:05")
	if e.Type == heed.TaskWanted {
		w.say("%s %s task %q for %s %s", at, w.names[e.Person], e.Name, e.Department, trim(e.Properties, "run"))
		return
	}
	var d struct {
		Journey, Node, Reason, Key string
		Version                    int
		Path                       []string
		Holdout                    bool
		Traits                     json.RawMessage
	}
	if err := json.Unmarshal(e.Properties, &d); err != nil {
		w.t.Fatalf("a fact is not JSON: %s", e.Properties)
	}
	s := fmt.Sprintf("%s %s %s", at, w.names[e.Person], d.Journey)
	if d.Key != "" {
		s += "/" + d.Key
	}
	s += " " + e.Name
	if len(d.Path) > 0 {
		s += " " + strings.Join(d.Path, " > ")
	}
	if d.Reason != "" {
		s += " (" + d.Reason + ")"
	}
	if d.Holdout {
		s += " held out"
	}
	if d.Traits != nil {
		s += " " + string(d.Traits)
	}
	w.say("%s", s)
}

func trim(doc heed.RawJSON, field string) string {
	var m map[string]json.RawMessage
	if json.Unmarshal(doc, &m) != nil {
		return string(doc)
	}
	delete(m, field)
	b, _ := json.Marshal(m)
	return string(b)
}

func (w *world) runs(id heed.ID) {
	p := w.load(id)
	if len(p.Runs) == 0 {
		w.say("in no journey")
	}
	for _, r := range p.Runs {
		s := fmt.Sprintf("%s v%d at %s", pastKey(r), r.Version, r.Node)
		if r.Since == 0 {
			s += " (to come)"
		}
		if r.Due > 0 {
			s += " until " + r.Due.String()
		}
		if r.Paused {
			s += " paused"
		}
		w.say("%s%s", s, plain(r.Vars))
	}
	for _, name := range sortedKeys(p.Timers) {
		w.say("%s starts %s", name, p.Timers[name])
	}
}

// plain writes JSON the same way whatever an engine made of its spaces and the order of its keys.
func plain(doc heed.RawValue) string {
	var v any
	if json.Unmarshal([]byte(doc), &v) != nil {
		return ""
	}
	b, _ := json.Marshal(v)
	return " " + string(b)
}

func pastKey(r heed.Run) string {
	if r.Key == "" {
		return r.Journey
	}
	return r.Journey + "/" + r.Key
}

func (w *world) rows(id heed.ID) {
	w.must(w.d.Read(w.ctx, func(q db.Querier) error {
		rows, err := journey.OfPerson(w.ctx, q, id, heed.ID{}, 0)
		slices.Reverse(rows)
		for _, r := range rows {
			s := fmt.Sprintf("%s v%d %s at %s", r.Journey, r.Version, r.State, r.Node)
			if r.Reason != "" {
				s += " (" + r.Reason + ")"
			}
			if r.Goal > 0 {
				s += " goal " + r.Goal.String()
			}
			if r.Why != "" {
				s += ": " + r.Why
			}
			w.say("%s", s)
		}
		if len(rows) == 0 {
			w.say("no rows")
		}
		return err
	}))
}

func (w *world) counts(name string) {
	w.must(w.d.Read(w.ctx, func(q db.Querier) error {
		here, ended, err := journey.Counts(w.ctx, q, name, 0)
		for _, c := range here {
			w.say("%s at %s: %d %s", c.Journey, c.Node, c.Runs, c.State)
		}
		for _, c := range ended {
			w.say("%s ended %s: %d, %d at the goal", c.Journey, c.Reason, c.Runs, c.Goals)
		}
		return err
	}))
}
