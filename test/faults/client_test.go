package faults_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// event is one purchase; its messageId is its number.
type event struct {
	n      uint64
	person int
	mail   bool // a journey sends a receipt for it
	hidden bool // names the person by cookie only
}

func (e event) id() string { return fmt.Sprintf("buy-%08d", e.n) }

// book remembers what was sent, and what of it was acknowledged.
type book struct {
	mu    sync.Mutex
	acked map[string]event
	maybe map[string]event // given up without an acknowledgement: it may have arrived

	next atomic.Uint64
	// What clients met.
	requests, refused, broken, repeated atomic.Int64
	unknown                             int // messages, when all is checked
}

func newBook() *book { return &book{acked: map[string]event{}, maybe: map[string]event{}} }

func (b *book) note(batch []event, acked bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range batch {
		if acked {
			b.acked[e.id()] = e
			delete(b.maybe, e.id())
		} else {
			b.maybe[e.id()] = e
		}
	}
}

func (b *book) ackedCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.acked)
}

// crowd are clients that behave as the SDKs do: they send batches, send one again with the same ids until it is
// acknowledged, sometimes give one up, and sometimes send one again that had been acknowledged.
type crowd struct {
	book    *book
	addrs   []string // drawn for each attempt
	people  int
	clients int
	batch   int           // events a request
	every   time.Duration // a client starts a batch this often
	mails   float64       // share of the events that want a mail
	faulty  bool          // give up and repeat, too
	seed    uint64

	stop chan struct{} // closed: no new batches
	done sync.WaitGroup
}

// start lets the clients loose until finish is called.
func (c *crowd) start() {
	c.stop = make(chan struct{})
	for i := range c.clients {
		c.done.Go(func() { c.client(rand.New(rand.NewPCG(c.seed, uint64(i)))) })
	}
}

// finish ends the making of new batches and waits until those under way are acknowledged, or until ctx ends.
func (c *crowd) finish(ctx context.Context) error {
	close(c.stop)
	done := make(chan struct{})
	go func() { c.done.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("clients still wait for an acknowledgement: %d requests, %d refused, %d broken", c.book.requests.Load(), c.book.refused.Load(), c.book.broken.Load())
	}
}

func (c *crowd) client(rnd *rand.Rand) {
	web := &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}
	defer web.CloseIdleConnections()
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-tick.C:
		}
		batch := c.make(rnd)
		acked := c.send(web, batch, rnd)
		c.book.note(batch, acked)
		if acked && c.faulty && rnd.IntN(20) == 0 { // the answer got lost on its way
			c.book.repeated.Add(int64(len(batch)))
			c.send(web, batch, rnd)
		}
	}
}

func (c *crowd) make(rnd *rand.Rand) []event {
	batch := make([]event, 1+rnd.IntN(2*c.batch))
	for i := range batch {
		batch[i] = event{n: c.book.next.Add(1), person: rnd.IntN(c.people), mail: rnd.Float64() < c.mails, hidden: rnd.IntN(2) == 0}
	}
	return batch
}

// send tries until the batch is acknowledged; it reports false when it has given up.
func (c *crowd) send(web *http.Client, batch []event, rnd *rand.Rand) bool {
	for {
		c.book.requests.Add(1)
		patience := 40 // gives up once in so many attempts
		switch status, err := post(web, c.addrs[rnd.IntN(len(c.addrs))], "/v1/batch", body(batch)); {
		case err != nil:
			c.book.broken.Add(1)
			if !errors.Is(err, syscall.ECONNREFUSED) { // it broke off in the middle: the batch may be stored
				patience = 4
			}
		case status == http.StatusOK:
			return true
		default:
			c.book.refused.Add(1)
		}
		if c.faulty && rnd.IntN(patience) == 0 {
			return false
		}
		time.Sleep(time.Duration(10+rnd.IntN(40)) * time.Millisecond)
	}
}

func post(web *http.Client, addr, path, body string) (status int, err error) {
	req, err := http.NewRequest(http.MethodPost, "http://"+addr+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth(writeKey, "")
	req.Header.Set("Content-Type", "application/json")
	res, err := web.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

func body(batch []event) string {
	var b strings.Builder
	b.WriteString(`{"batch":[`)
	for i, e := range batch {
		if i > 0 {
			b.WriteByte(',')
		}
		who := `"userId":"u` + strconv.Itoa(e.person) + `"`
		if e.hidden {
			who = `"anonymousId":"cookie-` + strconv.Itoa(e.person) + `"`
		}
		fmt.Fprintf(&b, `{"type":"track","event":"Bought","messageId":%q,%s,"properties":{"order_id":%q,"amount":1,"mail":%t}}`, e.id(), who, e.id(), e.mail)
	}
	b.WriteString(`]}`)
	return b.String()
}

// introduce makes the people known: a user id, a cookie and an address each. It returns when that is acknowledged.
func introduce(addr string, people int) error {
	web := &http.Client{Timeout: 30 * time.Second}
	defer web.CloseIdleConnections()
	for from := 0; from < people; from += 500 {
		var b strings.Builder
		b.WriteString(`{"batch":[`)
		for i := from; i < min(people, from+500); i++ {
			if i > from {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"type":"identify","messageId":"hello-%d","userId":"u%d","anonymousId":"cookie-%d","traits":{"email":"p%d@faults.example","zone":"Europe/Lisbon"}}`, i, i, i, i)
		}
		b.WriteString(`]}`)
		status, err := post(web, addr, "/v1/batch", b.String())
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return fmt.Errorf("introducing people was answered with %d", status)
		}
	}
	return nil
}
