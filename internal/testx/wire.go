package testx

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Wire is a TCP connection that can be cut as a network cuts it: nobody is told, and what is sent vanishes.
type Wire struct {
	listener net.Listener
	to       string

	mu  sync.Mutex
	cut *atomic.Bool // of the connections that are open now
	all []net.Conn
}

// NewWire opens a wire to the host of a URL and returns the URL through it.
func NewWire(t testing.TB, to string) (*Wire, string) {
	t.Helper()
	return WireAt(t, "127.0.0.1:0", to)
}

// WireAt is NewWire at an address of its own.
func WireAt(t testing.TB, addr, to string) (*Wire, string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{listener: l, to: u.Host, cut: new(atomic.Bool)}
	go w.serve()
	t.Cleanup(w.close)
	u.Host = l.Addr().String()
	return w, u.String()
}

// Cut cuts the connections that are open, for good. New ones work.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut.Store(true)
	w.cut = new(atomic.Bool)
}

func (w *Wire) serve() {
	for {
		in, err := w.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		w.mu.Lock()
		cut := w.cut
		w.all = append(w.all, in, out)
		w.mu.Unlock()
		go carry(out, in, cut)
		go carry(in, out, cut)
	}
}

// carry copies until one end closes. When the wire is cut, neither data nor the end of it arrives.
func carry(to, from net.Conn, cut *atomic.Bool) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if cut.Load() {
			_, _ = io.Copy(io.Discard, from)
			return
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				_ = from.Close()
				return
			}
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}

func (w *Wire) close() {
	_ = w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.all {
		_ = c.Close()
	}
}
