package ledger

import (
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/spec"
)

// Today is a decision of the ledger and what today's rules would have said in its place.
type Today struct {
	Stored  Row
	Now     heed.Decision
	Same    bool        // outcome, reason, rule and moment agree
	Guessed bool        // the answer also rests on the person as they are today
	Changed []spec.Spec // what has been changed in the rules since, the newest first; their latest versions
}

// Today makes a decision of the ledger again from its inputs, with the rules that are in force now. Caps count what the
// ledger says has gone. A heed.Conflict says that the inputs are not on record.
func (l *Ledger) Today(ctx context.Context, id heed.ID, memory Memory) (out Today, err error) {
	err = l.db.Read(ctx, func(q db.Querier) error {
		if out.Stored, err = scanDecision(q.QueryRow(ctx, "ledger.decision", id)); err != nil {
			return missing(err, "decision", id)
		}
		row := &out.Stored
		if len(row.Inputs) <= len("{}") {
			return heed.Errorf(heed.Conflict, "This decision cannot be replayed: its inputs are not on record, or its person was erased.")
		}
		set, err := spec.Current(ctx, q)
		if err != nil {
			return err
		}
		if out.Changed, err = l.changedSince(ctx, q, row.At); err != nil {
			return err
		}
		people := []*heed.Person{nil}
		if !row.Person.IsZero() {
			if people, err = memory.GetEach(ctx, q, []heed.ID{row.Person}); err != nil {
				return err
			}
		}
		r := sideOf(set, nil, l.lang).start(people[0])
		sent, err := decisionsOf(q.QuerySQL(ctx, `SELECT id, at, person, message, journey, node, channel, purpose, outcome, reason, rule, text, until, dry, asked_by, ''
FROM decision WHERE person = $1 AND id >= $2 AND id < $3 AND dry = 0 AND outcome = 'send' ORDER BY id`, row.Person, floor(row.At-r.policy.Remembers()), row.ID))
		if err != nil {
			return err
		}
		for i := range sent {
			r.went(&sent[i])
		}
		decide.Release(&r.contacts, row.Message)
		out.Now, out.Guessed, err = r.again(row)
		return err
	})
	s, n := out.Stored, out.Now
	out.Same = s.Outcome == n.Outcome && s.Reason == n.Reason && s.Rule == n.Rule && s.Until == n.Until
	return out, err
}

// changedSince lists the documents that decisions rest on whose latest version is younger than t.
func (l *Ledger) changedSince(ctx context.Context, q db.Querier, t heed.Time) ([]spec.Spec, error) {
	rows, err := q.QuerySQL(ctx, `SELECT kind, name, version, deleted, made_at, made_by FROM spec AS s
WHERE made_at > $1 AND kind IN ('brand', 'purpose', 'rule', 'cap', 'quiet_hours')
  AND version = (SELECT MAX(version) FROM spec AS n WHERE n.kind = s.kind AND n.name = s.name) ORDER BY made_at DESC, kind, name LIMIT 50`, t)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []spec.Spec
	for rows.Next() {
		var s spec.Spec
		var deleted int64
		if err := rows.Scan(&s.Kind, &s.Name, &s.Version, &deleted, &s.MadeAt, &s.MadeBy); err != nil {
			return nil, err
		}
		s.Deleted = deleted != 0
		out = append(out, s)
	}
	return slices.Clip(out), rows.Err()
}
