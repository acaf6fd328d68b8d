package faults_test

import (
	"context"
	"testing"
	"time"

	"github.com/heedcx/heed/internal/testx"
)

// TestKilledAtAnyMoment ends the process with kill -9 again and again, at moments drawn by lot: while it starts, before
// it has caught up, under load, between a mail and its record. What was acknowledged must be there exactly once.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		s := newSink(t)
		kills(t, rounds(t, 50), s, newNode(t, t.TempDir(), "--smtp-url", s.url()))
	})
	t.Run("postgres, four partitions", func(t *testing.T) {
		database := testx.NewPostgres(t)
		s := newSink(t)
		kills(t, rounds(t, 10), s, newNode(t, t.TempDir(), "--smtp-url", s.url(), "--database-url", database, "--partitions", "4"))
	})
}

func kills(t *testing.T, rounds int, s *sink, n *node) {
	rnd := dice(t)
	s.pause = 15 * time.Millisecond
	n.start()
	n.apply(brand)
	const people = 120
	if err := introduce(n.addr, people); err != nil {
		t.Fatal(err)
	}
	n.settled()

	b := newBook()
	c := &crowd{book: b, addrs: []string{n.addr}, people: people, clients: 4, batch: 15, every: 40 * time.Millisecond, mails: 0.2, faulty: true, seed: rnd.Uint64()}
	c.start()
	starting := 0
	for i := range rounds {
		if i > 0 {
			n.launch()
		}
		if rnd.IntN(8) == 0 { // in the middle of its start
			starting++
			time.Sleep(time.Duration(rnd.IntN(300)) * time.Millisecond)
			n.kill()
			continue
		}
		n.ready(30 * time.Second)
		time.Sleep(time.Duration(50+rnd.IntN(900)) * time.Millisecond)
		n.kill()
	}
	t.Logf("%d times killed while it started", starting)
	n.launch()
	n.ready(30 * time.Second)
	finish(t, c)
	began := time.Now()
	n.settled()
	t.Logf("caught up %s after the last start", time.Since(began).Round(time.Millisecond))
	messages, m := n.messages(""), n.memory(people)
	n.stop()
	exactlyOnce(t, b, m, readHistory(t, n.dir), messages, s)
}

func finish(t *testing.T, c *crowd) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.finish(ctx); err != nil {
		t.Fatal(err)
	}
}
