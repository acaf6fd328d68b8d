package identity_test

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// memLog is a log of one partition in memory.
type memLog struct {
	mu      sync.Mutex
	records []stream.Record
	grown   chan struct{}
}

func newMemLog() *memLog { return &memLog{grown: make(chan struct{}, 1)} }

func (l *memLog) Partitions() int { return 1 }

func (l *memLog) Append(_ context.Context, topic stream.Topic, part int, data []byte) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if topic != stream.Events {
		return 1, nil
	}
	l.records = append(l.records, stream.Record{Partition: part, Seq: uint64(len(l.records) + 1), At: start, Data: data})
	select {
	case l.grown <- struct{}{}:
	default:
	}
	return uint64(len(l.records)), nil
}

func (l *memLog) Read(context.Context, stream.Topic, int, uint64) (stream.Reader, error) {
	return &memReader{log: l}, nil
}
func (l *memLog) Last(context.Context, stream.Topic, int) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.records)), nil
}
func (l *memLog) Healthy(context.Context) error { return nil }
func (l *memLog) Close() error                  { return nil }

type memReader struct {
	log  *memLog
	next int
}

func (r *memReader) Close() {}

func (r *memReader) Next(ctx context.Context, _ int, wait time.Duration) ([]stream.Record, error) {
	r.log.mu.Lock()
	have := r.log.records[r.next:]
	r.next += len(have)
	r.log.mu.Unlock()
	if len(have) > 0 {
		return have, nil
	}
	select {
	case <-r.log.grown:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(wait):
	}
	return nil, nil
}

// follow has a worker carry the script's events from a log, as in a running Heed.
func (s *script) follow() {
	s.log = newMemLog()
	s.worker = &stream.Worker{Engine: s.engine, Log: s.log, Owner: "test", Logger: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.worker.Run(ctx); close(done) }()
	s.t.Cleanup(func() { stop(); <-done })
}

// send puts events on the log and waits until they are folded.
func (s *script) send(events []*heed.Event) error {
	envelope := []byte{1} // the version
	for _, e := range events {
		envelope = stream.AppendEvent(envelope, e)
	}
	seq, err := s.log.Append(context.Background(), stream.Events, 0, envelope)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	return s.worker.WaitFor(ctx, seq)
}
