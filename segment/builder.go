package segment

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// Builder makes what is new complete, in the background: it adds history to new counters, then looks at everyone once
// for new segments, and makes the members of removed ones leave. It works in small transactions, each of which notes
// how far it came, so that it goes on after a restart where it was. One per installation works at a time; a second one
// does no harm but work.
//
// The stages look at the people, through an Engine of the Builder's own: they are handed to it as Wake events.
type Builder struct {
	DB     db.DB
	Engine *stream.Engine // not shared with a worker
	// History and Keys may be nil together: counters then begin with what is counted live.
	History History
	Keys    Keys
	Log     *slog.Logger
	// Batch is how many people one transaction takes; 0 takes 500.
	Batch int
	// Idle is how long Run waits when there is nothing to do; 0 takes one second.
	Idle time.Duration
}

// Run works until ctx is done.
func (b *Builder) Run(ctx context.Context) {
	idle := b.Idle
	if idle == 0 {
		idle = time.Second
	}
	for ctx.Err() == nil {
		more, err := b.Step(ctx)
		if err != nil && ctx.Err() == nil {
			level := slog.LevelWarn
			if heed.CodeOf(err) == heed.Unavailable { // history is on its way
				level = slog.LevelDebug
			}
			b.Log.Log(ctx, level, "building segments waits and tries again", "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(idle):
		}
	}
}

// Step does the next piece of work and reports whether there may be more. A transient error, such as history that has
// not come far enough yet, leaves everything as it was.
func (b *Builder) Step(ctx context.Context) (more bool, err error) {
	if err := b.notice(ctx); err != nil {
		return false, err
	}
	builds, err := b.builds(ctx)
	if err != nil {
		return false, err
	}
	if len(builds) > 0 {
		return true, b.build(ctx, builds[0])
	}
	var all []Status
	err = b.DB.Read(ctx, func(q db.Querier) error {
		all, err = Statuses(ctx, q)
		return err
	})
	if err != nil {
		return false, err
	}
	waiting := false
	for _, s := range all {
		switch s.State {
		case Filling:
			return true, b.sweep(ctx, s.swept)
		case Waiting:
			waiting = true
		case Removing:
			return true, b.remove(ctx, s)
		}
	}
	if waiting {
		return true, b.fill(ctx, all)
	}
	return false, nil
}

// notice has the stage register what the specs ask for when no event has come since they changed.
func (b *Builder) notice(ctx context.Context) error {
	var revision, seen, tick, cutting int64
	err := b.DB.Read(ctx, func(q db.Querier) (err error) {
		if revision, err = spec.Revision(ctx, q); err != nil {
			return err
		}
		return q.QueryRow(ctx, "segment.state").Scan(&seen, &tick, &cutting)
	})
	if err != nil || seen >= revision {
		return err
	}
	return b.Engine.Process(ctx, nil, nil)
}

type build struct {
	id    int64
	state string
	after heed.ID
}

func (b *Builder) builds(ctx context.Context) (out []build, err error) {
	err = b.DB.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "segment.builds")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var x build
			var made heed.Time
			if err := rows.Scan(&x.id, &x.state, &x.after, &made); err != nil {
				return err
			}
			out = append(out, x)
		}
		return rows.Err()
	})
	return out, err
}

func (b *Builder) build(ctx context.Context, x build) error {
	if x.state == "cutting" {
		return b.cut(ctx, x)
	}
	if b.History == nil {
		return b.done(ctx, x)
	}
	specs, mode, until, err := b.wants(ctx, x)
	if err != nil {
		return err
	}
	reached, err := b.History.Reached(ctx)
	if err != nil {
		return err
	}
	for part, seq := range until {
		if reached[part] < seq {
			return heed.Errorf(heed.Unavailable, "history has come to %d of %d in partition %d", reached[part], seq, part)
		}
	}
	var group []Counted
	keys := 0
	var last heed.ID
	for c, err := range b.History.Counters(ctx, specs, until, x.after) {
		if err != nil {
			return err
		}
		if c.Key != last {
			if keys == b.batch() {
				if err := b.add(ctx, x, group, mode); err != nil {
					return err
				}
				group, keys = group[:0], 0
			}
			last = c.Key
			keys++
		}
		group = append(group, c)
	}
	if keys > 0 {
		if err := b.add(ctx, x, group, mode); err != nil {
			return err
		}
	}
	return b.done(ctx, x)
}

func (b *Builder) batch() int {
	if b.Batch > 0 {
		return b.Batch
	}
	return 500
}

