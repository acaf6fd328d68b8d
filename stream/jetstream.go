package stream

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/heedcx/heed"
)

// Options for OpenEmbedded and OpenCluster.
type Options struct {
	// Dir is where the embedded log lives.
	Dir string
	// URL of an external cluster: nats://host:4222,nats://...
	URL string
	// Partitions of topic Events. 0 takes what exists, else 1 (embedded) or 8 (cluster). It cannot change later.
	Partitions int
	// Replicas in a cluster. 0 takes 3.
	Replicas int
	// MaxAge bounds how long the log keeps records; 0 is for ever. What is older cannot be replayed.
	MaxAge time.Duration
	// MinFree is how many bytes of disk must stay free for the embedded log to take records. 0 takes 128 MiB.
	MinFree uint64
	// SyncDelay is added to each append, one after the other, to measure as if on a slower disk.
	SyncDelay time.Duration
	Logger    *slog.Logger
}

// js is the log on JetStream; embedded or a cluster differ in how they connect.
type js struct {
	log        *slog.Logger
	partitions int
	replicas   int
	maxAge     time.Duration
	server     *embedded // nil with a cluster
	syncDelay  time.Duration
	syncing    []sync.Mutex // per partition of topic Events, with syncDelay

	mu     sync.RWMutex
	conn   *nats.Conn
	api    jetstream.JetStream
	closed bool
}

// compressAbove is the size in bytes from which a record is packed with S2; smaller ones are not worth it.
const compressAbove = 512

// The first byte of a stored record.
const (
	plainRecord = 0
	s2Record    = 1
)

func (j *js) open(ctx context.Context, o Options, partitions int) error {
	have, err := j.existing(ctx)
	if err != nil {
		return err
	}
	switch {
	case have > 0 && o.Partitions > 0 && have != o.Partitions:
		return heed.FieldErrorf("partitions", "the stream has %d partitions and that cannot change; drop the setting or say %d", have, have)
	case have > 0:
		j.partitions = have
	case o.Partitions > 0:
		j.partitions = o.Partitions
	default:
		j.partitions = partitions
	}
	j.syncDelay, j.syncing = o.SyncDelay, make([]sync.Mutex, j.partitions)
	// The last one first: existing then counts right even while another process is still creating the rest.
	for p := j.partitions - 1; p >= 0; p-- {
		if err := j.create(ctx, Events, p); err != nil {
			return err
		}
	}
	for _, t := range []Topic{Facts, Dead} {
		if err := j.create(ctx, t, 0); err != nil {
			return err
		}
	}
	return nil
}

// existing counts the partitions that the log has.
func (j *js) existing(ctx context.Context) (int, error) {
	names := j.api.StreamNames(ctx)
	n := 0
	prefix := streamName(Events, 0)
	prefix = prefix[:len(prefix)-1]
	for name := range names.Name() {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			if p, err := strconv.Atoi(rest); err == nil {
				n = max(n, p+1)
			}
		}
	}
	return n, names.Err()
}

func (j *js) create(ctx context.Context, t Topic, partition int) error {
	cfg := jetstream.StreamConfig{
		Name:        streamName(t, partition),
		Subjects:    []string{subject(t, partition)},
		Description: "Heed: see docs/stream.md",
		Storage:     jetstream.FileStorage,
		Replicas:    max(1, j.replicas),
		MaxAge:      j.maxAge,
		Discard:     jetstream.DiscardNew,
		// Duplicates are ours to drop (72 h, exactly); the server's window would only cost memory.
		Duplicates:  time.Second,
		AllowDirect: true,
	}
	if _, err := j.api.CreateOrUpdateStream(ctx, cfg); err != nil {
		return fmt.Errorf("stream: create %s: %w", cfg.Name, err)
	}
	return nil
}

func streamName(t Topic, partition int) string {
	return fmt.Sprintf("HEED_%s_%d", strings.ToUpper(string(t)), partition)
}

func subject(t Topic, partition int) string { return fmt.Sprintf("heed.%s.%d", t, partition) }

func (j *js) Partitions() int { return j.partitions }

func (j *js) handle() (jetstream.JetStream, error) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.api == nil {
		return nil, heed.Errorf(heed.Unavailable, "The stream is starting; try again in a moment.")
	}
	return j.api, nil
}

