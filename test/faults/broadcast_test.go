package faults_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/heedcx/heed/internal/testx"
)

const broadcastBrand = brand + `---
kind: segment
name: everyone
rule: everyone
---
kind: broadcast
name: spring
segment: everyone
message: {channel: email, purpose: receipts}
variants: [{name: a, weight: 50, template: news}, {name: b, weight: 50, template: receipt}]
`

// TestBroadcastKilled ends the process with kill -9 again and again while a broadcast gathers its people, while turns are
// taken, and while mails go out: everybody in the segment has one turn and one message, and no mail goes out twice.
func TestBroadcastKilled(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killBroadcast(t) })
	t.Run("postgres", func(t *testing.T) { killBroadcast(t, "--database-url", testx.NewPostgres(t)) })
}

func killBroadcast(t *testing.T, args ...string) {
	const people = 6000
	rnd := dice(t)
	s := newSink(t)
	s.pause = 4 * time.Millisecond
	n := newNode(t, t.TempDir(), append([]string{"--smtp-url", s.url()}, args...)...)
	n.start()
	n.apply(broadcastBrand)
	if err := introduce(n.addr, people); err != nil {
		t.Fatal(err)
	}
	n.settled()
	var segment struct {
		People   int
		Progress float64
	}
	until(t, 60*time.Second, "the segment is complete", func() (bool, string) {
		n.must(http.MethodGet, "/api/v1/segments/everyone", nil, &segment)
		return segment.People == people && segment.Progress == 1, fmt.Sprint(segment)
	})
	n.must(http.MethodPost, "/api/v1/broadcasts/spring/start", map[string]int{"version": 1}, nil)
	kills, during := rounds(t, 12), 0
	for range kills {
		time.Sleep(time.Duration(20+rnd.IntN(350)) * time.Millisecond)
		n.kill()
		n.launch()
		n.ready(30 * time.Second)
		if s.count() < people-500 {
			during++
		}
	}
	var d struct {
		Broadcast struct {
			State            string
			Audience, Turned int
		}
		Results []struct {
			Variant         string
			People, Allowed int
		}
	}
	until(t, 90*time.Second, "everybody has had their turn", func() (bool, string) {
		n.must(http.MethodGet, "/api/v1/broadcasts/spring", nil, &d)
		return d.Broadcast.State == "done", fmt.Sprintf("%+v", d)
	})
	t.Logf("%d kills, %d of them while most mails had not gone out; %+v", kills, during, d)
	if d.Broadcast.Audience != people || d.Broadcast.Turned != people {
		t.Errorf("%+v", d.Broadcast)
	}
	allowed := 0
	for _, r := range d.Results {
		allowed += r.Allowed
	}
	if allowed != people {
		t.Errorf("%d of %d people have a message", allowed, people)
	}
	var messages []message
	until(t, 90*time.Second, "no message waits for a sender", func() (bool, string) {
		reserved := len(n.messages("reserved")) // before the list that is looked at below
		messages = n.messages("")
		waiting := 0
		for _, m := range messages {
			if m.State == "reserved" || m.State == "sending" {
				waiting++
			}
		}
		// What a killed process had in its hands stays "sending" until it is called lost; it is not offered again.
		return waiting <= kills*2000 && reserved == 0, fmt.Sprint(waiting)
	})
	of := map[string]string{} // message -> person
	for after := ""; ; {
		var page struct {
			Items []struct {
				Person         struct{ ID string }
				State, Message string
			}
			Next string
		}
		n.must(http.MethodGet, "/api/v1/broadcasts/spring/people?limit=200&after="+after, nil, &page)
		for _, p := range page.Items {
			of[p.Message] = p.Person.ID
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(messages) != people || len(of) != people {
		t.Errorf("%d messages, %d of them of somebody in the broadcast, want one for each of %d", len(messages), len(of), people)
	}
	for _, m := range messages {
		if of[m.ID] == "" {
			t.Errorf("message %s is nobody's in the broadcast", m.ID)
		}
	}
	taken, _ := s.mails()
	for id, times := range taken {
		if times != 1 {
			t.Errorf("message %s went out %d times", id, times)
		}
	}
	// Everything but what was in the hands of a process that was killed went out.
	unknown := 0
	for _, m := range messages {
		if m.State == "unknown" || m.State == "sending" {
			unknown++
		} else if taken[m.ID] != 1 {
			t.Errorf("message %s is %s and was taken %d times", m.ID, m.State, taken[m.ID])
		}
	}
	t.Logf("%d mails went out; %d messages were in hand when the process was killed", len(taken), unknown)
}
