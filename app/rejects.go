package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// How many refused events of one source are kept: a whole batch at once, and so many a second in the long run. A broken
// client must not fill the disk with what it gets wrong.
const (
	rejectsBurst     = 2500
	rejectsPerSecond = 100
)

// summaryEvery is how often it is noted how many events of a source were refused and not kept.
const summaryEvery = time.Second

// rejects keeps refused events as dead letters: collect.Rejects.
type rejects struct {
	letters *stream.Letters
	clock   clock.Clock
	log     *slog.Logger

	mu      sync.Mutex
	sources map[string]*rejectBudget // as many as there are write keys
}

// rejectBudget is what one source may still have kept, and what of it was not.
type rejectBudget struct {
	room   float64
	filled heed.Time
	over   int
	first  string // the reason of the first that was not kept
}

func newRejects(l *stream.Letters, c clock.Clock, log *slog.Logger) *rejects {
	return &rejects{letters: l, clock: c, log: log, sources: map[string]*rejectBudget{}}
}

// Reject implements collect.Rejects.
func (r *rejects) Reject(ctx context.Context, letters []stream.DeadLetter) error {
	kept := r.admit(letters)
	if len(kept) == 0 {
		return nil
	}
	return r.letters.Put(ctx, kept)
}

// admit returns the letters for which there is room and counts the others.
func (r *rejects) admit(letters []stream.DeadLetter) []stream.DeadLetter {
	now := r.clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := letters[:0:len(letters)] // ours: the handler does not look at them again
	for _, l := range letters {
		s := r.sources[l.Source]
		if s == nil {
			s = &rejectBudget{room: rejectsBurst, filled: now}
			r.sources[l.Source] = s
		}
		s.room = min(rejectsBurst, s.room+now.Sub(s.filled).Seconds()*rejectsPerSecond)
		s.filled = now
		if s.room >= 1 {
			s.room--
			kept = append(kept, l)
			continue
		}
		if s.over++; s.over == 1 {
			s.first = l.Reason
		}
	}
	return kept
}

// summaries are letters that stand for what was not kept since the last time.
func (r *rejects) summaries() (out []stream.DeadLetter) {
	now := r.clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, s := range r.sources {
		if s.over == 0 {
			continue
		}
		out = append(out, stream.DeadLetter{
			ID: heed.NewID(now).String(), At: now, Stage: "collect", Source: name,
			Reason: fmt.Sprintf("%d more events were refused and are not kept, because this source sends so many (%d a second are kept); the first of them: %s", s.over, rejectsPerSecond, s.first),
		})
		s.over, s.first = 0, ""
	}
	return out
}

// Run writes the summaries until ctx is done, and the last ones then.
func (r *rejects) Run(ctx context.Context) {
	for done := false; !done; {
		select {
		case <-ctx.Done():
			done = true
		case <-time.After(summaryEvery):
		}
		if list := r.summaries(); len(list) > 0 {
			if err := r.letters.Put(context.WithoutCancel(ctx), list); err != nil {
				r.log.Error("refused events could not be noted", "sources", len(list), "error", err)
			}
		}
	}
}
