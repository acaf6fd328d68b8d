package broadcast

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/proportion"
	"github.com/heedcx/heed/rule"
)

// History answers a SELECT over everything that ever happened, in SQL over the tables event and keymap; the history
// store does.
type History interface {
	// Dialect is the SQL in which a condition on events is asked.
	Dialect() rule.Dialect
	Query(ctx context.Context, sql string, args []any, row func(scan func(dest ...any) error) error) error
}

// Group is the people of one variant, or those held out, and how many of them came to the goal.
type Group struct {
	Variant         string
	HeldOut         bool
	People, Reached int64
	Share           proportion.Interval // of people who reached it, at 95%
}

// Effect is how much more often people came to the goal than those who were held out.
type Effect struct {
	Variant string              // "" is everybody who was not held out
	More    proportion.Interval // the difference of the shares, at 95%
}

// Measured is how a broadcast did on a goal.
type Measured struct {
	Goal    Goal
	Groups  []Group
	Effects []Effect // empty when nobody was held out
	// Open says until when people may still come to the goal: the time of the last turn plus the goal's window.
	Open heed.Time
}

// reached counts people by variant. A person's first turn counts; whoever was merged since counts with who they are now.
const reached = `WITH turns AS (
  SELECT k.person AS person, min(e.ts) AS at, min_by(e.properties, e.ts) AS about
  FROM event e JOIN keymap k ON k.key = e.key WHERE e.type = 'broadcast_turn' AND e.name = $1 GROUP BY k.person
), hits AS (
  SELECT DISTINCT t.person AS person FROM turns t JOIN keymap k ON k.person = t.person JOIN event e ON e.key = k.key
  WHERE e.ts >= t.at AND e.ts < t.at + $2 AND %s
)
SELECT t.about, count(*), count(h.person), max(t.at) FROM turns t LEFT JOIN hits h ON h.person = t.person GROUP BY t.about ORDER BY t.about`

// Measure counts who came to the goal within its window after their turn, in each variant and among those who were held
// out. Everybody whose turn came counts, whatever decide let through: only so does the lot alone tell the groups apart.
func Measure(ctx context.Context, h History, name string, g Goal) (Measured, error) {
	if g.Within <= 0 {
		g.Within = defaultWithin
	}
	m := Measured{Goal: g}
	var last heed.Time
	meant, err := g.means()
	if err != nil {
		return m, err
	}
	is, args, err := rule.EventSQL(h.Dialect(), &meant, 3)
	if err != nil {
		return m, err
	}
	err = h.Query(ctx, fmt.Sprintf(reached, is), append([]any{name, int64(g.Within)}, args...), func(scan func(dest ...any) error) error {
		var about string
		var x Group
		var at int64
		if err := scan(&about, &x.People, &x.Reached, &at); err != nil {
			return err
		}
		var lot struct {
			Variant string `json:"variant"`
			HeldOut bool   `json:"held_out"`
		}
		if err := json.Unmarshal([]byte(about), &lot); err != nil {
			return err
		}
		x.Variant, x.HeldOut = lot.Variant, lot.HeldOut
		m.add(x)
		last = max(last, heed.Time(at))
		return nil
	})
	if err != nil {
		return m, err
	}
	if last > 0 {
		m.Open = last + g.Within
	}
	m.compare()
	return m, nil
}

// add takes in one group. Those held out are one group: nothing tells their variants apart.
func (m *Measured) add(x Group) {
	if x.HeldOut {
		x.Variant = ""
		for i := range m.Groups {
			if g := &m.Groups[i]; g.HeldOut {
				g.People, g.Reached = g.People+x.People, g.Reached+x.Reached
				return
			}
		}
	}
	m.Groups = append(m.Groups, x)
}

// compare holds each variant, and all of them together, against those who were held out.
func (m *Measured) compare() {
	var out, all Group
	for i := range m.Groups {
		g := &m.Groups[i]
		g.Share = proportion.Wilson(g.Reached, g.People)
		if g.HeldOut {
			out = *g
			continue
		}
		all.People, all.Reached = all.People+g.People, all.Reached+g.Reached
	}
	if out.People == 0 || all.People == 0 {
		return
	}
	m.Effects = append(m.Effects, Effect{"", proportion.Difference(all.Reached, all.People, out.Reached, out.People)})
	for _, g := range m.Groups {
		if !g.HeldOut && g.Variant != "" {
			m.Effects = append(m.Effects, Effect{g.Variant, proportion.Difference(g.Reached, g.People, out.Reached, out.People)})
		}
	}
}

// GoalOf is the goal that a broadcast's document names; nil when it names none.
func (x *Run) GoalOf() (*Goal, error) {
	p, err := x.plan()
	if err != nil {
		return nil, err
	}
	return p.goal, nil
}
