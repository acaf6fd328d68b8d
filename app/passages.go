package app

import (
	"context"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// passage counts how many runs came to a node, and how many ended there, by reason.
type passage struct {
	arrived int64
	left    map[string]int64
}

// passagesOf names the runs of one version of a journey; version "0" are those of all.
type passagesOf struct{ journey, version string }

// passages is what has passed the nodes of journeys.
type passages map[passagesOf]map[string]*passage

func (p passages) at(journey, version, node string) *passage {
	of := passagesOf{journey, version}
	if p[of] == nil {
		p[of] = map[string]*passage{}
	}
	if p[of][node] == nil {
		p[of][node] = &passage{left: map[string]int64{}}
	}
	return p[of][node]
}

// openPassages keeps what has passed the nodes of journeys: that is about every step of every run. It begins at once.
func (a *App) openPassages() *slow[passages] {
	s := newSlow(a.clock, a.log, a.historyMark, a.countPassages)
	s.want()
	a.parts.Go("what has passed the nodes of journeys", s.run)
	return s
}

// maxPassages bounds the paths that are told apart.
const maxPassages = 200_000

func (a *App) countPassages(ctx context.Context) (passages, error) {
	property := a.history.store.Dialect().Property
	ended := func(name string) string { return "CASE WHEN e.name = 'ended' THEN " + property(name) + " ELSE '' END" }
	out := passages{}
	err := a.history.store.Query(ctx, `SELECT e.source, e.name, `+property("version")+`, `+property("path")+`, `+ended("node")+`, `+ended("reason")+`, count(*)
		FROM event e WHERE e.type = 'run_changed' AND e.name IN ('moved', 'ended') GROUP BY 1, 2, 3, 4, 5, 6`, nil,
		insight.Limits{Rows: maxPassages, Time: heed.Time(slowTime.Microseconds())}, func(r insight.Row) error {
			var source, name, version, path, node, reason string
			var n int64
			err := r.Scan(&source, &name, &version, &path, &node, &reason, &n)
			journey := strings.TrimPrefix(source, "journey:")
			for _, v := range []string{"0", version} {
				for _, came := range gjson.Parse(path).Array() {
					out.at(journey, v, came.Str).arrived += n
				}
				if name == "ended" {
					out.at(journey, v, gjson.Parse(node).String()).left[gjson.Parse(reason).String()] += n
				}
			}
			return err
		})
	return out, err
}
