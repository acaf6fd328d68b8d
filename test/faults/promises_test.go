package faults_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

const caps = brand + `
---
kind: purpose
name: offers
title: Offers
class: service
consent: none
---
kind: cap
name: ten-a-week
max: 10
per: 7d
purpose: offers
---
kind: journey
name: offer
trigger: {event: Looked}
key: properties.n
nodes:
  - {id: mail, message: {channel: email, purpose: offers, template: news, if_held: continue}}
`

// onEach runs f with a process on SQLite, and with one on PostgreSQL.
func onEach(t *testing.T, f func(t *testing.T, n *node, s *sink)) {
	t.Run("sqlite", func(t *testing.T) {
		s := newSink(t)
		f(t, newNode(t, t.TempDir(), "--smtp-url", s.url()), s)
	})
	t.Run("postgres", func(t *testing.T) {
		url := testx.NewPostgres(t) // first, so that it is dropped last
		s := newSink(t)
		f(t, newNode(t, t.TempDir(), "--smtp-url", s.url(), "--database-url", url), s)
	})
}

// person finds the id behind a user id.
func (n *node) person(user int) string {
	n.t.Helper()
	var p struct{ ID string }
	until(n.t, 20*time.Second, fmt.Sprintf("u%d is known", user), func() (bool, string) {
		err := n.call(http.MethodGet, fmt.Sprintf("/api/v1/people?identifier=user_id:u%d", user), nil, &p)
		return err == nil, fmt.Sprint(err)
	})
	return p.ID
}

// TestThousandRacersOnACap asks for a thousand messages to one person at once where ten are allowed: by the API and by
// journeys that start on events under two identifiers, which lie in different partitions.
func TestThousandRacersOnACap(t *testing.T) {
	onEach(t, func(t *testing.T, n *node, s *sink) {
		n.args = append(n.args, "--partitions", "4")
		n.start()
		n.apply(caps)
		if err := introduce(n.addr, 1); err != nil {
			t.Fatal(err)
		}
		id := n.person(0)
		const racers, limit = 1000, 10
		var wg sync.WaitGroup
		line := make(chan struct{})
		n.http.Transport = &http.Transport{MaxConnsPerHost: 100, MaxIdleConnsPerHost: 100}
		for i := range racers {
			wg.Go(func() {
				<-line
				n.insist(func() error { return n.race(i, id) })
			})
		}
		began := time.Now()
		close(line)
		wg.Wait()
		took := time.Since(began)
		n.raced(s, limit)
		counts := map[string]int{}
		for _, m := range n.messages("") {
			counts[m.State]++
		}
		t.Logf("%d requests in %s: %v, %d mails", racers, took.Round(time.Millisecond), counts, s.count())
		if all := counts["sent"] + counts["held"] + counts["dropped"]; all < racers/2 {
			t.Errorf("only %d messages were decided", all)
		}
		if counts["sent"] != limit || s.count() != limit {
			t.Errorf("%d messages are sent and %d mails arrived, want exactly %d", counts["sent"], s.count(), limit)
		}
		n.stop()
	})
}

// race asks for the i-th message.
func (n *node) race(i int, person string) error {
	who := []string{`"userId":"u0"`, `"anonymousId":"cookie-0"`}[i/4%2]
	if i%4 != 0 {
		return n.call(http.MethodPost, "/api/v1/people/"+person+"/messages", map[string]any{"channel": "email", "purpose": "offers", "template": "news"}, nil)
	}
	status, err := post(n.http, n.addr, "/v1/track", fmt.Sprintf(`{"event":"Looked",%s,"messageId":"look-%d","properties":{"n":"%d"}}`, who, i, i))
	if err == nil && status != http.StatusOK {
		err = &statusError{status, "track"}
	}
	return err
}

