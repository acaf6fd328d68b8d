package rule

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/heedcx/heed"
)

// Mixed is a rule of which memory answers one part and history the others, for a list of people before anybody has
// counted what the rule needs. History first says for whom each of Parts holds; StateSQL then puts it all together.
type Mixed struct {
	// Parts ask about events alone. None of them holds for someone to whom nothing has happened, so that their sets
	// are as small as they can be.
	Parts []*Rule
	root  node
}

// inHistory is the kind of a part that was taken out. Check knows no such kind, so nobody can write it in a rule.
const inHistory Kind = "in history"

// Split takes the largest parts out of the rule that ask about events alone and need something that is not counted.
func (r *Rule) Split(counted func(CounterSpec) bool) (*Mixed, error) {
	s := splitter{counted: counted, out: &Mixed{}}
	e := s.expr(r.expr)
	s.out.root = compile(e)
	return s.out, s.err
}

type splitter struct {
	counted func(CounterSpec) bool
	out     *Mixed
	err     error
}

func (s *splitter) expr(e *Expr) *Expr {
	if s.past(e) {
		return s.take(e)
	}
	if !isGroup(e.Kind) {
		return e
	}
	var rest, past []*Expr
	for _, k := range e.Of {
		if s.past(k) {
			past = append(past, k)
		} else {
			rest = append(rest, s.expr(k))
		}
	}
	switch len(past) {
	case 0:
	case 1:
		rest = append(rest, s.take(past[0]))
	default: // one question about several things, not several questions
		rest = append(rest, s.take(&Expr{Kind: e.Kind, Of: past}))
	}
	return &Expr{Kind: e.Kind, Of: rest}
}

// past says whether history must answer e, and can.
func (s *splitter) past(e *Expr) bool {
	events, missing := true, false
	walk(e, func(e *Expr) {
		switch e.Kind {
		case All, Any, Not, Everyone, Nobody, Did, Then, First, Last:
		default:
			events = false
		}
	})
	for _, c := range Counters(e) {
		missing = missing || !s.counted(c)
	}
	return events && missing
}

func (s *splitter) take(e *Expr) *Expr {
	part, err := New(e)
	except := err == nil && part.Eval(&heed.Person{}, nil, 0)
	if except {
		part, err = New(&Expr{Kind: Not, Of: []*Expr{e}})
	}
	if err != nil {
		s.err = err // one level deeper than a rule may nest
		return e
	}
	out := &Expr{Kind: inHistory, Count: &Count{N: len(s.out.Parts)}}
	s.out.Parts = append(s.out.Parts, part)
	if except {
		out = &Expr{Kind: Not, Of: []*Expr{out}}
	}
	return out
}

// StateSQL is [Rule.StateSQL] for the whole rule: what to select from (person under the alias p, on PostgreSQL joined
// with the people of the parts) and the condition. sets are the people of each part; they are the first parameters.
func (m *Mixed) StateSQL(d Dialect, now heed.Time, sets [][]heed.ID) (from, cond string, args []any, err error) {
	b := &sqlBuilder{d: d, now: now, first: 1}
	from = "person p"
	for i, set := range sets {
		if d == SQLite {
			b.args = append(b.args, hexSet(set))
			continue
		}
		list := make([][]byte, len(set))
		for i := range set {
			list[i] = set[i][:]
		}
		b.args = append(b.args, list)
		// A subquery of many people is looked through for every person when it does not fit work_mem; a join never is.
		from += fmt.Sprintf(" LEFT JOIN unnest(CAST($%d AS BYTEA[])) h%d(id) ON h%d.id = p.id", i+1, i, i)
	}
	cond = b.group(&m.root, b.state)
	return from, strings.Join(append(b.narrow(&m.root), cond), " AND "), b.args, b.err
}

// hexSet writes ids as a JSON array for SQLite, which has no arrays.
func hexSet(ids []heed.ID) string {
	b := make([]byte, 0, 2+len(ids)*35)
	b = append(b, '[')
	for i := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = hex.AppendEncode(b, ids[i][:])
		b = append(b, '"')
	}
	return string(append(b, ']'))
}

// narrow repeats what must hold in any case in words that let the engine begin with the people of history instead of
// with everybody.
func (b *sqlBuilder) narrow(root *node) (out []string) {
	must := []node{*root}
	if root.op == opAll {
		must = root.kids
	}
	for i := range must {
		if must[i].op == opInHistory {
			out = append(out, b.inHistory(&must[i]))
		}
	}
	return out
}

func (b *sqlBuilder) inHistory(n *node) string {
	if b.d == Postgres {
		return fmt.Sprintf("h%d.id IS NOT NULL", n.n)
	}
	return fmt.Sprintf("p.id IN (SELECT unhex(value) FROM json_each($%d))", n.n+1)
}
