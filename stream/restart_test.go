package stream

import (
	"context"
	"testing"
	"time"
)

// stopped is an embedded log whose server has just disabled itself.
func stopped(t *testing.T) *js {
	t.Helper()
	l, err := OpenEmbedded(context.Background(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if err := l.(*js).server.srv.DisableJetStream(); err != nil {
		t.Fatal(err)
	}
	return l.(*js)
}

func TestTheLogStartsAgainByItself(t *testing.T) {
	l := stopped(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		if _, err := l.Append(ctx, Events, 0, []byte("x")); err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal("it stays away")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestTheLogClosesWhileItStartsAgain(t *testing.T) {
	l := stopped(t)
	l.mu.Lock() // Close comes first, and the watch as far as its new connection
	closed := make(chan struct{})
	go func() { defer close(closed); _ = l.Close() }()
	time.Sleep(3 * watchEvery)
	l.mu.Unlock()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Fatal("it does not close")
	}
}
