package enginetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/stream"
)

// Log is a stream.Log in memory.
type Log struct {
	mu      sync.Mutex
	parts   int
	records map[topicPart][]stream.Record
	grown   chan struct{} // closed and replaced by every Append
	fail    error         // what the next Next returns, once
}

type topicPart struct {
	topic stream.Topic
	part  int
}

// NewLog returns an empty log with the given number of partitions.
func NewLog(parts int) *Log {
	return &Log{parts: parts, records: map[topicPart][]stream.Record{}, grown: make(chan struct{})}
}

// Partitions implements stream.Log.
func (l *Log) Partitions() int { return l.parts }

// Append implements stream.Log. Sequences have gaps, as the interface allows.
func (l *Log) Append(_ context.Context, topic stream.Topic, part int, data []byte) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := topicPart{topic, part}
	seq := uint64(len(l.records[at])*2 + 1)
	l.records[at] = append(l.records[at], stream.Record{Partition: part, Seq: seq, At: Epoch.Add(time.Duration(seq) * time.Second), Data: data})
	close(l.grown)
	l.grown = make(chan struct{})
	return seq, nil
}

// FailNext makes the next read fail with err.
func (l *Log) FailNext(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = err
}

// Last implements stream.Log.
func (l *Log) Last(_ context.Context, topic stream.Topic, part int) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	recs := l.records[topicPart{topic, part}]
	if len(recs) == 0 {
		return 0, nil
	}
	return recs[len(recs)-1].Seq, nil
}

// Read implements stream.Log.
func (l *Log) Read(_ context.Context, topic stream.Topic, part int, after uint64) (stream.Reader, error) {
	return &reader{log: l, at: topicPart{topic, part}, after: after, closed: make(chan struct{})}, nil
}

// Healthy implements stream.Log.
func (l *Log) Healthy(context.Context) error { return nil }

// Close implements stream.Log.
func (l *Log) Close() error { return nil }

type reader struct {
	log    *Log
	at     topicPart
	after  uint64
	once   sync.Once
	closed chan struct{}
}

func (r *reader) Next(ctx context.Context, most int, _ time.Duration) ([]stream.Record, error) {
	r.log.mu.Lock()
	if err := r.log.fail; err != nil {
		r.log.fail = nil
		r.log.mu.Unlock()
		return nil, err
	}
	var out []stream.Record
	for _, rec := range r.log.records[r.at] {
		if rec.Seq > r.after && len(out) < most {
			out = append(out, rec)
		}
	}
	grown := r.log.grown
	r.log.mu.Unlock()
	if len(out) > 0 {
		r.after = out[len(out)-1].Seq
		return out, nil
	}
	select {
	case <-grown:
		return nil, nil
	case <-r.closed:
		return nil, errors.New("closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *reader) Close() { r.once.Do(func() { close(r.closed) }) }

// Feed is an insight.KeyFeed in memory.
type Feed struct {
	mu   sync.Mutex
	list []insight.KeyChange
}

// Put appends a change and numbers it.
func (f *Feed) Put(c insight.KeyChange) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.N = int64(len(f.list) + 1)
	f.list = append(f.list, c)
}

// Changes implements insight.KeyFeed.
func (f *Feed) Changes(_ context.Context, after int64, limit int) ([]insight.KeyChange, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rest := f.list[min(int(after), len(f.list)):]
	return append([]insight.KeyChange(nil), rest[:min(limit, len(rest))]...), nil
}

// Dropped is an insight.Dropped in memory: part, sequence, indexes.
type Dropped map[int]map[uint64][]int

// Dropped implements insight.Dropped.
func (d Dropped) Dropped(_ context.Context, part int, after, upto uint64) (map[uint64][]int, uint64, error) {
	out := map[uint64][]int{}
	for seq, idx := range d[part] {
		if seq > after && seq <= upto {
			out[seq] = idx
		}
	}
	return out, upto, nil
}

// Epoch is when everything in these tests begins: 2026-03-28 12:00 UTC, the day before Europe changes its clocks.
const Epoch heed.Time = 1774699200_000000

// Envelope packs events as the stream does.
func Envelope(events ...heed.Event) []byte {
	b := []byte{1}
	for i := range events {
		b = stream.AppendEvent(b, &events[i])
	}
	return b
}

// KeyOf is the Keyer of these tests: the hash of the user id, else of the anonymous id.
func KeyOf(e *heed.Event) (heed.ID, bool) {
	switch {
	case e.UserID != "":
		return UserKey(e.UserID), true
	case e.AnonymousID != "":
		return heed.Identifier{Namespace: heed.AnonymousID, Value: e.AnonymousID}.Hash(), true
	}
	return heed.ID{}, false
}

// UserKey is the key of a user id.
func UserKey(user string) heed.ID {
	return heed.Identifier{Namespace: heed.UserID, Value: user}.Hash()
}

// PersonID is a person's id for tests, from a number.
func PersonID(n int) heed.ID {
	return heed.MakeID(Epoch, [10]byte{byte(n >> 8), byte(n), 7})
}
