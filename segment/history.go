package segment

import (
	"context"
	"fmt"
	"iter"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// History knows every event since the beginning.
type History interface {
	// Reached is how far history has come, per partition of the stream.
	Reached(ctx context.Context) (stream.Position, error)
	// Counters yields what the counters are over the events up to a position, by key (see docs/architecture.md,
	// "Identity and history keys"), for keys after the given one. Events that were erased are not among them.
	Counters(ctx context.Context, specs []rule.CounterSpec, until stream.Position, after heed.ID) iter.Seq2[Counted, error]
	// People are those for whom a rule about events alone holds at now: how many, and at most limit of them.
	People(ctx context.Context, r *rule.Rule, now heed.Time, limit int) (int64, []heed.ID, error)
}

// Counted is one counter of one key.
type Counted struct {
	Key heed.ID
	ID  string // of the counter
	heed.Counter
}

// Keys tells whose a history key is now; identity knows.
type Keys interface {
	// People returns the person of each key, in that order; the zero ID for a key of nobody who is there.
	People(ctx context.Context, q db.Querier, keys []heed.ID) ([]heed.ID, error)
}

// KeysFunc is a Keys.
type KeysFunc func(ctx context.Context, q db.Querier, keys []heed.ID) ([]heed.ID, error)

// People implements Keys.
func (f KeysFunc) People(ctx context.Context, q db.Querier, keys []heed.ID) ([]heed.ID, error) {
	return f(ctx, q, keys)
}

// SQLHistory is a History over a store that has the tables of rule.CountersSQL.
type SQLHistory struct {
	Dialect rule.Dialect // of the store: rule.DuckDB or rule.ClickHouse
	// Query runs a statement and hands each row's Scan to row, which takes *heed.ID for a UUID column.
	Query func(ctx context.Context, sql string, args []any, row func(scan func(dest ...any) error) error) error
	// Position is how far the store has come.
	Position func(ctx context.Context) (stream.Position, error)
}

var _ History = SQLHistory{}

// Reached implements History.
func (h SQLHistory) Reached(ctx context.Context) (stream.Position, error) { return h.Position(ctx) }

// Counters implements History.
func (h SQLHistory) Counters(ctx context.Context, specs []rule.CounterSpec, until stream.Position, after heed.ID) iter.Seq2[Counted, error] {
	return func(yield func(Counted, error) bool) {
		sql, args, err := rule.CountersSQL(h.Dialect, specs, until, after)
		if err != nil {
			yield(Counted{}, err)
			return
		}
		stopped := false
		err = h.Query(ctx, sql, args, func(scan func(dest ...any) error) error {
			var c Counted
			var recent string
			var first, last int64
			if err := scan(&c.Key, &c.ID, &c.N, &first, &last, &recent); err != nil {
				return err
			}
			var err error
			c.First, c.Last = heed.Time(first), heed.Time(last)
			if c.Recent, err = rule.ParseRecent(recent); err != nil {
				return err
			}
			if !yield(c, nil) {
				stopped = true
				return errStop
			}
			return nil
		})
		if err != nil && !stopped {
			yield(Counted{}, err)
		}
	}
}

var errStop = fmt.Errorf("segment: enough")

// People implements History.
func (h SQLHistory) People(ctx context.Context, r *rule.Rule, now heed.Time, limit int) (n int64, sample []heed.ID, err error) {
	sql, args, err := r.HistorySQL(h.Dialect, now)
	if err != nil {
		return 0, nil, err
	}
	err = h.Query(ctx, fmt.Sprintf("SELECT person, count(*) OVER () AS n FROM (%s) AS held ORDER BY person LIMIT %d", sql, max(limit, 1)), args, func(scan func(dest ...any) error) error {
		var id heed.ID
		if err := scan(&id, &n); err != nil {
			return err
		}
		if len(sample) < limit {
			sample = append(sample, id)
		}
		return nil
	})
	return n, sample, err
}
