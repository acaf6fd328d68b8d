package channel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/stream"
)

// bubble is the clock of a synctest bubble.
type bubble struct{}

func (bubble) Now() heed.Time { return heed.At(time.Now()) }

// outbox is an Outbox in memory that insists on the contract: a message is claimed by one, recorded once per claim.
type outbox struct {
	t        *testing.T
	mu       sync.Mutex
	messages map[heed.ID]*heed.Message
	retryAt  map[heed.ID]heed.Time
	claims   int
	records  int
	failures int // how many Records fail first
	history  []heed.SendResult
}

func newOutbox(t *testing.T, n int) *outbox {
	o := &outbox{t: t, messages: map[heed.ID]*heed.Message{}, retryAt: map[heed.ID]heed.Time{}}
	for i := range n {
		id := heed.MakeID(bubble{}.Now(), [10]byte{7: byte(i >> 16), 8: byte(i >> 8), 9: byte(i)})
		o.messages[id] = &heed.Message{Intent: heed.Intent{ID: id, Person: heed.ID{7}, Channel: "test"}, State: heed.MessageReserved, Made: bubble{}.Now()}
	}
	return o
}

func (o *outbox) Claim(_ context.Context, ch string, limit int) ([]heed.Claimed, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claims++
	var out []heed.Claimed
	for id, m := range o.messages {
		if len(out) == limit {
			break
		}
		if m.State == heed.MessageReserved && m.Channel == ch && o.retryAt[id] <= (bubble{}).Now() {
			m.State = heed.MessageSending
			out = append(out, heed.Claimed{Message: *m})
		}
	}
	return out, nil
}

func (o *outbox) Record(_ context.Context, results []heed.SendResult) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.records++
	if o.failures > 0 {
		o.failures--
		return errors.New("the disk is full")
	}
	for _, r := range results {
		m := o.messages[r.ID]
		if m.State != heed.MessageSending {
			o.t.Errorf("%s recorded as %s while it is %s", r.ID, r.State, m.State)
		}
		if m.State = r.State; r.State == heed.MessageReserved {
			m.Attempts++
			o.retryAt[r.ID] = r.RetryAt
		}
		o.history = append(o.history, r)
	}
	return nil
}

func (o *outbox) Recover(context.Context) (int, error) { return 0, nil }

func (o *outbox) count(s heed.MessageState) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.messages {
		if m.State == s {
			n++
		}
	}
	return n
}

// sink keeps events by message id.
type sink struct {
	mu     sync.Mutex
	events map[string]heed.Event
	writes int
	err    error
}

func (s *sink) Write(_ context.Context, events []heed.Event) (stream.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if s.err != nil {
		return nil, s.err
	}
	if s.events == nil {
		s.events = map[string]heed.Event{}
	}
	for _, e := range events {
		s.events[e.MessageID] = e
	}
	return stream.Position{0: uint64(s.writes)}, nil
}

// fake is a channel that does as told.
type fake func(ctx context.Context, batch []heed.Claimed) ([]heed.SendResult, error)

func (fake) Name() string { return "test" }
func (f fake) Deliver(ctx context.Context, batch []heed.Claimed) ([]heed.SendResult, error) {
	return f(ctx, batch)
}

func sendAll(_ context.Context, batch []heed.Claimed) (out []heed.SendResult, _ error) {
	for _, c := range batch {
		out = append(out, channel.Sent(c, bubble{}.Now(), "p", "250 ok"))
	}
	return out, nil
}

// run starts a sender and returns it with a function that stops it and waits.
func run(t *testing.T, ch channel.Channel, o *outbox, k *sink, opt channel.Options) (*channel.Sender, func()) {
	s := channel.NewSender(ch, o, k, bubble{}, slog.New(slog.DiscardHandler), opt)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- channel.Run(ctx, o, slog.New(slog.DiscardHandler), s) }()
	return s, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestSenderSendsEverythingOnceInLargeWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := newOutbox(t, 10_000), &sink{}
		s, stop := run(t, fake(sendAll), o, k, channel.Options{})
		time.Sleep(2 * time.Second) // the bubble's time
		stop()
		if n := o.count(heed.MessageSent); n != 10_000 || len(k.events) != n {
			t.Errorf("%d sent, %d events", n, len(k.events))
		}
		if o.records > 200 || o.claims > 60 {
			t.Errorf("%d records and %d claims for 10,000 messages", o.records, o.claims)
		}
		if h := s.Health(); h.State != "ok" || h.InFlight != 0 || h.Sent != 10_000 {
			t.Errorf("health %+v", h)
		}
		for id, e := range k.events {
			if e.Type != heed.Feedback || e.Name != "sent" || !strings.HasPrefix(id, "feedback:") || e.IDs[0] != (heed.Identifier{Namespace: channel.PersonNamespace, Value: heed.ID{7}.String()}) {
				t.Fatalf("event %+v", e)
			}
		}
	})
}

