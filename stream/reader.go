package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/heedcx/heed"
)

// What a reader may hold that nobody has asked for yet. Under a trickle of small requests a record holds few events, and
// a batch must hold many records to be worth its transaction; large records are bounded by their bytes, which stay packed
// until they are handed over.
const (
	readAhead = 1024
	readBytes = 3 << 20  // packed; 10 MiB of events or many times that, as they repeat
	handBytes = 8 << 20  // of events, unpacked and handed over together: about two transactions
	pullBytes = 16 << 20 // on their way from the server: more than one record may have
)

func (j *js) Read(ctx context.Context, t Topic, partition int, after uint64) (Reader, error) {
	api, err := j.handle()
	if err != nil {
		return nil, err
	}
	r := &jsReader{partition: partition, came: make(chan struct{}, 1), room: make(chan struct{}, 1), failed: make(chan error, 1), closed: make(chan struct{})}
	opening, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	cons, err := api.OrderedConsumer(opening, streamName(t, partition), jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   after + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("stream: read %s from %d: %w", t, after, err)
	}
	r.consume, err = cons.Consume(r.take, jetstream.PullMaxMessagesWithBytesLimit(readAhead, pullBytes), jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		if errors.Is(err, jetstream.ErrOrderedConsumerReset) || errors.Is(err, jetstream.ErrNoHeartbeat) || errors.Is(err, nats.ErrTimeout) {
			return // the consumer goes on by itself
		}
		r.fail(err)
	}))
	if err != nil {
		return nil, fmt.Errorf("stream: read %s from %d: %w", t, after, err)
	}
	return r, nil
}

// jsReader turns the consumer's callbacks into calls of Next; when it holds enough, it holds the consumer back.
type jsReader struct {
	partition int
	mu        sync.Mutex
	held      []Record      // packed
	bytes     int           // of held
	came      chan struct{} // poked when a record has come
	room      chan struct{} // poked when records were handed over
	failed    chan error
	closed    chan struct{}
	once      sync.Once
	consume   jetstream.ConsumeContext
}

func (r *jsReader) take(m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		r.fail(err)
		return
	}
	r.put(Record{Partition: r.partition, Seq: meta.Sequence.Stream, At: heed.At(meta.Timestamp), Data: m.Data()})
}

// put waits for room, then holds the record.
func (r *jsReader) put(rec Record) {
	for {
		r.mu.Lock()
		if len(r.held) < readAhead && r.bytes < readBytes {
			r.held, r.bytes = append(r.held, rec), r.bytes+len(rec.Data)
			r.mu.Unlock()
			poke(r.came)
			return
		}
		r.mu.Unlock()
		select {
		case <-r.room:
		case <-r.closed:
			return
		}
	}
}

// get hands over at most limit records, and no more of them than handBytes.
func (r *jsReader) get(limit int) (out []Record, err error) {
	for _, rec := range r.shift(limit) {
		if rec.Data, err = unpack(rec.Data); err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

// shift lets go of what get hands over.
func (r *jsReader) shift(limit int) []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for size := 0; n < min(limit, len(r.held)) && size < handBytes; n++ {
		size += unpackedLen(r.held[n].Data)
	}
	if n == 0 {
		return nil
	}
	out := append([]Record(nil), r.held[:n]...)
	for i := range out {
		r.bytes -= len(out[i].Data)
	}
	rest := copy(r.held, r.held[n:])
	clear(r.held[rest:]) // lets go of the data
	r.held = r.held[:rest]
	poke(r.room)
	return out
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (r *jsReader) fail(err error) {
	select {
	case r.failed <- err:
	default:
	}
}

func (r *jsReader) Next(ctx context.Context, limit int, wait time.Duration) ([]Record, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		if out, err := r.get(limit); len(out) > 0 || err != nil {
			return out, err
		}
		select {
		case <-r.came:
		case err := <-r.failed:
			return nil, err
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (r *jsReader) Close() {
	r.once.Do(func() {
		close(r.closed)
		r.consume.Stop()
	})
}
