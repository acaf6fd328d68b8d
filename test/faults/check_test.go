package faults_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/duckdb"
)

// message is a message as the API shows it.
type message struct {
	ID, State, Purpose, Detail, Run string
}

// messages reads all messages, or those of one state.
func (n *node) messages(state string) []message {
	n.t.Helper()
	var out []message
	for after := ""; ; {
		var page struct {
			Items []message
			Next  string
		}
		path := "/api/v1/messages?limit=200&after=" + after
		if state != "" {
			path += "&state=" + state
		}
		n.must(http.MethodGet, path, nil, &page)
		out = append(out, page.Items...)
		if after = page.Next; after == "" {
			return out
		}
	}
}

// settling is far more than settling takes: a machine with ten times more to do than it has cores gets there too.
const settling = 3 * time.Minute

// settled waits until everything that was acknowledged is folded, in history, and every message has come to an end.
func (n *node) settled() {
	n.t.Helper()
	quiet := 0 // looks in a row that found nothing to do
	until(n.t, settling, "everything is folded, in history and sent", func() (bool, string) {
		how, err := n.outstanding("reserved", "sending", "held")
		if err != nil {
			how = err.Error()
		}
		if quiet++; how != "" {
			quiet = 0
		}
		return quiet >= 3, how
	})
}

// outstanding says what is not done yet: what lags, and in which of the states there are messages; "" is nothing.
func (n *node) outstanding(states ...string) (string, error) {
	var v struct {
		Lag []struct {
			Consumer string
			Behind   int64
		}
	}
	if err := n.call(http.MethodGet, "/api/v1/overview", nil, &v); err != nil {
		return "", err
	}
	var how []string
	for _, l := range v.Lag {
		if l.Behind != 0 {
			how = append(how, fmt.Sprintf("%s is %d behind", l.Consumer, l.Behind))
		}
	}
	for _, state := range states {
		var page struct{ Items []message }
		if err := n.call(http.MethodGet, "/api/v1/messages?limit=1&state="+state, nil, &page); err != nil {
			return "", err
		}
		if len(page.Items) > 0 {
			how = append(how, "there are messages that are "+state)
		}
	}
	return strings.Join(how, "; "), nil
}

// memory is what the people's documents have counted.
type memory struct {
	id     map[int]string // person -> id
	orders map[int]int    // person -> purchases, by order
	amount map[int]int    // person -> purchases, by money: one that counted twice shows here
}

func (n *node) memory(people int) memory {
	n.t.Helper()
	m := memory{map[int]string{}, map[int]int{}, map[int]int{}}
	for i := range people {
		var p struct {
			ID     string
			Orders struct {
				Count   int
				Revenue float64
			}
		}
		n.must(http.MethodGet, fmt.Sprintf("/api/v1/people?identifier=user_id:u%d", i), nil, &p)
		m.id[i], m.orders[i], m.amount[i] = p.ID, p.Orders.Count, int(p.Orders.Revenue)
	}
	return m
}

// past is what the history store holds.
type past struct {
	bought  map[string]int // messageId -> rows
	of      map[string]int // person's id -> purchases
	decided map[string]int // message -> rows that say it was sent
}

