package email_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// queue is an Outbox and a Sink in memory.
type queue struct {
	clock   clock.Clock
	mu      sync.Mutex
	waiting []heed.Claimed
	back    map[heed.ID]heed.Claimed
	at      map[heed.ID]heed.Time
	done    map[heed.ID]heed.MessageState
	events  int
	change  chan struct{}
}

func newQueue(c clock.Clock, batch []heed.Claimed) *queue {
	return &queue{clock: c, waiting: batch, back: map[heed.ID]heed.Claimed{}, at: map[heed.ID]heed.Time{}, done: map[heed.ID]heed.MessageState{}, change: make(chan struct{}, 1)}
}

func (q *queue) Claim(_ context.Context, _ string, limit int) ([]heed.Claimed, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, at := range q.at {
		if at <= q.clock.Now() {
			delete(q.at, id)
			q.waiting = append(q.waiting, q.back[id])
		}
	}
	n := min(limit, len(q.waiting))
	out := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	for _, c := range out {
		q.back[c.Message.ID] = c
	}
	return out, nil
}

func (q *queue) Record(_ context.Context, results []heed.SendResult) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range results {
		if r.State == heed.MessageReserved {
			q.at[r.ID] = r.RetryAt
		} else {
			q.done[r.ID] = r.State
		}
	}
	select {
	case q.change <- struct{}{}:
	default:
	}
	return nil
}

func (q *queue) Recover(context.Context) (int, error) { return 0, nil }

func (q *queue) Write(_ context.Context, events []heed.Event) (stream.Position, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.events += len(events)
	return stream.Position{}, nil
}

// until waits for ok, which is asked after every record.
func (q *queue) until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		q.mu.Lock()
		yes := ok()
		q.mu.Unlock()
		if yes {
			return
		}
		select {
		case <-q.change:
		case <-limit:
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// The mail server goes down in the middle and comes back: every mail arrives, none twice, nobody does anything.
func TestMailServerGoesDownAndComesBack(t *testing.T) {
	var first sink
	half := make(chan struct{})
	var once sync.Once
	first.onData = func(string, []byte) error {
		if len(first.taken()) >= 100 {
			once.Do(func() { close(half) })
		}
		return nil
	}
	first.start(t, "", nil, false)
	clk := clock.NewSystem()
	cfg, err := email.ParseURL("smtp://" + first.addr + "?tls=none&pool=2")
	if err != nil {
		t.Fatal(err)
	}
	e, err := email.New(cfg, base, fixed{brand(t, email.Setup{})}, keys(t), clk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	var batch []heed.Claimed
	for i := range 1000 {
		c := message(i, fmt.Sprintf("p%d@example.com", i))
		c.Message.ID = heed.MakeID(now, [10]byte{8: byte(i >> 8), 9: byte(i)})
		c.Message.Made = clk.Now()
		batch = append(batch, c)
	}
	q := newQueue(clk, batch)
	s := channel.NewSender(e, q, q, clk, slog.New(slog.DiscardHandler), channel.Options{Workers: 2, Batch: 20, InFlight: 200, Poll: 20 * time.Millisecond, Linger: 5 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- channel.Run(ctx, q, slog.New(slog.DiscardHandler), s) }()
	<-half
	first.stop()
	q.until(t, "messages given back", func() bool { return len(q.at) > 0 })
	if h := s.Health(); h.State != "down" || h.Error == "" {
		t.Errorf("health while it is down: %+v", h)
	}
	var second sink
	second.start(t, first.addr, nil, false)
	q.until(t, "all messages done", func() bool { return len(q.done) == 1000 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := s.Healthy(context.Background()); err != nil {
		t.Error(err)
	}
	times := map[string]int{}
	for _, m := range append(first.taken(), second.taken()...) {
		times[m.to]++
	}
	unknown := 0
	for _, c := range batch {
		switch n := times[c.Message.Address]; q.done[c.Message.ID] {
		case heed.MessageSent:
			if n != 1 {
				t.Errorf("%s is sent and arrived %d times", c.Message.Address, n)
			}
		case heed.MessageUnknown: // the server went down with it in hand
			if unknown++; n > 1 {
				t.Errorf("%s arrived %d times", c.Message.Address, n)
			}
		default:
			t.Errorf("%s is %s", c.Message.Address, q.done[c.Message.ID])
		}
	}
	if unknown > 2 || q.events != 1000 {
		t.Errorf("%d unknown with two connections, %d events", unknown, q.events)
	}
}

// BenchmarkSender is the whole channel: claim, compose, send to a go-smtp server in the same process, record.
func BenchmarkSender(b *testing.B) {
	s := sink{count: func() {}}
	s.start(b, "", nil, false)
	e := connect(b, "smtp://"+s.addr+"?tls=none&pool=8&reuse=1000000", realistic(b, email.Setup{}), nil)
	one := realMessages(1)[0]
	batch := make([]heed.Claimed, b.N)
	for i := range batch {
		batch[i] = one
		batch[i].Message.ID = heed.MakeID(now, [10]byte{6: byte(i >> 24), 7: byte(i >> 16), 8: byte(i >> 8), 9: byte(i)})
	}
	q := newQueue(clock.NewVirtual(now), batch)
	snd := channel.NewSender(e, q, q, clock.NewVirtual(now), slog.New(slog.DiscardHandler), channel.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	b.ResetTimer()
	done := make(chan error, 1)
	go func() { done <- snd.Run(ctx) }()
	q.until(b, "all sent", func() bool { return len(q.done) == b.N })
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
}
