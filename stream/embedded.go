package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
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
	dry     atomic.Bool // the disk was so full that the server's own writes may have failed
	failing sync.Map    // subjects whose last append failed although there was room
	done    chan struct{}
	gone    chan struct{} // closed when watch has ended; srv is watch's until then
}

const (
	startTimeout   = 20 * time.Second
	defaultMinFree = 128 << 20
	watchEvery     = 500 * time.Millisecond
	restartAfter   = 5 * time.Second // between two starts of the server
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
		// Else the server allows itself three quarters of what is free at its start, for as long as it runs. room
		// looks at what is free now.
		JetStreamMaxStore: math.MaxInt64 / 2,
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
	if j.closed {
		old = conn
	} else {
		j.conn, j.api = conn, api
	}
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
		free := fs.Bavail * uint64(fs.Bsize)
		e.full.Store(free < e.minFree)
		if free < e.minFree/16 {
			e.dry.Store(true)
		}
	}
}

// took notes what came of an append to a subject: no answer, or one that the server cannot store it, is the server's
// fault; everything else is the caller's.
func (e *embedded) took(subject string, err error) {
	answer, refused := errors.AsType[*jetstream.APIError](err)
	switch {
	case err == nil:
		if _, had := e.failing.Load(subject); had {
			e.failing.Delete(subject)
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, jetstream.ErrNoStreamResponse), refused && answer.Code >= 500:
		e.failing.Store(subject, true)
	}
}

// broken says whether some subject does not take records.
func (e *embedded) broken() (yes bool) {
	e.failing.Range(func(any, any) bool { yes = true; return false })
	return yes
}

// watch looks at the disk, and starts the server again after a write error: either it has disabled JetStream, or one of
// its streams refuses everything from then on, silently, until it is opened anew.
func (e *embedded) watch(j *js) {
	defer close(e.gone)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for started, connected := time.Now(), true; ; {
		select {
		case <-e.done:
			return
		case <-tick.C:
		}
		e.look()
		if e.full.Load() {
			continue
		}
		if connected && e.srv.JetStreamEnabled() && !e.dry.Load() && (!e.broken() || time.Since(started) < restartAfter) {
			continue
		}
		e.log.Warn("the embedded log did not take records; starting it again")
		started = time.Now()
		e.dry.Store(false)
		e.failing.Clear()
		e.srv.Shutdown()
		e.srv.WaitForShutdown()
		connected = false
		if err := e.start(); err != nil {
			e.log.Error("the embedded log does not start", "error", err)
			continue
		}
		if err := j.connect(); err != nil {
			e.log.Error("no connection to the embedded log", "error", err)
			continue
		}
		connected = true
	}
}

func (e *embedded) stop() {
	close(e.done)
	<-e.gone
	e.srv.Shutdown()
	e.srv.WaitForShutdown()
}
