package app

import (
	"context"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/clock"
)

// trends answers api.Trends from history.
type trends struct {
	store insight.Store
	clock clock.Clock
	month *slow[[]api.Trend] // what the console shows
}

// monthDays is the month that is kept: it is about every event in it.
const monthDays = 30

func (a *App) openTrends() *slow[[]api.Trend] {
	t := trends{store: a.history.store, clock: a.clock}
	s := newSlow(a.clock, a.log, a.historyMark, func(ctx context.Context) ([]api.Trend, error) { return t.count(ctx, monthDays) })
	a.parts.Go("events by day", s.run)
	return s
}

const dayLong = heed.Time(24 * time.Hour / time.Microsecond)

// maxKinds bounds the kinds of events that are counted by day.
const maxKinds = 5000

// Trends implements api.Trends.
func (t trends) Trends(ctx context.Context, days int) ([]api.Trend, error) {
	if days == monthDays {
		return t.month.get(ctx)
	}
	return t.count(ctx, days)
}

func (t trends) count(ctx context.Context, days int) ([]api.Trend, error) {
	now := t.clock.Now()
	first := now - now%dayLong - heed.Time(days-1)*dayLong
	type kind struct{ typ, name string }
	at := map[kind]int{}
	var out []api.Trend
	err := t.store.Query(ctx, `SELECT type, name, d, count(*) FROM (
		SELECT type, name, CAST(floor((ts - $1) / 86400000000.0) AS BIGINT) AS d FROM event WHERE ts >= $1 AND ts < $2) AS seen GROUP BY type, name, d ORDER BY type, name, d`,
		[]any{int64(first), int64(first + heed.Time(days)*dayLong)}, insight.Limits{Rows: maxKinds * 90}, func(r insight.Row) error {
			var k kind
			var day, n int64
			if err := r.Scan(&k.typ, &k.name, &day, &n); err != nil {
				return err
			}
			i, ok := at[k]
			if !ok {
				i = len(out)
				at[k] = i
				out = append(out, api.Trend{Type: k.typ, Name: k.name, Days: make([]int64, days)})
			}
			if day >= 0 && day < int64(days) {
				out[i].Days[day] = n
			}
			return nil
		})
	return out, err
}
