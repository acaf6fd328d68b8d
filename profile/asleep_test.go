package profile

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// sick has a bug that one person's memory sets off.
type sick struct{ who }

func (sick) Apply(_ *stream.Batch, p *heed.Person, e *heed.Event) {
	if e.Type == heed.Wake && p.Head[0].Name == "bad" {
		panic("a stage has a bug")
	}
}

func TestWhoCannotBeWokenKeepsNobodyAsleep(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.engine.Stages = append(b.engine.Stages, later2{}, sick{})
		b.process(of("a", ev(heed.Page, 1, "x", "")), of("b", ev(heed.Page, 2, "bad", "")), of("c", ev(heed.Page, 3, "x", "")), of("d", ev(heed.Page, 4, "x", "")))
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		s := &stream.Scheduler{Engine: b.engine, Horizon: func() heed.Time { return heed.Never }, Logger: slog.New(slog.DiscardHandler)}
		var wg sync.WaitGroup
		wg.Go(func() { s.Run(ctx) })
		for awake := false; !awake; {
			if ctx.Err() != nil {
				t.Fatal("nobody wakes")
			}
			time.Sleep(time.Millisecond)
			awake = b.get("a").Wake == 0 && b.get("c").Wake == 0 && b.get("d").Wake == 0 && b.get("b").Wake > sec(102)
		}
		cancel()
		wg.Wait()
	})
}
