package faults_test

import (
	"testing"
	"time"

	"github.com/heedcx/heed/internal/testx"
)

// TestPostgresCutOff has the network lose every connection to PostgreSQL at once, without a word to either end: what is
// sent vanishes, and the server goes on holding the locks of transactions that nobody will end.
func TestPostgresCutOff(t *testing.T) {
	rnd := dice(t)
	c, s := newCluster(t), newSink(t)
	wire, url := testx.NewWire(t, c.url())
	n := newNode(t, t.TempDir(), "--smtp-url", s.url(), "--database-url", url)
	n.start()
	n.apply(brand)
	const people = 200
	if err := introduce(n.addr, people); err != nil {
		t.Fatal(err)
	}
	n.settled()
	b := newBook()
	load := &crowd{book: b, addrs: []string{n.addr}, people: people, clients: 4, batch: 15, every: 200 * time.Millisecond, mails: 0.05, seed: rnd.Uint64()}
	load.start()
	time.Sleep(time.Second)
	began := time.Now()
	wire.Cut()
	time.Sleep(time.Second)
	_, stuck := n.check("worker 0")
	until(t, 75*time.Second, "the worker goes on", func() (bool, string) {
		ok, now := n.check("worker 0")
		return ok && now != stuck, now
	})
	t.Logf("went on %s after the cut", time.Since(began).Round(time.Second))
	n.ready(30 * time.Second)
	finish(t, load)
	n.settled()
	messages, m := n.messages(""), n.memory(people)
	n.stop()
	exactlyOnce(t, b, m, readHistory(t, n.dir), messages, s)
}