// cut ends the time in which workers note from where on they count live. A partition in which nothing has come since
// is cut where it is; LockPositions makes sure that whoever folds on from there counts.
func (b *Builder) cut(ctx context.Context, x build) error {
	return b.DB.Write(ctx, func(tx db.Tx) error {
		positions, err := stream.LockPositions(ctx, tx)
		if err != nil {
			return err
		}
		for part, seq := range positions {
			if _, err := tx.Exec(ctx, "segment.cut", part, seq); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "segment.set_build", x.id, "counting"); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "segment.tick")
		return err
	})
}

// wants is what a build counts: the counters (with the steps of sequences), how each is added, and up to where.
func (b *Builder) wants(ctx context.Context, x build) (specs []rule.CounterSpec, mode map[string]string, until stream.Position, err error) {
	mode, until = map[string]string{}, stream.Position{}
	err = b.DB.Read(ctx, func(q db.Querier) error {
		rows, err := counterRows(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.build != x.id {
				continue
			}
			mode[r.id] = r.mode
			more, err := rule.CountersOf(r.text, r.depth)
			if err != nil {
				return err
			}
			specs = append(specs, more...)
		}
		cuts, err := q.Query(ctx, "segment.cuts", x.id)
		if err != nil {
			return err
		}
		defer cuts.Close()
		for cuts.Next() {
			var part int
			var seq uint64
			if err := cuts.Scan(&part, &seq); err != nil {
				return err
			}
			until[part] = seq
		}
		return cuts.Err()
	})
	return rule.Union(specs), mode, until, err
}

// add gives the people behind the keys of the group what history counted. Whose a key is, is asked in the transaction,
// so that a merge at the same time loses nothing.
func (b *Builder) add(ctx context.Context, x build, group []Counted, mode map[string]string) error {
	var keys []heed.ID
	byKey := map[heed.ID]*counted{}
	for i := range group {
		g := &group[i]
		c := byKey[g.Key]
		if c == nil {
			c = &counted{Counters: map[string]*heed.Counter{}}
			byKey[g.Key] = c
			keys = append(keys, g.Key)
		}
		m, ok := mode[g.ID]
		if !ok {
			continue // the step of a sequence that an earlier build counted
		}
		c.Counters[g.ID] = &g.Counter
		if m == modeDeepen {
			c.Deepen = append(c.Deepen, g.ID)
		}
	}
	return b.Engine.Process(ctx, nil, func(tx db.Tx, batch *stream.Batch) error {
		people, err := b.owners(ctx, tx, keys)
		if err != nil {
			return err
		}
		for i, id := range people {
			if id.IsZero() || len(byKey[keys[i]].Counters) == 0 {
				continue
			}
			text, err := json.Marshal(byKey[keys[i]])
			if err != nil {
				return err
			}
			batch.Events = append(batch.Events, wake(batch, id, wakeCount, text))
		}
		n, err := tx.Exec(ctx, "segment.build_after", x.id, keys[len(keys)-1])
		if err == nil && n == 0 {
			err = errors.New("segment: another process has finished the build")
		}
		return err
	})
}

// owners returns the people behind keys, locked, the zero ID for a key of nobody. It asks again under the locks: who
// was merged in between must not come back to life.
func (b *Builder) owners(ctx context.Context, tx db.Tx, keys []heed.ID) ([]heed.ID, error) {
	people, err := b.Keys.People(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	sorted := slices.Clone(people)
	slices.SortFunc(sorted, compareIDs)
	sorted = slices.Compact(sorted)
	there := map[heed.ID]bool{}
	err = tx.Each(ctx, "segment.lock_person", len(sorted), func(i int) []any { return []any{sorted[i]} }, func(i int, _ db.Row) error {
		there[sorted[i]] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	again, err := b.Keys.People(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(people, again) || len(people) != len(keys) {
		return nil, heed.Errorf(heed.Unavailable, "people were merged meanwhile")
	}
	for i, id := range people {
		if !there[id] {
			people[i] = heed.ID{}
		}
	}
	return people, nil
}

func wake(b *stream.Batch, id heed.ID, name string, properties []byte) *heed.Event {
	return &heed.Event{Type: heed.Wake, Name: name, Person: id, Timestamp: b.Now, ReceivedAt: b.Now, Properties: properties}
}

func (b *Builder) done(ctx context.Context, x build) error {
	return b.DB.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "segment.counters_ready", x.id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "segment.set_build", x.id, "done"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "segment.tick")
		return err
	})
}
