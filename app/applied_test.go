package app_test

import (
	"context"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/db"
)

// witnessed is a state store that looks what had been folded when it was asked to flush.
type witnessed struct {
	db.DB
	folded func() uint64
	seen   []uint64
}

func (s *witnessed) Sync(ctx context.Context) error {
	s.seen = append(s.seen, s.folded())
	return s.DB.Sync(ctx)
}

// What was folded is on disk before it is answered: a flush begins behind the fold, on both engines.
func TestWhatIsAnsweredAsDoneIsOnDisk(t *testing.T) {
	each(t, func(c *app.Config) { c.Roles = []string{"collect", "work", "api"} }, func(t *testing.T, w *world) {
		s := &witnessed{DB: w.DB, folded: w.Workers[0].Position}
		w.DB = s
		for i := range 3 {
			e := heed.Event{Type: heed.Identify, MessageID: string(rune('a' + i)), UserID: "u1", Source: "test", Timestamp: 1, ReceivedAt: 1}
			pos, err := w.Writer.Write(t.Context(), []heed.Event{e})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Applied(t.Context(), pos); err != nil {
				t.Fatal(err)
			}
			if len(s.seen) != i+1 || s.seen[i] < pos[0] {
				t.Errorf("flushed when %v had been folded; the event is record %d", s.seen, pos[0])
			}
		}
		w.DB = s.DB
	})
}
