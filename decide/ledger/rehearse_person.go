package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
)

// chunk makes the decisions about some people again, in the order in which they were made.
func (h *rehearsal) chunk(ctx context.Context, q db.Querier, ids []heed.ID, people []*heed.Person, from heed.Time) error {
	today := make(map[heed.ID]*heed.Person, len(ids))
	marks, args := make([]string, len(ids)), make([]any, len(ids), len(ids)+1)
	for i, id := range ids {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
		today[id] = people[i]
	}
	rows, err := decisionsOf(q.QuerySQL(ctx, fmt.Sprintf(`SELECT id, at, person, message, journey, node, channel, purpose, outcome, reason, rule, text, until, dry, asked_by,
  CASE WHEN at >= $%d THEN inputs ELSE '' END FROM decision
WHERE person IN (%s) AND id >= $%d AND dry = 0 ORDER BY person, id`, len(ids)+1, strings.Join(marks, ", "), len(ids)+2), append(args, int64(h.out.Since), floor(from))...))
	if err != nil {
		return err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Person == rows[0].Person {
			n++
		}
		h.person(rows[:n], today[rows[0].Person])
		rows = rows[n:]
	}
	return nil
}

// person makes the decisions about one person again.
func (h *rehearsal) person(rows []Row, today *heed.Person) {
	h.about(rows, today)
	before, after := h.before.start(today), h.after.start(today)
	looked := int64(0)
	for i := range rows {
		r := &rows[i]
		if r.At >= h.out.Until {
			break
		}
		if r.At < h.out.Since || len(r.Inputs) <= len("{}") {
			if r.At >= h.out.Since {
				h.out.Silent++
			}
			if r.Outcome == heed.Send {
				before.went(r)
				after.went(r)
			}
			continue
		}
		was, _, err := before.again(r)
		would, guessed, err2 := after.again(r)
		if err != nil || err2 != nil {
			h.out.Silent++
			continue
		}
		looked = 1
		h.out.Decisions++
		h.note(r, was, would, guessed)
	}
	h.out.People += looked
}

func (h *rehearsal) note(r *Row, was, would heed.Decision, guessed bool) {
	h.line(r.Decision()).Recorded++
	if was.Outcome != "" {
		h.line(was).Before++
	}
	if would.Outcome != "" {
		h.line(would).After++
	}
	if guessed {
		h.out.Guessed++
	}
	if was.Outcome == would.Outcome && was.Reason == would.Reason && was.Rule == would.Rule && was.Until == would.Until {
		return
	}
	h.out.Changed++
	kind := [2]string{was.Reason + was.Rule, would.Reason + would.Rule}
	if h.kinds[kind]++; h.kinds[kind] <= maxOfKind && len(h.out.Examples) < maxExamples {
		h.out.Examples = append(h.out.Examples, Change{Row: *r, Before: was, After: would, Guessed: guessed})
	}
}

func (h *rehearsal) line(d heed.Decision) *Line {
	key := Line{Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule}
	if h.lines[key] == nil {
		l := key
		h.lines[key] = &l
	}
	return h.lines[key]
}

// close puts what was counted in order.
func (h *rehearsal) close() {
	for _, l := range h.lines {
		h.out.Lines = append(h.out.Lines, *l)
	}
	slices.SortFunc(h.out.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(max(b.Before, b.After), max(a.Before, a.After)), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Rule, b.Rule))
	})
	h.out.Topics = sortedTopics(h.topics)
	slices.SortFunc(h.out.Examples, func(a, b Change) int { return -cmp.Compare(a.Row.At, b.Row.At) })
}

// retelling is what happens to one person under one set of rules.
type retelling struct {
	*side
	today    *heed.Person
	contacts heed.Person          // of which the contacts are used: what caps count
	over     map[heed.ID]struct{} // messages that have gone or were dropped
}

func (s *side) start(today *heed.Person) *retelling {
	return &retelling{side: s, today: today, contacts: heed.Person{Contacts: []heed.Contact{}}, over: map[heed.ID]struct{}{}}
}

// went notes what is taken from the ledger as it is.
func (r *retelling) went(row *Row) {
	in := row.Intent()
	r.policy.Reserve(&r.contacts, &in, row.At)
}

// again makes one decision. It is zero for a message about which there is nothing to decide any more.
func (r *retelling) again(row *Row) (heed.Decision, bool, error) {
	if _, over := r.over[row.Message]; over && !row.Message.IsZero() {
		return heed.Decision{}, false, nil
	}
	d, guessed, err := decide.Rehearse(r.policy, decide.Past{Inputs: row.Inputs, Contacts: r.contacts.Contacts, Today: r.today,
		Holds: func(name string) bool { since, ok := r.since[name]; return ok && since <= row.At }})
	if err != nil {
		return d, false, err
	}
	if d.Outcome == heed.Send {
		r.went(row)
	} else {
		decide.Release(&r.contacts, row.Message) // a sender asked once more
	}
	if d.Outcome != heed.Hold && d.Outcome != row.Outcome { // what the ledger says next of this message does not come up
		r.over[row.Message] = struct{}{}
	}
	return d, guessed, nil
}
