package insight

import (
	"context"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// FollowerStats counts what a follower did since it was made.
type FollowerStats struct {
	Commits, Records, Rows, KeyChanges int64
	ByRows, ByBytes, ByAge             int64 // why commits happened; the others were asked for
	Duplicates                         int64 // events that the worker had dropped
	Forbidden                          int64 // events of people who were erased
	Repeated                           int64 // fact records published twice
	Damaged                            int64 // records that could not be read
	Failures                           int64
	LastError                          string
}

// Stats returns the counts so far, as of the last step.
func (f *Follower) Stats() FollowerStats { return f.progress().stats }

// Lag is how far history is behind the stream.
type Lag struct {
	Records int64         `json:"records"` // envelopes
	Events  int64         `json:"events"`  // estimated from the size of the envelopes so far
	Time    time.Duration `json:"time"`    // age of the oldest record that waits; 0 when none does
}

// Lag asks the log where it stands. It does not wait for a step.
func (f *Follower) Lag(ctx context.Context) (Lag, error) {
	ends, err := f.ends(ctx)
	if err != nil {
		return Lag{}, err
	}
	now := f.progress()
	lag := behind(ends, func(part int) uint64 { return now.at[part] })
	if lag.Records == 0 {
		return lag, nil
	}
	perRecord := 1.0
	if now.stats.Records > 0 {
		perRecord = max(1, float64(now.stats.Rows)/float64(now.stats.Records))
	}
	lag.Events = int64(float64(lag.Records) * perRecord)
	if now.lastAt > 0 {
		lag.Time = max(0, f.cfg.Clock.Now().Sub(now.lastAt))
	}
	return lag, nil
}

// LagBehind is the lag of a history that another process has brought to these positions. Its time is not known, and an
// event is taken for a record.
func (f *Follower) LagBehind(ctx context.Context, at Positions) (Lag, error) {
	ends, err := f.ends(ctx)
	if err != nil {
		return Lag{}, err
	}
	lag := behind(ends, func(part int) uint64 { return at[part] })
	lag.Events = lag.Records
	return lag, nil
}

// ends is where the log ends.
func (f *Follower) ends(ctx context.Context) (Positions, error) {
	ends := Positions{}
	for p := range f.cfg.Log.Partitions() {
		last, err := f.cfg.Log.Last(ctx, stream.Events, p)
		if err != nil {
			return nil, err
		}
		ends[p] = last
	}
	last, err := f.cfg.Log.Last(ctx, stream.Facts, 0)
	ends[FactsPart] = last
	return ends, err
}

func behind(ends Positions, at func(part int) uint64) (lag Lag) {
	for part, end := range ends {
		if at := at(part); end > at {
			lag.Records += int64(end - at)
		}
	}
	return lag
}

// at is the position of a part, what is pending included.
func (f *Follower) at(part int) uint64 {
	for _, s := range f.sources {
		if s.part == part {
			return s.read
		}
	}
	return 0
}

// target is where the log and the workers are now.
func (f *Follower) target(ctx context.Context) (Positions, error) {
	to := Positions{}
	for p := range f.cfg.Log.Partitions() {
		last, err := f.cfg.Log.Last(ctx, stream.Events, p)
		if err != nil {
			return nil, err
		}
		to[p] = min(last, f.cfg.Committed(p))
	}
	last, err := f.cfg.Log.Last(ctx, stream.Facts, 0)
	to[FactsPart] = last
	return to, err
}

func (f *Follower) reached(target Positions) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for part, seq := range target {
		if f.at(part) < seq {
			return false
		}
	}
	return true
}

// Reached says whether history holds everything up to a position of the events' stream: what a backfill that counts up
// to there must wait for.
func (f *Follower) Reached(p stream.Position) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for part, seq := range p {
		if f.stored[part] < seq {
			return false
		}
	}
	return true
}

// Caught says whether nothing that the workers have finished with is missing in history, for readiness.
func (f *Follower) Caught(ctx context.Context, within time.Duration) error {
	lag, err := f.Lag(ctx)
	if err != nil {
		return err
	}
	if lag.Time > within {
		return heed.Errorf(heed.Unavailable, "History is %s behind the stream (%d events). It catches up by itself.", lag.Time.Round(time.Second), lag.Events)
	}
	return nil
}
