package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config of a run.
type Config struct {
	Addr     string // HOST:PORT
	WriteKey string
	Clients  int           // concurrent connections
	People   int           // how many people the events are about
	Single   bool          // one event a request instead of 100
	Rate     float64       // events/s over all clients; 0 is as fast as the server answers
	Duration time.Duration // how long to send
	Seed     uint64        // message ids start at Seed << 32
	// Hold, if any, is asked now and then; while it says true nothing is sent (the server lags).
	Hold func() bool
	// EachPerson walks through all people once, in order, instead of drawing them; Duration is then ignored.
	EachPerson bool
	// Joining sends two events a person, who then waits in a journey until Due, instead of sessions of ten.
	Joining bool
	Due     time.Time
}

// Result of a run.
type Result struct {
	Events, Requests, Errors int64
	Elapsed                  time.Duration
	latencies                []time.Duration
	LastError                string
}

// Rate is events/s.
func (r Result) Rate() float64 { return float64(r.Events) / r.Elapsed.Seconds() }

// Quantile is the latency of a request at q, 0 to 1.
func (r Result) Quantile(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[min(len(r.latencies)-1, int(q*float64(len(r.latencies))))]
}

// Run sends events until the duration is over or ctx is done.
func Run(ctx context.Context, c Config) (Result, error) {
	r := &runner{Config: c, start: time.Now()}
	r.next.Store(c.Seed << 32)
	var wg sync.WaitGroup
	results := make([]Result, c.Clients)
	errs := make([]error, c.Clients)
	for i := range c.Clients {
		wg.Go(func() { results[i], errs[i] = r.client(ctx, uint64(i)) })
	}
	wg.Wait()
	total := Result{Elapsed: time.Since(r.start)}
	for i, one := range results {
		if errs[i] != nil {
			return total, errs[i]
		}
		total.Events += one.Events
		total.Requests += one.Requests
		total.Errors += one.Errors
		total.latencies = append(total.latencies, one.latencies...)
		if one.LastError != "" {
			total.LastError = one.LastError
		}
	}
	slices.Sort(total.latencies)
	return total, nil
}

type runner struct {
	Config
	start time.Time
	next  atomic.Uint64 // message ids
	sent  atomic.Int64
	walk  atomic.Int64 // people, with EachPerson
}

func (r *runner) client(ctx context.Context, seed uint64) (Result, error) {
	var res Result
	conn, err := net.Dial("tcp", r.Addr)
	if err != nil {
		return res, err
	}
	defer func() { _ = conn.Close() }()
	n, path := batchEvents, "/v1/batch"
	if r.Single {
		n, path = 0, "/v1/track"
	}
	script := session
	if r.Joining {
		script = joining
	}
	b := makeBody(script, n, r.Due)
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		path, r.Addr, base64.StdEncoding.EncodeToString([]byte(r.WriteKey+":")), len(b.bytes))
	in := bufio.NewReaderSize(conn, 16<<10)
	rnd := rand.New(rand.NewPCG(seed, r.Seed))
	person := func(int) int { return rnd.IntN(r.People) }
	if r.EachPerson {
		person = func(int) int { return int(r.walk.Add(1)-1) % r.People }
	}
	for ctx.Err() == nil && (r.EachPerson || time.Since(r.start) < r.Duration) {
		if r.EachPerson && r.walk.Load() >= int64(r.People) {
			break
		}
		if !r.pace(ctx, b.events) {
			break
		}
		b.fill(r.next.Add(uint64(b.events))-uint64(b.events), person, time.Now())
		began := time.Now()
		bufs := net.Buffers{[]byte(head), b.bytes}
		if _, err := bufs.WriteTo(conn); err != nil {
			return res, err
		}
		status, text, err := response(in)
		if err != nil {
			return res, err
		}
		res.Requests++
		if status != 200 {
			res.Errors++
			res.LastError = fmt.Sprintf("%d %s", status, text)
			time.Sleep(50 * time.Millisecond) // what Retry-After asks of a client, shortened
			continue
		}
		res.Events += int64(b.events)
		res.latencies = append(res.latencies, time.Since(began))
	}
	return res, nil
}

// pace waits for this client's turn. It reports false when the run is over.
func (r *runner) pace(ctx context.Context, events int) bool {
	for r.Hold != nil && r.Hold() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(r.start) > r.Duration && !r.EachPerson {
			return false
		}
	}
	if r.Rate == 0 {
		return true
	}
	due := r.start.Add(time.Duration(float64(r.sent.Add(int64(events))) / r.Rate * float64(time.Second)))
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Until(due)):
		return true
	}
}

// response reads one HTTP/1.1 response with a Content-Length or a chunked body.
func response(in *bufio.Reader) (status int, text string, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, "", err
	}
	if len(line) < 12 {
		return 0, "", fmt.Errorf("load: answer %q", line)
	}
	status, _ = strconv.Atoi(string(line[9:12]))
	length, chunked := 0, false
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, "", err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if v, ok := header(line, "content-length:"); ok {
			length, _ = strconv.Atoi(v)
		} else if v, ok := header(line, "transfer-encoding:"); ok {
			chunked = v == "chunked"
		}
	}
	if chunked {
		return status, "", readChunks(in)
	}
	if status != 200 {
		buf := make([]byte, length)
		_, err := io.ReadFull(in, buf)
		return status, string(buf), err
	}
	_, err = in.Discard(length)
	return status, "", err
}

func header(line []byte, name string) (string, bool) {
	if len(line) < len(name) || !strings.EqualFold(string(line[:len(name)]), name) {
		return "", false
	}
	return strings.TrimSpace(string(line[len(name):])), true
}

func readChunks(in *bufio.Reader) error {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(line), 16, 64)
		if err != nil {
			return err
		}
		if _, err := in.Discard(int(n) + 2); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}
