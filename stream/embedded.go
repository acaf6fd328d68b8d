package stream

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/heedcx/heed"
)

// embedded is a NATS server in this process. It listens on no port.
type embedded struct {
	dir     string
	minFree uint64
	log     *slog.Logger
	srv     *server.Server
	full    atomic.Bool
	done    chan struct{}
	gone    chan struct{} // closed when watch has ended; srv is watch's until then
}

const (
	startTimeout   = 20 * time.Second
	defaultMinFree = 128 << 20
	watchEvery     = 500 * time.Millisecond
)

// OpenEmbedded opens the log in o.Dir. Every append has reached the disk before it returns (SyncAlways: the server's
// default would sync every two minutes).
func OpenEmbedded(ctx context.Context, o Options) (Log, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	e := &embedded{dir: o.Dir, minFree: o.MinFree, log: o.Logger, done: make(chan struct{}), gone: make(chan struct{})}
	if e.minFree == 0 {
		e.minFree = defaultMinFree
	}
	e.look()
	j := &js{log: o.Logger, maxAge: o.MaxAge, server: e}
	if err := e.start(); err != nil {
		return nil, err
	}
	if err := j.connect(); err != nil {
		e.srv.Shutdown()
		return nil, err
	}
	go e.watch(j)
	if err := j.open(ctx, o, 1); err != nil {
		_ = j.Close()
		return nil, err
	}
	return j, nil
}

func (e *embedded) start() error {
	srv, err := server.NewServer(&server.Options{
		ServerName: "heed", DontListen: true, JetStream: true, StoreDir: e.dir,
		SyncAlways: true, NoLog: true, NoSigs: true, MaxPayload: 8 << 20, MaxPending: 256 << 20,
		JetStreamMaxMemory: 64 << 20,
	})
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	srv.Start()
	if !srv.ReadyForConnections(startTimeout) {
		srv.Shutdown()
		return fmt.Errorf("stream: the embedded log did not open within %s (is %s readable and on a disk with room?)", startTimeout, e.dir)
	}
	e.srv = srv
	return nil
}

// connect gives j a fresh connection to the server in this process.
func (j *js) connect() error {
	conn, err := nats.Connect("", nats.InProcessServer(j.server.srv), nats.Name("heed"), nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond))
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	api, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		return fmt.Errorf("stream: %w", err)
	}
	j.mu.Lock()
	old := j.conn
	j.conn, j.api = conn, api
	j.mu.Unlock()
	if old != nil {
		old.Close()
	}
	return nil
}

// room refuses records while the disk is nearly full: it keeps space for the state store, which must be able to
// commit what is already in the log, and it keeps the server from disabling itself.
func (e *embedded) room() error {
	if e.full.Load() {
		return heed.Errorf(heed.Unavailable, "The disk is nearly full (less than %d MiB left at %s). Free some space; Heed goes on by itself.", e.minFree>>20, e.dir)
	}
	return nil
}

func (e *embedded) look() {
	var fs syscall.Statfs_t
	if syscall.Statfs(e.dir, &fs) == nil {
		e.full.Store(fs.Bavail*uint64(fs.Bsize) < e.minFree)
	}
}

// watch looks at the disk, and starts the server again after it has disabled JetStream because of a write error.
func (e *embedded) watch(j *js) {
	defer close(e.gone)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.done:
			return
		case <-tick.C:
		}
		e.look()
		if e.full.Load() || e.srv.JetStreamEnabled() {
			continue
		}
		e.log.Warn("the embedded log had stopped; starting it again")
		e.srv.Shutdown()
		e.srv.WaitForShutdown()
		if err := e.start(); err != nil {
			e.log.Error("the embedded log does not start", "error", err)
			continue
		}
		if err := j.connect(); err != nil {
			e.log.Error("no connection to the embedded log", "error", err)
		}
	}
}

func (e *embedded) stop() {
	close(e.done)
	<-e.gone
	e.srv.Shutdown()
	e.srv.WaitForShutdown()
}
