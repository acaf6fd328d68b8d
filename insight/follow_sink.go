package insight

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// open asks the sink where it stands, takes over the key changes, so that tombstones are known before the first row,
// and starts the readers.
func (f *Follower) open(ctx context.Context) error {
	if err := f.cfg.Sink.Rollback(ctx); err != nil { // a panic may have left something behind
		return err
	}
	at, err := f.cfg.Sink.Resume(ctx)
	if err != nil {
		return err
	}
	f.keys, f.pending, f.erased, f.stored = at.Keys, pending{}, maps.Clone(at.Forgotten), at.Positions
	if f.erased == nil {
		f.erased = map[heed.ID]heed.Time{}
	}
	f.seen, f.seenAge = map[uint64]struct{}{}, at.Facts
	for _, h := range at.Facts {
		f.seen[h] = struct{}{}
	}
	for more := true; more; {
		if more, err = f.flushKeys(ctx); err != nil {
			return err
		}
	}
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	f.stop = stop
	for p := range f.cfg.Log.Partitions() {
		f.sources = append(f.sources, &source{part: p, topic: stream.Events, number: p, read: at.Positions[p]})
	}
	f.sources = append(f.sources, &source{part: FactsPart, topic: stream.Facts, read: at.Positions[FactsPart]})
	for _, s := range f.sources {
		r, err := f.cfg.Log.Read(ctx, s.topic, s.number, s.read)
		if err != nil {
			f.closeReaders()
			return err
		}
		s.in = make(chan batch, 1)
		f.readers.Go(func() { f.pump(reading, s.in, r) })
	}
	return nil
}

// pump hands over what a reader finds.
func (f *Follower) pump(ctx context.Context, into chan<- batch, r stream.Reader) {
	defer r.Close()
	for {
		recs, err := r.Next(ctx, readAhead, readWait)
		if ctx.Err() != nil {
			return
		}
		if err == nil && len(recs) == 0 {
			continue
		}
		select {
		case into <- batch{recs, err}:
		case <-ctx.Done():
			return
		}
		select {
		case f.arrived <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (f *Follower) closeReaders() {
	if f.stop != nil {
		f.stop()
	}
	f.readers.Wait()
	f.sources, f.stop = nil, nil
}

// flush commits what is pending, with the key changes that belong to it.
func (f *Follower) flush(ctx context.Context) error {
	f.show()
	more, err := f.flushKeys(ctx)
	for more && err == nil {
		more, err = f.flushKeys(ctx)
	}
	return err
}

// flushKeys commits what is pending with at most maxKeys key changes and says whether there may be more of them.
func (f *Follower) flushKeys(ctx context.Context) (more bool, err error) {
	c := Commit{Positions: f.pending.positions, Facts: f.pending.facts, Gone: f.pending.gone}
	after := f.keys
	for len(c.Keys) < maxKeys {
		page, err := f.cfg.Keys.Changes(ctx, after, keyPage)
		if err != nil {
			return false, err
		}
		for _, k := range page {
			if k.N <= after {
				return false, fmt.Errorf("insight: key change %d came after %d", k.N, after)
			}
			after = k.N
		}
		c.Keys = append(c.Keys, page...)
		if more = len(page) >= keyPage; !more { // a page may hold a batch's changes whole
			break
		}
	}
	if f.pending.records == 0 && len(c.Keys) == 0 {
		return false, nil
	}
	if err := f.cfg.Sink.Commit(ctx, c); err != nil {
		return false, err
	}
	if len(c.Gone) > 0 || slices.ContainsFunc(c.Keys, func(k KeyChange) bool { return k.Erased > 0 }) {
		at, err := f.cfg.Sink.Resume(ctx) // it knows best who is forgotten now
		if err != nil {
			return false, err
		}
		f.erased = at.Forgotten
	}
	f.keys = after
	maps.Copy(f.stored, f.pending.positions)
	f.stats.Commits++
	f.stats.Rows += int64(f.pending.rows)
	f.stats.Records += int64(f.pending.records)
	f.stats.KeyChanges += int64(len(c.Keys))
	f.pending = pending{facts: f.pending.facts[:0]}
	return more, nil
}

func (f *Follower) commit(ctx context.Context) error {
	f.mu.Lock()
	defer f.unlock()
	return f.flush(ctx)
}

// fail drops what is pending and starts anew from what the sink has, at the next step.
func (f *Follower) fail(ctx context.Context, err error) {
	f.mu.Lock()
	defer f.unlock()
	f.stats.Failures++
	f.stats.LastError = err.Error()
	f.cfg.Logger.Error("history could not follow the stream; it tries again", "err", err)
	f.closeReaders()
	if err := f.cfg.Sink.Rollback(context.WithoutCancel(ctx)); err != nil {
		f.cfg.Logger.Error("history could not roll back", "err", err)
	}
	f.pending = pending{}
}

// finish commits what is pending when the process ends.
func (f *Follower) finish(ctx context.Context) error {
	f.mu.Lock()
	defer f.unlock()
	if f.sources == nil || f.pending.records == 0 {
		return nil
	}
	return f.flush(ctx)
}

func (f *Follower) shut() {
	f.mu.Lock()
	defer f.unlock()
	f.closeReaders()
}

// Close ends the readers of a follower that is driven by CatchUp. Run does it by itself.
func (f *Follower) Close() error {
	f.shut()
	return nil
}

// Rewind forgets history from the record after `after` on, per part, and follows it anew: what `heed replay` does.
// Parts that are not named stay. Rewind(ctx, nil) rebuilds everything.
func (f *Follower) Rewind(ctx context.Context, to Positions) error {
	f.mu.Lock()
	defer f.unlock()
	f.closeReaders()
	f.pending = pending{}
	if err := f.cfg.Sink.Rollback(ctx); err != nil {
		return err
	}
	if to == nil {
		to = Positions{FactsPart: 0}
		for p := range f.cfg.Log.Partitions() {
			to[p] = 0
		}
	}
	f.stored = nil
	for part, after := range to {
		if part != FactsPart && (part < 0 || part >= f.cfg.Log.Partitions()) {
			return heed.FieldErrorf("partition", "there is no partition %d: the stream has %d, from 0", part, f.cfg.Log.Partitions())
		}
		if err := f.cfg.Sink.Rewind(ctx, part, after); err != nil {
			return err
		}
	}
	return nil
}

// Forget deletes what history holds of the keys (people's own ids included), for good. The key feed does the same
// by itself; this is for whoever cannot wait for it.
func (f *Follower) Forget(ctx context.Context, keys []heed.ID, until heed.Time) error {
	f.mu.Lock()
	defer f.unlock()
	if f.pending.records > 0 {
		if err := f.flush(ctx); err != nil {
			return err
		}
	}
	if err := f.cfg.Sink.Forget(ctx, keys, until); err != nil {
		return err
	}
	if f.erased != nil {
		for _, k := range keys {
			f.erased[k] = max(f.erased[k], until)
		}
	}
	return nil
}
