package ledger

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
)

// Memory reads people without locking them.
type Memory interface {
	// GetEach returns one person per id, nil for who is not there any more.
	GetEach(ctx context.Context, q db.Querier, ids []heed.ID) ([]*heed.Person, error)
	// Count gives people the counters that memory does not keep, from history. It is false when there is no history.
	Count(ctx context.Context, q db.Querier, counters []rule.CounterSpec, people []*heed.Person) (bool, error)
}

// Rehearsal is what a stretch of the ledger would have said under other rules. Each decision is made again from the
// inputs on record, once under the rules in force (Before) and once under the draft (After), so that the difference is
// the draft's doing. Caps count what would have gone under the respective rules.
type Rehearsal struct {
	Since, Until heed.Time
	Total        int64    // decisions on record in that time, questions that sent nothing among them
	People       int64    // whose decisions were made again
	Decisions    int64    // that were made again
	Rate         float64  // share of the people that were looked at, 0..1; 1 is everybody
	Silent       int64    // whose inputs are not on record: left out
	Guessed      int64    // whose answer under the draft also rests on the person as they are today
	Blind        []string // events that the draft counts and nobody has counted: taken as if they had never happened
	Changed      int64    // decisions that the draft answers differently
	Lines        []Line   // by outcome, reason and rule
	Examples     []Change // of those that changed, the newest first, some of each kind
	Topics       []Topic  // that the draft lets people choose, or no longer, by name
}

// Line counts decisions with one outcome, reason and rule.
type Line struct {
	Outcome  heed.Outcome
	Reason   string
	Rule     string
	Recorded int64 // as they were made
	Before   int64 // under the rules in force
	After    int64 // under the draft
}

// Change is one decision that the draft answers differently. A zero Before or After is a decision that would not have
// been asked for: its message had gone or been dropped before.
type Change struct {
	Row           Row
	Before, After heed.Decision
	Guessed       bool
}

// Bounds of a rehearsal.
const (
	rehearseMost  = 20_000 // decisions, about: more are sampled by person
	rehearseChunk = 100    // people at a time
	maxExamples   = 40
	maxOfKind     = 5
)

// Rehearse makes the decisions since then again under the documents of draft. Those in force are current.
func (l *Ledger) Rehearse(ctx context.Context, current, draft spec.Set, since heed.Time, memory Memory) (*Rehearsal, error) {
	h := &rehearsal{out: Rehearsal{Since: since, Until: l.clock.Now(), Rate: 1}, lines: map[Line]*Line{}, kinds: map[[2]string]int{}, topics: changedTopics(current, draft)}
	h.before, h.after = sideOf(current, nil, l.lang), sideOf(draft, current, l.lang)
	reach := max(h.before.policy.Remembers(), h.after.policy.Remembers())
	err := l.db.Read(ctx, func(q db.Querier) error {
		ids, err := h.sample(ctx, q)
		if err != nil {
			return err
		}
		people, err := memory.GetEach(ctx, q, ids)
		if err != nil {
			return err
		}
		if err := h.count(ctx, q, memory, people); err != nil {
			return err
		}
		for at := 0; at < len(ids); at += rehearseChunk {
			end := min(len(ids), at+rehearseChunk)
			if err := h.chunk(ctx, q, ids[at:end], people[at:end], since-reach); err != nil {
				return err
			}
		}
		return nil
	})
	h.close()
	return &h.out, err
}

// count sees to it that what the draft counts and memory does not is known of the people.
func (h *rehearsal) count(ctx context.Context, q db.Querier, memory Memory, people []*heed.Person) error {
	there := slices.DeleteFunc(slices.Clone(people), func(p *heed.Person) bool { return p == nil })
	fresh := slices.DeleteFunc(decide.Counters(h.after.docs), func(c rule.CounterSpec) bool {
		return slices.ContainsFunc(there, func(p *heed.Person) bool { return p.Counters[c.ID] != nil })
	})
	if len(fresh) == 0 || len(there) == 0 {
		return nil
	}
	ok, err := memory.Count(ctx, q, fresh, there)
	if !ok {
		for _, c := range fresh {
			h.out.Blind = append(h.out.Blind, c.Text)
		}
	}
	return err
}

type rehearsal struct {
	out           Rehearsal
	before, after *side
	lines         map[Line]*Line
	kinds         map[[2]string]int
	topics        map[string]*Topic // that change
}

// side is one of the two sets of rules.
type side struct {
	policy *decide.Policy
	since  map[string]heed.Time // relationship rules whose text answers what the ledger recorded from then on
	docs   []decide.Doc
}

// sideOf compiles a set. Of a draft, a rule whose text is the one in force answers what that one answered.
func sideOf(set, inForce spec.Set, lang decide.Language) *side {
	s := &side{since: map[string]heed.Time{}}
	for _, kind := range decide.Kinds() {
		s.docs = append(s.docs, docsOf(set.Of(kind))...)
	}
	s.policy, _ = decide.Compile(s.docs, lang) // what is broken says no, as it does in force
	for _, x := range set.Of(spec.Rule) {
		made := x.MadeAt
		if inForce != nil {
			was, ok := inForce.Get(x.Kind, x.Name)
			if !ok || forbidOf(was) != forbidOf(x) {
				continue
			}
			made = was.MadeAt
		}
		s.since[x.Name] = made
	}
	return s
}

// forbidOf is the canonical text of what a rule forbids, "" when it cannot be read.
func forbidOf(x spec.Spec) string {
	r, err := decide.RuleOf(decide.Doc{Kind: x.Kind, Name: x.Name, Body: x.Body})
	if err != nil {
		return ""
	}
	return r.String()
}

// sample chooses the people to look at: all of them when there are few decisions, else those whose ids end low, which is
// as good as at random.
func (h *rehearsal) sample(ctx context.Context, q db.Querier) ([]heed.ID, error) {
	from, to := floor(h.out.Since), floor(h.out.Until.Add(1e6))
	if err := scanOne(ctx, q, "SELECT COUNT(*) FROM decision WHERE id >= $1 AND id < $2", &h.out.Total, from, to); err != nil {
		return nil, err
	}
	sql, args := "SELECT DISTINCT person FROM decision WHERE id >= $1 AND id < $2 AND person IS NOT NULL ORDER BY person", []any{from, to}
	if h.out.Total > rehearseMost {
		share := max(1, min(1<<16-1, rehearseMost<<16/h.out.Total))
		h.out.Rate = float64(share) / (1 << 16)
		// Not over the ids of decisions but over the index of people, which alone holds all that this asks.
		sql = "SELECT DISTINCT person FROM decision WHERE person IS NOT NULL AND substr(person, 15, 2) < $1 AND substr(id, 1, 6) >= $2 ORDER BY person"
		args = []any{binary.BigEndian.AppendUint16(nil, uint16(share)), append([]byte(nil), from[:6]...)}
	}
	return db.IDs(q.QuerySQL(ctx, sql, args...))
}

func scanOne(ctx context.Context, q db.Querier, sql string, dest any, args ...any) error {
	rows, err := q.QuerySQL(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(dest); err != nil {
			return err
		}
	}
	return rows.Err()
}