func (j *js) Append(ctx context.Context, t Topic, partition int, data []byte) (uint64, error) {
	return j.append(ctx, t, partition, data)
}

func (j *js) append(ctx context.Context, t Topic, partition int, data []byte, how ...jetstream.PublishOpt) (uint64, error) {
	api, err := j.handle()
	if err != nil {
		return 0, err
	}
	if j.server != nil {
		if err := j.server.room(); err != nil {
			return 0, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, appendTimeout)
	defer cancel()
	ack, err := api.Publish(ctx, subject(t, partition), pack(data), how...)
	if j.server != nil {
		j.server.took(subject(t, partition), err)
	}
	if err != nil {
		return 0, &heed.Error{Code: heed.Unavailable, Message: "The stream does not take events right now; try again.", Cause: err}
	}
	j.slowDown(t, partition)
	return ack.Sequence, nil
}

// slowDown waits as a slower disk would: appends of one partition are flushed one after the other.
func (j *js) slowDown(t Topic, partition int) {
	if j.syncDelay == 0 || t != Events {
		return
	}
	j.syncing[partition].Lock()
	defer j.syncing[partition].Unlock()
	time.Sleep(j.syncDelay)
}

// packing holds what records are compressed into: what is kept of them is a fraction of the room that it takes.
var packing = sync.Pool{New: func() any { return new([]byte) }}

func pack(data []byte) []byte {
	if len(data) < compressAbove {
		return append([]byte{plainRecord}, data...)
	}
	scratch := packing.Get().(*[]byte)
	defer packing.Put(scratch)
	*scratch = s2.Encode((*scratch)[:cap(*scratch)], data)
	out := make([]byte, 1+len(*scratch))
	out[0] = s2Record
	copy(out[1:], *scratch)
	return out
}

func unpack(data []byte) ([]byte, error) {
	if len(data) == 0 {
		return nil, errEnvelope
	}
	switch data[0] {
	case plainRecord:
		return data[1:], nil
	case s2Record:
		return s2.Decode(nil, data[1:])
	}
	return nil, errEnvelope
}

// unpackedLen is the length of what unpack gives; of what is damaged, any number.
func unpackedLen(data []byte) int {
	if len(data) > 1 && data[0] == s2Record {
		n, _ := s2.DecodedLen(data[1:])
		return n
	}
	return len(data)
}

func (j *js) Last(ctx context.Context, t Topic, partition int) (uint64, error) {
	_, last, err := j.span(ctx, t, partition)
	return last, err
}

func (j *js) Healthy(ctx context.Context) error {
	if j.server != nil {
		if err := j.server.room(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	api, err := j.handle()
	if err != nil {
		return err
	}
	if _, err := api.AccountInfo(ctx); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	return nil
}

func (j *js) Close() error {
	j.mu.Lock()
	closed, conn := j.closed, j.conn
	j.closed, j.conn, j.api = true, nil, nil
	j.mu.Unlock()
	if closed {
		return nil
	}
	if conn != nil {
		conn.Close()
	}
	if j.server != nil {
		j.server.stop() // without the lock: its watch may be connecting
	}
	return nil
}

// OpenCluster opens the log on an external NATS JetStream cluster.
func OpenCluster(ctx context.Context, o Options) (Log, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	conn, err := nats.Connect(o.URL, nats.Name("heed"), nats.MaxReconnects(-1), nats.ReconnectWait(250*time.Millisecond), nats.RetryOnFailedConnect(true))
	if err != nil {
		return nil, fmt.Errorf("stream: connect to %s: %w", o.URL, err)
	}
	api, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	j := &js{log: o.Logger, replicas: o.Replicas, maxAge: o.MaxAge, conn: conn, api: api}
	if j.replicas == 0 {
		j.replicas = 3
	}
	if err := j.openPatiently(ctx, o); err != nil {
		conn.Close()
		return nil, err
	}
	return j, nil
}

// patience is how long the start waits for a cluster that starts as well, or elects a leader.
const patience = time.Minute

func (j *js) openPatiently(ctx context.Context, o Options) error {
	for began := time.Now(); ; {
		err := j.open(ctx, o, 8)
		if err == nil || ctx.Err() != nil || heed.CodeOf(err) == heed.Invalid || time.Since(began) > patience {
			return err
		}
		j.log.Warn("the NATS cluster is not ready; trying again", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