// insist tries again while the answer is "later".
func (n *node) insist(f func() error) {
	for try := 0; ; try++ {
		err := f()
		if err == nil {
			return
		}
		if code := statusOf(err); try == 20 || code != 0 && code != http.StatusServiceUnavailable && code != http.StatusTooManyRequests {
			n.t.Error(err)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// raced waits until everything is folded, and those messages that may go have gone. How many there are is not certain: a
// person is in at most 50 runs of a journey at a time, and one batch may want at most 100 messages for them.
func (n *node) raced(s *sink, limit int) {
	n.t.Helper()
	quiet := 0
	until(n.t, 30*time.Second, "every message is decided, and ten are sent", func() (bool, string) {
		how, err := n.outstanding("reserved", "sending")
		if err != nil {
			how = err.Error()
		}
		if quiet++; how != "" || s.count() < limit {
			quiet = 0
		}
		return quiet >= 5, fmt.Sprintf("%d mails; %s", s.count(), how)
	})
}

// TestNothingGoesOutAfterTheOptOut lets people opt out while messages to them are on their way. Whatever goes out was in
// a sender's hands before the opt-out was answered.
func TestNothingGoesOutAfterTheOptOut(t *testing.T) {
	onEach(t, func(t *testing.T, n *node, s *sink) {
		s.pause = 2 * time.Millisecond
		n.start()
		n.apply(brand)
		const people = 32
		if err := introduce(n.addr, people); err != nil {
			t.Fatal(err)
		}
		outs := make([]optOut, people)
		var wg sync.WaitGroup
		slots := make(chan struct{}, 8)
		for i := range people {
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				outs[i] = n.optOutUnderWay(i)
			})
		}
		wg.Wait()
		n.settled()
		n.stop()
		claimed := n.claims()
		taken, _ := s.mails()
		mails, sure := 0, 0
		for i, o := range outs {
			for _, id := range o.messages {
				if taken[id] == 0 {
					continue
				}
				mails++
				at, ok := claimed[id]
				if !ok {
					t.Errorf("u%d: a mail went out that nobody claimed: %s", i, id)
				}
				if at > o.answered {
					t.Errorf("u%d: message %s was taken up %s after the opt-out had been answered", i, id, at.Sub(o.answered))
				}
			}
			if n := len(o.messages) - o.asked; n > 0 {
				sure += n
			}
		}
		t.Logf("%d mails before opting out; %d messages were asked for after it", mails, sure)
		if mails < people {
			t.Errorf("only %d mails went out to %d people: nothing was tried", mails, people)
		}
		if sure < people {
			t.Errorf("only %d messages were asked for after opting out: nothing was tried", sure)
		}
	})
}

// optOut is what was asked for around one opt-out.
type optOut struct {
	messages []string
	asked    int       // how many of them before the opt-out was answered
	answered heed.Time // when
}

// optOutUnderWay says yes to news for a person, asks for messages without end, and takes the yes back in the middle.
func (n *node) optOutUnderWay(user int) (o optOut) {
	id := n.person(user)
	say := func(state string) {
		if err := n.call(http.MethodPost, "/api/v1/people/"+id+"/consents", map[string]any{"purpose": "news", "channel": "email", "state": state, "act": "said so"}, nil); err != nil {
			n.t.Errorf("consent %s: %v", state, err)
		}
	}
	say("granted")
	var asking sync.WaitGroup
	var mu sync.Mutex
	stop := make(chan struct{})
	for range 3 {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				var got struct{ Message string }
				if err := n.call(http.MethodPost, "/api/v1/people/"+id+"/messages", map[string]any{"channel": "email", "purpose": "news", "template": "news"}, &got); err != nil {
					n.t.Error(err)
					return
				}
				mu.Lock()
				o.messages = append(o.messages, got.Message)
				mu.Unlock()
			}
		})
	}
	time.Sleep(time.Duration(100+7*user) * time.Millisecond)
	say("denied")
	mu.Lock()
	o.answered, o.asked = heed.At(time.Now()), len(o.messages)
	mu.Unlock()
	time.Sleep(150 * time.Millisecond)
	close(stop)
	asking.Wait()
	return o
}

// claims reads from the state store of a process that has stopped when a sender took up each message.
func (n *node) claims() map[string]heed.Time {
	n.t.Helper()
	ctx := context.Background()
	url := "sqlite:" + filepath.Join(n.dir, "data", "state.db")
	if i := slices.Index(n.args, "--database-url"); i >= 0 {
		url = n.args[i+1]
	}
	d, err := db.Open(ctx, url, db.Options{Queries: []string{"-- name: faults.claims\nSELECT id, claimed_at FROM message WHERE claimed_at > 0;\n"}})
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	out := map[string]heed.Time{}
	err = d.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "faults.claims")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id heed.ID
			var at heed.Time
			if err := rows.Scan(&id, &at); err != nil {
				return err
			}
			out[id.String()] = at
		}
		return rows.Err()
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return out
}