// readHistory opens the history of a process that has stopped.
func readHistory(t *testing.T, dir string) past {
	t.Helper()
	ctx := context.Background()
	store, err := duckdb.Open(ctx, filepath.Join(dir, "data", "history.duckdb"), duckdb.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	counts := func(sql string) map[string]int {
		out := map[string]int{}
		err := store.Query(ctx, sql, nil, insight.Limits{}, func(r insight.Row) error {
			var key string
			var n int64
			err := r.Scan(&key, &n)
			out[key] = int(n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	return past{
		bought:  counts(`SELECT message_id, count(*) FROM event WHERE type = 'track' AND name = 'Bought' GROUP BY 1`),
		of:      counts(`SELECT CAST(k.person AS VARCHAR), count(*) FROM event e JOIN keymap k ON k.key = e.key WHERE e.type = 'track' AND e.name = 'Bought' GROUP BY 1`),
		decided: counts(`SELECT CAST(ref AS VARCHAR), count(*) FROM event WHERE type = 'message_decided' AND name = 'send' GROUP BY 1`),
	}
}

// faults collects what is wrong, and shows the first few of each kind.
type faults map[string][]string

func (f faults) add(kind, format string, args ...any) {
	f[kind] = append(f[kind], fmt.Sprintf(format, args...))
}

func (f faults) report(t *testing.T) {
	t.Helper()
	for kind, list := range f {
		t.Errorf("%s: %d times, such as %s", kind, len(list), strings.Join(list[:min(3, len(list))], "; "))
	}
}

// exactlyOnce holds the books of the clients, the memory, the history and the sink against each other.
func exactlyOnce(t *testing.T, b *book, m memory, h past, messages []message, s *sink) {
	t.Helper()
	f := faults{}
	wantMails := countEvents(f, b, m, h)
	checkMessages(f, h, messages, s, wantMails, b)
	f.report(t)
	taken, _ := s.mails()
	t.Logf("%d events acknowledged, %d given up of which %d arrived, %d sent again; %d requests, %d refused, %d broken; %d messages of which %d are unknown, %d mails at the sink",
		len(b.acked), len(b.maybe), len(h.bought)-len(b.acked), b.repeated.Load(), b.requests.Load(), b.refused.Load(), b.broken.Load(), len(messages), b.unknown, len(taken))
}

// countEvents checks each event and returns how many of those that count ask for a mail.
func countEvents(f faults, b *book, m memory, h past) (mails int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	want := map[int]int{} // per person
	for id, e := range b.acked {
		if n := h.bought[id]; n != 1 {
			f.add("acknowledged events that are not in history exactly once", "%s is there %d times", id, n)
		}
		want[e.person]++
		if e.mail {
			mails++
		}
	}
	for id, n := range h.bought {
		e, maybe := b.maybe[id]
		if _, acked := b.acked[id]; !maybe && !acked {
			f.add("events in history that nobody sent", "%s", id)
		}
		if !maybe {
			continue
		}
		if n != 1 {
			f.add("events in history more than once", "%s is there %d times", id, n)
		}
		want[e.person]++
		if e.mail {
			mails++
		}
	}
	for i, id := range m.id {
		if m.amount[i] != want[i] || m.orders[i] != want[i] {
			f.add("memories that have not counted exactly once", "u%d: %d orders of %d EUR, want %d", i, m.orders[i], m.amount[i], want[i])
		}
		if h.of[id] != want[i] {
			f.add("people whose history is not theirs", "u%d (%s): %d purchases, want %d", i, id, h.of[id], want[i])
		}
	}
	return mails
}

// checkMessages checks each message against the sink.
func checkMessages(f faults, h past, messages []message, s *sink, want int, b *book) {
	taken, about := s.mails()
	known, runs, unknown := map[string]bool{}, map[string]bool{}, 0
	for _, m := range messages {
		known[m.ID] = true
		if m.Run != "" && runs[m.Run] {
			f.add("journey runs with two messages", "%s", m.Run)
		}
		runs[m.Run] = true
		switch n := taken[m.ID]; {
		case m.State == "sent" && n == 1, m.State == "unknown" && n <= 1:
			if m.State == "unknown" {
				unknown++
			}
		default:
			f.add("messages whose state does not fit the sink", "%s is %s (%s), taken %d times", m.ID, m.State, m.Detail, n)
		}
		if h.decided[m.ID] != 1 {
			f.add("messages whose decision is not in history exactly once", "%s: %d times", m.ID, h.decided[m.ID])
		}
	}
	subjects := map[string]string{}
	for id, n := range taken {
		if n > 1 {
			f.add("messages that the sink got more than once", "%s: %d times", id, n)
		}
		if !known[id] {
			f.add("mails of no message", "%s", id)
		}
		if other, had := subjects[about[id]]; had {
			f.add("receipts that went out under two ids", "%s: %s and %s", about[id], id, other)
		}
		subjects[about[id]] = id
	}
	if len(messages) != want {
		f.add("the number of messages is not that of the events that want one", "%d messages, want %d", len(messages), want)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unknown = unknown
}
