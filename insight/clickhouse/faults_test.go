package clickhouse

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// shaky stands between Heed and the server. Of some requests the way there is lost, of some the answer, and some reach
// the server when nobody waits for them any more, between requests that were sent later.
type shaky struct {
	mu     sync.Mutex
	server string
	rand   *rand.Rand
	rate   float64
	late   bool
	onWay  []func()
	lost   [3]int
}

func (s *shaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	forward := func() (*http.Response, error) {
		return http.Post(s.server+r.URL.RequestURI(), "text/plain", bytes.NewReader(body))
	}
	if len(s.onWay) > 0 && s.rand.IntN(3) == 0 {
		s.onWay[0]()
		s.onWay = s.onWay[1:]
	}
	fate := 3
	if s.rand.Float64() < s.rate {
		fate = s.rand.IntN(2)
		if s.late {
			fate = s.rand.IntN(3)
		}
		s.lost[fate]++
	}
	switch fate {
	case 2:
		s.onWay = append(s.onWay, func() { drain(forward()) })
	case 1:
		drain(forward())
	case 3:
		res, err := forward()
		if err != nil {
			break
		}
		defer drain(res, nil)
		for k, v := range res.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
		return
	}
	if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = c.Close()
	}
}

func drain(res *http.Response, err error) {
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}

// Whatever request is lost, and whichever arrives late: each row is there once, and the key map is what it should be.
func TestRequestsMayBeLost(t *testing.T) {
	seed := uint64(1)
	if os.Getenv("CI") != "true" { // as in testx.Seeded
		seed = rand.Uint64()
	}
	t.Log("seed ", seed)
	want := dump(t, follow(t, testx.NewClickHouse(t), nil))
	u, err := url.Parse(testx.NewClickHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	bad := &shaky{server: "http://" + u.Host, rand: rand.New(rand.NewPCG(seed, 1))}
	front := httptest.NewServer(bad)
	defer front.Close()
	u.Host = strings.TrimPrefix(front.URL, "http://")
	got := dump(t, follow(t, u.String(), bad))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if bad.lost == [3]int{} {
		t.Error("nothing was lost")
	}
	t.Logf("lost on the way there, back, or late: %v", bad.lost)
}

// follow brings a story with merges, a split, an erasure and repeated facts into history, and tries again after failures.
func follow(t *testing.T, url string, bad *shaky) *Store {
	s := openTest(t, url)
	log, feed := enginetest.NewLog(2), &enginetest.Feed{}
	f, err := insight.NewFollower(insight.Config{Log: log, Sink: s, Key: enginetest.KeyOf, Keys: feed, Dropped: enginetest.Dropped{},
		Clock: clock.NewVirtual(enginetest.Epoch), Logger: slog.New(slog.DiscardHandler), MaxRows: 30, Committed: func(int) uint64 { return math.MaxUint64 }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	catchUp := func(rate float64, late bool) {
		t.Helper()
		if bad != nil {
			bad.mu.Lock()
			bad.rate, bad.late = rate, late
			bad.mu.Unlock()
		}
		for range 200 {
			if err = f.CatchUp(t.Context()); err == nil {
				return
			}
		}
		t.Fatal(err)
	}
	put := func(topic stream.Topic, part int, events ...heed.Event) {
		if _, err := log.Append(t.Context(), topic, part, enginetest.Envelope(events...)); err != nil {
			t.Fatal(err)
		}
	}
	assign := func(user, person int) {
		feed.Put(insight.KeyChange{Key: enginetest.UserKey(fmt.Sprint("u", user)), Person: enginetest.PersonID(person)})
	}
	at := enginetest.Epoch
	for round := range 6 {
		for part := range 2 {
			var events []heed.Event
			for user := range 20 {
				at++
				events = append(events, heed.Event{Type: heed.Track, UserID: fmt.Sprint("u", user), Name: fmt.Sprint("e", round), Timestamp: at, ReceivedAt: at, Index: user,
					Properties: heed.RawJSON(`{"revenue":12.5}`)})
			}
			put(stream.Events, part, events...)
		}
		fact := heed.Event{Type: heed.SegmentEntered, Person: enginetest.PersonID(round), Name: fmt.Sprint("s", round), Timestamp: at, ReceivedAt: at}
		put(stream.Facts, 0, fact)
		put(stream.Facts, 0, fact)
		for user := range 20 {
			assign(user, []int{user, user / 2, user / 2, user % 7, user, user / 5}[round])
			if round == 3 {
				assign(user, user/3)
			}
		}
		catchUp(0.12, true)
	}
	if bad != nil { // what is still on its way arrives: after an erasure it would bring back what has been deleted
		bad.mu.Lock()
		for _, arrive := range bad.onWay {
			arrive()
		}
		bad.onWay = nil
		bad.mu.Unlock()
	}
	feed.Put(insight.KeyChange{Key: enginetest.UserKey("u3"), Erased: at})
	feed.Put(insight.KeyChange{Key: enginetest.UserKey("u19"), Person: enginetest.PersonID(50), Erased: at})
	put(stream.Facts, 0, heed.Event{Type: heed.PersonErased, Person: enginetest.PersonID(1), Timestamp: at})
	put(stream.Events, 1, heed.Event{Type: heed.Track, UserID: "u19", Name: "later", Timestamp: at + 1, ReceivedAt: at + 1})
	catchUp(0.1, false)
	catchUp(0, false)
	return s
}

// dump is everything that a question could see, and where the follower stands.
func dump(t *testing.T, s *Store) string {
	t.Helper()
	var b strings.Builder
	for _, sql := range []string{
		"SELECT toString(key), ts, name, part, seq, idx FROM event ORDER BY 4, 5, 6, 1",
		"SELECT toString(key), toString(person), toInt64(own), 0, 0, 0 FROM keymap ORDER BY 1",
		"SELECT toString(id), toString(other), toInt64(own), 0, 0, 0 FROM key_log FINAL WHERE side = 1 ORDER BY 1, 2",
	} {
		err := s.each(t.Context(), sql, nil, func(r *row) error {
			cells := make([]any, 6)
			for i := range cells {
				cells[i] = new(any)
			}
			err := r.Scan(cells...)
			for _, c := range cells {
				fmt.Fprint(&b, *c.(*any), " ")
			}
			b.WriteByte('\n')
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	at, err := s.Resume(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(at.Facts)
	fmt.Fprintln(&b, at.Positions, at.Keys, at.Facts, len(at.Forgotten))
	return b.String()
}
