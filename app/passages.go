package app

import (
	"context"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// passagesEvery is how often it is counted anew how many have passed the nodes of a journey: it asks history.
const passagesEvery = 5 * time.Second

// passage counts how many runs came to a node, and how many ended there for one reason; reason "" counts arrivals.
type passage struct {
	node, reason  string
	arrived, left int64
}

// passages counts what has passed the nodes of journeys, remembered for a moment because everybody who looks at a journey
// asks again and again.
type passages struct {
	mu  sync.Mutex
	got map[passagesOf]*remembered
}

type passagesOf struct {
	journey string
	version int
}

type remembered struct {
	asked heed.Time
	rows  []passage
}

func newPassages() *passages { return &passages{got: map[passagesOf]*remembered{}} }

// get never fails: without history, or when it does not answer, the latest counts stand.
func (p *passages) get(ctx context.Context, a *App, journey string, version int) []passage {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := passagesOf{journey, version}
	r := p.got[k]
	if r == nil {
		if len(p.got) > 1000 { // names come from requests
			clear(p.got)
		}
		r = &remembered{}
		p.got[k] = r
	}
	now := a.clock.Now()
	if a.history == nil || r.asked != 0 && now.Sub(r.asked) < passagesEvery {
		return r.rows
	}
	r.asked = now
	rows, err := a.passages(ctx, journey, version)
	if err != nil {
		a.log.Warn("history does not say what has passed the nodes of a journey", "journey", journey, "error", err)
		return r.rows
	}
	r.rows = rows
	return rows
}

func (a *App) passages(ctx context.Context, journey string, version int) (out []passage, err error) {
	limits := insight.Limits{Rows: 10_000, Time: heed.Time((10 * time.Second).Microseconds())}
	ask := func(sql string, row func(insight.Row) error) {
		if err == nil {
			err = a.history.store.Query(ctx, sql, []any{"journey:" + journey, version}, limits, row)
		}
	}
	const facts = ` FROM event WHERE type = 'run_changed' AND source = $1 AND properties IS NOT NULL AND ($2 = 0 OR CAST(json_extract(properties, '$.version') AS INTEGER) = $2)`
	ask(`SELECT node, count(*) FROM (SELECT unnest(json_extract_string(properties, '$.path[*]')) AS node`+facts+` AND name IN ('moved', 'ended')) AS passed GROUP BY node`, func(r insight.Row) error {
		var p passage
		err := r.Scan(&p.node, &p.arrived)
		out = append(out, p)
		return err
	})
	ask(`SELECT json_extract_string(properties, '$.node') AS node, json_extract_string(properties, '$.reason') AS reason, count(*)`+facts+` AND name = 'ended' GROUP BY ALL`, func(r insight.Row) error {
		var p passage
		err := r.Scan(&p.node, &p.reason, &p.left)
		out = append(out, p)
		return err
	})
	return out, err
}