// What a crash would leave unknown is what a slow next hop takes in a second or two, not all that the outbox has.
func TestASlowHopIsGivenLittleAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := newOutbox(t, 5000), &sink{}
		slow := fake(func(ctx context.Context, b []heed.Claimed) ([]heed.SendResult, error) {
			time.Sleep(time.Duration(len(b)) * 100 * time.Millisecond) // 80 messages a second with eight workers
			return sendAll(ctx, b)
		})
		s, stop := run(t, slow, o, k, channel.Options{})
		for range 50 {
			time.Sleep(time.Second)
			if n := s.Health().InFlight; n > 128 {
				t.Fatalf("%d messages are under way", n)
			}
		}
		if n := o.count(heed.MessageSent); n < 2500 {
			t.Errorf("%d sent in 50 s, want 80 a second or nearly", n)
		}
		stop()
	})
}

func TestCircuitOpensAndClosesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := newOutbox(t, 500), &sink{}
		var mu sync.Mutex
		down, calls := true, 0
		ch := fake(func(ctx context.Context, b []heed.Claimed) ([]heed.SendResult, error) {
			mu.Lock()
			defer mu.Unlock()
			calls++
			if down {
				return nil, errors.New("connection refused")
			}
			return sendAll(ctx, b)
		})
		s, stop := run(t, ch, o, k, channel.Options{})
		time.Sleep(10 * time.Minute)
		if h := s.Health(); h.State != "down" || h.Error != "connection refused" || h.Since == 0 {
			t.Errorf("health %+v", h)
		}
		if err := s.Healthy(context.Background()); heed.CodeOf(err) != heed.Unavailable {
			t.Errorf("healthy: %v", err)
		}
		mu.Lock()
		if calls > 40 { // 8 workers at first, then probes: 1, 2, 4, ... 60 s
			t.Errorf("%d attempts in ten minutes of being down", calls)
		}
		down = false
		mu.Unlock()
		time.Sleep(90 * time.Second)
		if n := o.count(heed.MessageSent); n != 500 || s.Healthy(context.Background()) != nil {
			t.Errorf("%d sent after it came back, health %+v", n, s.Health())
		}
		stop()
		if len(k.events) != 500 {
			t.Errorf("%d events", len(k.events))
		}
	})
}

func TestStopDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := newOutbox(t, 1000), &sink{}
		started := make(chan struct{}, 1000)
		ch := fake(func(ctx context.Context, b []heed.Claimed) ([]heed.SendResult, error) {
			started <- struct{}{}
			select { // a slow next hop
			case <-time.After(5 * time.Second):
			case <-ctx.Done():
				return nil, nil
			}
			return sendAll(ctx, b)
		})
		_, stop := run(t, ch, o, k, channel.Options{Workers: 2, Batch: 10})
		for range 2 { // both workers have a batch in hand
			<-started
		}
		stop()
		sent, back := o.count(heed.MessageSent), o.count(heed.MessageReserved)
		if sent != 20 || back != 980 || o.count(heed.MessageSending) != 0 {
			t.Errorf("%d sent, %d given back, %d lost", sent, back, o.count(heed.MessageSending))
		}
	})
}

func TestDrainHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := newOutbox(t, 10), &sink{}
		started := make(chan struct{}, 100)
		ch := fake(func(ctx context.Context, b []heed.Claimed) ([]heed.SendResult, error) {
			started <- struct{}{}
			<-ctx.Done()
			return []heed.SendResult{channel.Unknown(b[0], bubble{}.Now(), "cut off")}, nil
		})
		_, stop := run(t, ch, o, k, channel.Options{Workers: 1, Batch: 10, Drain: 3 * time.Second})
		<-started
		from := time.Now()
		stop()
		if d := time.Since(from); d < 3*time.Second || d > 4*time.Second {
			t.Errorf("stopped after %s", d)
		}
		if o.count(heed.MessageUnknown) != 1 || o.count(heed.MessageReserved) != 9 {
			t.Errorf("unknown %d, given back %d", o.count(heed.MessageUnknown), o.count(heed.MessageReserved))
		}
	})
}

func TestResultsSurviveTroubleWithTheDiskAndTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := newOutbox(t, 3000), &sink{err: errors.New("no stream")}
		o.failures = 5
		s, stop := run(t, fake(sendAll), o, k, channel.Options{InFlight: 100})
		time.Sleep(time.Minute)
		if n := s.Health().InFlight; n > 100 || o.count(heed.MessageSending) > 100 {
			t.Errorf("%d in flight although nothing can be recorded", n)
		}
		k.mu.Lock()
		k.err = nil
		k.mu.Unlock()
		time.Sleep(time.Minute)
		stop()
		if n := o.count(heed.MessageSent); n != 3000 || len(k.events) != 3000 {
			t.Errorf("%d sent, %d events", n, len(k.events))
		}
	})
}

func TestPanickingChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := newOutbox(t, 3), &sink{}
		_, stop := run(t, fake(func(context.Context, []heed.Claimed) ([]heed.SendResult, error) { panic("oh") }), o, k, channel.Options{})
		time.Sleep(time.Second)
		stop()
		if o.count(heed.MessageUnknown) != 3 || len(k.events) != 3 {
			t.Errorf("unknown %d, events %d", o.count(heed.MessageUnknown), len(k.events))
		}
	})
}

func TestNotifyWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, k := newOutbox(t, 0), &sink{}
		s, stop := run(t, fake(sendAll), o, k, channel.Options{Poll: time.Hour})
		synctest.Wait()
		o.mu.Lock()
		id := heed.ID{1}
		o.messages[id] = &heed.Message{Intent: heed.Intent{ID: id, Channel: "test"}, State: heed.MessageReserved}
		o.mu.Unlock()
		s.Notify()
		time.Sleep(time.Second)
		if o.count(heed.MessageSent) != 1 {
			t.Error("not sent")
		}
		stop()
	})
}

func TestThrottleGivesEachItsMoment(t *testing.T) {
	now := heed.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	th := channel.NewThrottle(map[string]channel.Rate{"": {N: 10, Per: time.Second}, "big.example": {N: 1000, Per: time.Second}})
	at := map[heed.ID]heed.Time{}
	for i := range 100 {
		id := heed.ID{byte(i), 1}
		at[id] = th.At("Slow.example", id, now)
	}
	last := heed.Time(0)
	for id, a := range at {
		last = max(last, a)
		if a > now { // when its moment has come it goes, whatever else wants to
			if again := th.At("slow.example", id, a); again != a {
				t.Errorf("put off again, to %s", again)
			}
		}
	}
	if d := last.Sub(now); d < 8900*time.Millisecond || d > 9100*time.Millisecond {
		t.Errorf("a hundred at ten a second take %s", d)
	}
	for i := range 1000 {
		if a := th.At("big.example", heed.ID{byte(i), byte(i >> 8), 2}, now); a != now {
			t.Fatalf("number %d waits until %s", i, a)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a\r\nb": "a b", "a\x00\x1b[31mb": "a [31mb", "  x  ": "  x  ", "\xff\xfe": "", "a\u2028b": "a b", "Grüße": "Grüße", "line\nbreak ü": "line break ü",
	} {
		if got := channel.Clean(in, 100); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := channel.Clean(strings.Repeat("ü", 100), 9); got != "üüüü" {
		t.Errorf("cut to %q", got)
	}
}

func ExampleRetry() {
	now := heed.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	for n := range 8 {
		c := heed.Claimed{Message: heed.Message{Attempts: n}}
		fmt.Print(channel.Retry(c, now, "busy").RetryAt.Sub(now), " ")
	}
	// Output: 1m0s 2m0s 4m0s 8m0s 16m0s 32m0s 1h0m0s 1h0m0s
}
