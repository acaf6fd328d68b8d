package app

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tidwall/gjson"

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
			err = a.history.store.Query(ctx, sql, []any{"journey:" + journey, strconv.Itoa(version)}, limits, row)
		}
	}
	property := a.history.store.Dialect().Property
	facts := ` FROM event e WHERE e.type = 'run_changed' AND e.source = $1 AND ($2 = '0' OR ` + property("version") + ` = $2)`
	arrived := map[string]int64{}
	ask(`SELECT `+property("path")+`, count(*)`+facts+` AND e.name IN ('moved', 'ended') GROUP BY 1`, func(r insight.Row) error {
		var path string
		var n int64
		err := r.Scan(&path, &n)
		for _, node := range gjson.Parse(path).Array() {
			arrived[node.Str] += n
		}
		return err
	})
	for _, node := range slices.Sorted(maps.Keys(arrived)) {
		out = append(out, passage{node: node, arrived: arrived[node]})
	}
	ask(`SELECT `+property("node")+`, `+property("reason")+`, count(*)`+facts+` AND e.name = 'ended' GROUP BY 1, 2`, func(r insight.Row) error {
		var node, reason string
		var p passage
		err := r.Scan(&node, &reason, &p.left)
		p.node, p.reason = gjson.Parse(node).String(), gjson.Parse(reason).String()
		out = append(out, p)
		return err
	})
	return out, err
}
