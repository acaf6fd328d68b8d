package stream

import (
	"context"
	"time"
)

// lookEvery is how often a process that does not hold a lease asks for it.
const lookEvery = time.Second

// While runs f as long as this process holds the lease, and again when it gets it back, until ctx is done. f must end
// soon when its context is done; for how long it may still be at work after another process has taken over, whatever it
// writes to must look after itself.
func (l *Lease) While(ctx context.Context, f func(context.Context)) {
	for ctx.Err() == nil {
		asked := time.Now()
		if held, err := l.Take(ctx); err == nil && held {
			l.run(ctx, asked, f)
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookEvery):
		}
	}
	l.letGo(ctx)
}

func (l *Lease) run(ctx context.Context, since time.Time, f func(context.Context)) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	t := time.NewTicker(leaseTime / 3)
	defer t.Stop()
	for {
		select {
		case <-done:
			return
		case asked := <-t.C:
			held, err := l.Take(ctx)
			switch {
			case err == nil && held:
				since = asked
			case err == nil || asked.Sub(since) > leaseTime*2/3: // lost, or soon to be
				stop()
				<-done
				return
			}
		}
	}
}

// Watch keeps Position true in a process that does not work: it looks at what the others have folded.
func (w *Worker) Watch(ctx context.Context) {
	for ctx.Err() == nil {
		_ = w.refresh(ctx) // it is asked again in a moment
		select {
		case <-ctx.Done():
		case <-time.After(lookEvery / 2):
		}
	}
}
