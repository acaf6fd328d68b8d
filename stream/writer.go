package stream

import (
	"context"
	"sync"
	"time"

	"github.com/heedcx/heed"
)

// Limits of one flush. A flush that is full starts at once; otherwise the previous one's fsync is the clock.
const (
	maxFlushBytes = 900 << 10 // an external server takes messages of up to 1 MiB unless told otherwise
	maxPieceBytes = 400 << 10 // a caller's events travel in pieces of about this size
	maxInFlight   = 2         // per partition: one is packed while the other one is written
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

// Write stores the events, all of them or an error, and returns where the last of them lie once they are on disk. The
// events may be reused afterwards. A cancelled ctx ends the waiting, not the storing.
func (w *Writer) Write(ctx context.Context, events []heed.Event) (Position, error) {
	parts := make([]part, len(w.parts))
	var waits []*flush
	for i := range events {
		n := 0
		if len(w.parts) > 1 {
			n = w.partition(&events[i])
		}
		p := &parts[n]
		if p.buf == nil {
			p.buf = takeBuffer()
		}
		*p.buf = AppendEvent(*p.buf, &events[i])
		if p.events++; len(*p.buf) >= maxPieceBytes {
			waits = append(waits, w.parts[n].put(p.buf, p.events))
			*p = part{}
		}
	}
	for n, p := range parts {
		if p.buf != nil {
			waits = append(waits, w.parts[n].put(p.buf, p.events))
		}
	}
	pos := Position{}
	for _, f := range waits {
		if err := f.wait(ctx); err != nil {
			return nil, err
		}
		pos[f.partition] = max(pos[f.partition], f.seq)
	}
	return pos, nil
}

// part is what one caller has for one partition.
type part struct {
	buf    *[]byte
	events int
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
	partition int
	bufs      []*[]byte
	bytes     int
	events    int
	done      chan struct{}
	seq       uint64
	err       error
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

func (p *packer) put(buf *[]byte, events int) *flush {
	p.mu.Lock()
	defer p.mu.Unlock()
	var f *flush
	if n := len(p.next); n > 0 && p.next[n-1].bytes+len(*buf) <= maxFlushBytes {
		f = p.next[n-1]
	} else {
		f = &flush{partition: p.partition, done: make(chan struct{})}
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
