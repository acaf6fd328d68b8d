package script

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/journey"
)

// latest is how many lines of each kind a failure shows.
const latest = 6

// said is what was decided about a person and what was said to them, in plain words.
func (w *world) said(ctx context.Context, id heed.ID) []string {
	out := []string{"it is " + show(w.clock(), w.loc)}
	messages, err := w.v.Messages(ctx, id)
	if err != nil {
		return append(out, err.Error())
	}
	if len(messages) == 0 {
		out = append(out, "there is no message to them")
	}
	for _, m := range messages[max(0, len(messages)-latest):] {
		out = append(out, w.message(m))
	}
	decisions, err := w.v.Decisions(ctx, id)
	if err != nil {
		return append(out, err.Error())
	}
	for _, d := range decisions[max(0, len(decisions)-latest):] {
		out = append(out, fmt.Sprintf("%s: decided about %s by %s: %s %s, %s", show(d.At, w.loc), d.Purpose, d.Channel, d.Outcome, d.Reason, d.Text))
	}
	return out
}

func (w *world) message(m ledger.MessageRow) string {
	s := fmt.Sprintf("%s: message %s by %s for %s", show(m.Made, w.loc), or(m.Template, "without template"), m.Channel, m.Purpose)
	if m.Journey != "" {
		s += fmt.Sprintf(" (journey %s, node %s)", m.Journey, m.Node)
	}
	s += " is " + string(m.State)
	if m.Reason != "" && m.Reason != "OK" {
		s += " " + m.Reason
	}
	if m.State == heed.MessageHeld {
		s += " until " + show(m.Due, w.loc)
	}
	if m.Detail != "" {
		s += ": " + m.Detail
	}
	return s
}

// goes is where a person is in journeys.
func (w *world) goes(ctx context.Context, id heed.ID) []string {
	out := []string{"it is " + show(w.clock(), w.loc)}
	runs, err := w.v.Runs(ctx, id)
	if err != nil {
		return append(out, err.Error())
	}
	if len(runs) == 0 {
		out = append(out, "they were in no journey")
	}
	for _, r := range runs[max(0, len(runs)-latest):] {
		s := fmt.Sprintf("%s: entered %s version %d", show(r.Entered, w.loc), r.Journey, r.Version)
		if r.Key != "" {
			s += " for " + r.Key
		}
		if r.State == journey.StateEnded {
			s += fmt.Sprintf(", ended at %s on %s: %s", r.Node, show(r.Exited, w.loc), r.Reason)
		} else {
			why, _, _ := strings.Cut(r.Why, ", until ") // said in the script's words
			s += fmt.Sprintf(", %s at %s: %s", r.State, r.Node, why)
			if r.Due != 0 {
				s += ", until " + show(r.Due, w.loc)
			}
		}
		out = append(out, s)
	}
	return out
}

// collect takes what has followed from a statement, for later expectations and for the trace.
func (w *world) collect(ctx context.Context) {
	facts := w.v.Facts()
	for _, f := range facts {
		if f.Type == heed.TaskWanted {
			w.facts = append(w.facts, f)
		}
	}
	for _, name := range w.names {
		ids, err := w.who(name)
		if err != nil {
			continue
		}
		if p, err := w.v.Person(ctx, ids[0]); err == nil && w.ids[p.ID] == "" {
			w.ids[p.ID] = name
		}
	}
	w.traceFacts(facts)
}

func (w *world) traceStatement(s *statement) {
	if w.o.Trace == nil {
		return
	}
	w.printf("%-24s > %s\n", show(w.clock(), w.loc), s.text)
	for _, l := range s.block {
		w.printf("%-24s .   %s\n", "", l.text)
	}
}

func (w *world) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(w.o.Trace, format, args...)
}

func (w *world) traceFacts(facts []heed.Event) {
	if w.o.Trace == nil {
		return
	}
	for i := range facts {
		if text := w.fact(&facts[i]); text != "" {
			w.printf("%-24s   %s\n", show(facts[i].Timestamp, w.loc), text)
		}
	}
	handed := w.v.Handed()
	for _, h := range handed[w.handed:] {
		w.printf("%-24s   %s gets %s\n", show(h.At, w.loc), w.name(h.Message.Person), letter(h))
	}
	w.handed = len(handed)
}

func (w *world) name(id heed.ID) string { return or(w.ids[id], "somebody") }

// fact is one line about something that the stages concluded.
func (w *world) fact(f *heed.Event) string {
	who := w.name(f.Person)
	switch f.Type {
	case heed.SegmentEntered:
		return fmt.Sprintf("%s enters segment %s", who, f.Name)
	case heed.SegmentLeft:
		return fmt.Sprintf("%s leaves segment %s", who, f.Name)
	case heed.StageChanged:
		return fmt.Sprintf("%s is %s now", who, f.Name)
	case heed.TaskWanted:
		return fmt.Sprintf("task about %s: %s", who, f.Name)
	case heed.MessageDecided:
		var d ledger.Decided
		if json.Unmarshal(f.Properties, &d) != nil {
			return ""
		}
		s := fmt.Sprintf("%s, %s by %s: %s %s, %s", who, d.Purpose, d.Channel, d.Outcome, d.Reason, d.Text)
		if d.Until != 0 {
			s += " until " + show(d.Until, w.loc)
		}
		return s
	case heed.RunChanged:
		var r struct {
			Journey, Node, Key, Reason string
			Path                       []string
		}
		if json.Unmarshal(f.Properties, &r) != nil {
			return ""
		}
		s := fmt.Sprintf("%s, journey %s: %s", who, r.Journey, f.Name)
		if len(r.Path) > 0 {
			s += " " + strings.Join(r.Path, " > ")
		}
		if r.Reason != "" {
			s += " (" + r.Reason + ")"
		}
		return s
	}
	return ""
}
