package stream

import (
	"context"
	"sync"
	"time"

	"github.com/heedcx/heed"
)

// Limits of one flush. A flush that is full starts at once; otherwise the previous one's fsync is the clock.
const (
	maxFlushBytes = 1 << 20
	maxInFlight   = 2 // per partition: one is packed while the other one is written
)

// Writer packs the events of concurrent callers into one envelope per partition and flush, so that they share a
// fsync. Callers wait for the disk.
type Writer struct {
	log   Log
	parts []*packer
	stats WriterStats
}

// WriterStats counts why flushes happened and what they held.
type WriterStats struct {
	Flushes, Events, Bytes counter
}

// NewWriter starts a writer on the log.
func NewWriter(log Log) *Writer {
	w := &Writer{log: log}
	for i := range log.Partitions() {
		w.parts = append(w.parts, &packer{w: w, partition: i})
	}
	return w
}

// Stats are the counters of this writer.
func (w *Writer) Stats() *WriterStats { return &w.stats }

// Write stores the events, all of them or an error, and returns where they lie once they are on disk. The events may
// be reused afterwards. It does not keep a request that is cancelled from being stored.
func (w *Writer) Write(ctx context.Context, events []heed.Event) (Position, error) {
	if len(events) == 0 {
		return nil, nil
	}
	if len(w.parts) == 1 {
		buf := takeBuffer()
		for i := range events {
			*buf = AppendEvent(*buf, &events[i])
		}
		seq, err := w.parts[0].add(ctx, buf, len(events))
		if err != nil {
			return nil, err
		}
		return Position{0: seq}, nil
	}
	bufs := make([]*[]byte, len(w.parts))
	counts := make([]int, len(w.parts))
	for i := range events {
		p := w.partition(&events[i])
		if bufs[p] == nil {
			bufs[p] = takeBuffer()
		}
		*bufs[p] = AppendEvent(*bufs[p], &events[i])
		counts[p]++
	}
	pos, waits := Position{}, make([]*flush, len(w.parts))
	for p, buf := range bufs {
		if buf != nil {
			waits[p] = w.parts[p].put(buf, counts[p])
		}
	}
	for p, f := range waits {
		if f == nil {
			continue
		}
		if err := f.wait(ctx); err != nil {
			return nil, err
		}
		pos[p] = f.seq
	}
	return pos, nil
}

// partition keeps the events of one id in order on one partition. A fixed hash, so that it survives restarts.
func (w *Writer) partition(e *heed.Event) int {
	key := e.UserID
	if key == "" {
		key = e.AnonymousID
	}
	if key == "" && len(e.IDs) > 0 {
		key = e.IDs[0].Value
	}
	h := uint32(2166136261) // FNV-1a
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return int(h % uint32(len(w.parts)))
}

// flush is one envelope under way.
type flush struct {
	bufs   []*[]byte
	bytes  int
	events int
	done   chan struct{}
	seq    uint64
	err    error
}

func (f *flush) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// packer collects the events of one partition while earlier envelopes are being written.
type packer struct {
	w         *Writer
	partition int

	mu      sync.Mutex
	next    []*flush // waiting; only the last one takes more
	writing int
}

func (p *packer) add(ctx context.Context, buf *[]byte, events int) (uint64, error) {
	f := p.put(buf, events)
	if err := f.wait(ctx); err != nil {
		return 0, err
	}
	return f.seq, nil
}

func (p *packer) put(buf *[]byte, events int) *flush {
	p.mu.Lock()
	defer p.mu.Unlock()
	var f *flush
	if n := len(p.next); n > 0 && p.next[n-1].bytes+len(*buf) <= maxFlushBytes {
		f = p.next[n-1]
	} else {
		f = &flush{done: make(chan struct{})}
		p.next = append(p.next, f)
	}
	f.bufs = append(f.bufs, buf)
	f.bytes += len(*buf)
	f.events += events
	if p.writing < maxInFlight {
		p.writing++
		go p.run()
	}
	return f
}

// run writes envelopes until none waits.
func (p *packer) run() {
	for {
		p.mu.Lock()
		if len(p.next) == 0 {
			p.writing--
			p.mu.Unlock()
			return
		}
		f := p.next[0]
		p.next = p.next[1:]
		p.mu.Unlock()
		p.write(f)
	}
}

// appendTimeout bounds one append, so that callers hear of a stream that is down while their client still waits.
const appendTimeout = 10 * time.Second

func (p *packer) write(f *flush) {
	env := make([]byte, 1, 1+f.bytes)
	env[0] = envelopeVersion
	for _, b := range f.bufs {
		env = append(env, *b...)
		giveBuffer(b)
	}
	f.bufs = nil
	ctx, cancel := context.WithTimeout(context.Background(), appendTimeout)
	f.seq, f.err = p.w.log.Append(ctx, Events, p.partition, env)
	cancel()
	p.w.stats.Flushes.add(1)
	p.w.stats.Events.add(f.events)
	p.w.stats.Bytes.add(f.bytes)
	close(f.done)
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

func takeBuffer() *[]byte { return buffers.Get().(*[]byte) }

func giveBuffer(b *[]byte) {
	if cap(*b) <= 4<<20 {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}
