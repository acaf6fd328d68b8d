package faults_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestMailServerDown takes the mail server away under load, in the middle of mails, and gives it back: messages wait, the
// rest of Heed works on, /readyz names the channel without calling the process unready, and nothing is lost or doubled.
func TestMailServerDown(t *testing.T) {
	rnd := dice(t)
	s := newSink(t)
	s.pause = 5 * time.Millisecond
	n := newNode(t, t.TempDir(), "--smtp-url", s.url())
	n.start()
	n.apply(brand)
	const people = 60
	if err := introduce(n.addr, people); err != nil {
		t.Fatal(err)
	}
	b := newBook()
	c := &crowd{book: b, addrs: []string{n.addr}, people: people, clients: 3, batch: 8, every: 40 * time.Millisecond, mails: 0.3, seed: rnd.Uint64()}
	c.start()
	for outage := range 2 {
		had := s.count()
		until(t, 20*time.Second, "50 mails", func() (bool, string) { return s.count() > had+50, fmt.Sprint(s.count() - had) })
		s.down()
		until(t, 20*time.Second, "/readyz names the channel", func() (bool, string) {
			status, body := n.readyz()
			ok, detail := n.check("channel email")
			return status == http.StatusOK && !ok && strings.Contains(detail, "has been down since"), fmt.Sprint(status, " ", body)
		})
		acked := b.ackedCount()
		until(t, 10*time.Second, "events are taken meanwhile", func() (bool, string) { return b.ackedCount() > acked+200, fmt.Sprint(b.ackedCount() - acked) })
		waiting := len(n.messages("reserved"))
		if waiting == 0 {
			t.Error("no message waits while the mail server is down")
		}
		s.up()
		began := time.Now()
		until(t, 20*time.Second, "/readyz says that all is well", func() (bool, string) {
			ok, detail := n.check("channel email")
			return ok, detail
		})
		t.Logf("outage %d: %d messages waited; back after %s", outage+1, waiting, time.Since(began).Round(10*time.Millisecond))
	}
	finish(t, c)
	n.settled()
	messages, m := n.messages(""), n.memory(people)
	n.stop()
	exactlyOnce(t, b, m, readHistory(t, n.dir), messages, s)
	if most := 2 * 8; b.unknown > most { // a connection has one mail under way; there are 8
		t.Errorf("%d messages are unknown after two outages, want at most %d", b.unknown, most)
	}
}
