package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/heedcx/heed"
)

// Part names one log of one topic.
type Part struct {
	Topic     Topic `json:"topic"`
	Partition int   `json:"partition"`
}

// Parts lists all logs of a Log.
func Parts(l Log) []Part {
	var out []Part
	for p := range l.Partitions() {
		out = append(out, Part{Events, p})
	}
	return append(out, Part{Facts, 0}, Part{Dead, 0})
}

// Snapshotter is a Log that can be copied while it takes records.
type Snapshotter interface {
	// Snapshot writes a copy of one log to w: everything that was appended before the call, and perhaps some of what
	// comes during it. The returned head is needed to restore it.
	Snapshot(ctx context.Context, p Part, w io.Writer) (head json.RawMessage, err error)
}

const (
	snapshotChunk = 256 << 10
	snapshotWait  = 30 * time.Second // for the next chunk
)

// apiError is how the server says that something did not work.
type apiError struct {
	Error *struct {
		Code        int    `json:"code"`
		Description string `json:"description"`
	} `json:"error"`
}

// Snapshot implements Snapshotter with the server's own snapshots.
func (j *js) Snapshot(ctx context.Context, p Part, w io.Writer) (json.RawMessage, error) {
	if _, err := j.handle(); err != nil {
		return nil, err
	}
	j.mu.RLock()
	conn := j.conn
	j.mu.RUnlock()
	inbox := conn.NewInbox()
	sub, err := conn.SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("stream: snapshot: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	ask, err := json.Marshal(map[string]any{"deliver_subject": inbox, "no_consumers": true, "chunk_size": snapshotChunk})
	if err != nil {
		return nil, err
	}
	answer, err := call(ctx, conn, "$JS.API.STREAM.SNAPSHOT."+streamName(p.Topic, p.Partition), ask)
	if err != nil {
		return nil, fmt.Errorf("stream: snapshot of %s: %w", streamName(p.Topic, p.Partition), err)
	}
	var head struct {
		Config json.RawMessage `json:"config"`
		State  json.RawMessage `json:"state"`
	}
	if err := json.Unmarshal(answer, &head); err != nil {
		return nil, fmt.Errorf("stream: snapshot: %w", err)
	}
	for {
		m, err := nextChunk(ctx, sub)
		if err != nil {
			return nil, fmt.Errorf("stream: snapshot of %s: %w", streamName(p.Topic, p.Partition), err)
		}
		if len(m.Data) == 0 { // the end, with how it went
			if status := m.Header.Get("Status"); status != "" && status != "204" {
				return nil, fmt.Errorf("stream: snapshot: the server stopped with %s %s", status, m.Header.Get("Description"))
			}
			return json.Marshal(head)
		}
		if _, err := w.Write(m.Data); err != nil {
			return nil, err
		}
		if m.Reply != "" { // lets the server go on
			if err := conn.Publish(m.Reply, nil); err != nil {
				return nil, err
			}
		}
	}
}

func nextChunk(ctx context.Context, sub *nats.Subscription) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, snapshotWait)
	defer cancel()
	return sub.NextMsgWithContext(ctx)
}

func call(ctx context.Context, conn *nats.Conn, subject string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, snapshotWait)
	defer cancel()
	m, err := conn.RequestWithContext(ctx, subject, body)
	if err != nil {
		return nil, err
	}
	var failed apiError
	if len(m.Data) > 0 {
		if err := json.Unmarshal(m.Data, &failed); err != nil {
			return nil, err
		}
	}
	if failed.Error != nil {
		return nil, errors.New(failed.Error.Description)
	}
	return m.Data, nil
}

// Snapshot is a copy of one log, to be restored.
type Snapshot struct {
	Part
	Head json.RawMessage
	Data io.Reader
}

// Restore fills the embedded log in dir, which must not exist yet, from snapshots. next returns io.EOF after the last.
func Restore(ctx context.Context, dir string, log *slog.Logger, next func() (Snapshot, error)) (err error) {
	if _, err := os.Stat(dir); err == nil {
		return heed.Errorf(heed.Conflict, "There is a stream in %s already: restore into an empty folder.", dir)
	}
	e := &embedded{dir: dir, log: log}
	if err := e.start(); err != nil {
		return err
	}
	defer func() {
		e.srv.Shutdown()
		e.srv.WaitForShutdown()
	}()
	conn, err := nats.Connect("", nats.InProcessServer(e.srv), nats.Name("heed restore"))
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	defer conn.Close()
	for {
		s, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := restoreOne(ctx, conn, s); err != nil {
			return fmt.Errorf("stream: restore of %s: %w", streamName(s.Topic, s.Partition), err)
		}
	}
}

func restoreOne(ctx context.Context, conn *nats.Conn, s Snapshot) error {
	answer, err := call(ctx, conn, "$JS.API.STREAM.RESTORE."+streamName(s.Topic, s.Partition), s.Head)
	if err != nil {
		return err
	}
	var to struct {
		Subject string `json:"deliver_subject"`
	}
	if err := json.Unmarshal(answer, &to); err != nil {
		return err
	}
	chunk := make([]byte, snapshotChunk)
	for {
		n, err := io.ReadFull(s.Data, chunk)
		if n > 0 {
			if _, err := call(ctx, conn, to.Subject, chunk[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			_, err = call(ctx, conn, to.Subject, nil) // an empty chunk ends it; the answer comes when all is on disk
			return err
		}
		if err != nil {
			return err
		}
	}
}
