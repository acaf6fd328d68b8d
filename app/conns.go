package app

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// Bounds of what connections may cost. Who reads an answer has to take some of it every so often, however long it is: a
// stream or an export may last for hours.
const (
	writePause = time.Minute
	mostConns  = 16384
)

// bounded is a listener with at most so many connections, the others wait, each of which ends when its client reads nothing.
func bounded(l net.Listener) net.Listener {
	return &patientListener{netutil.LimitListener(l, connLimit())}
}

// connLimit leaves a quarter of the process's files to everything else.
func connLimit() int {
	var files syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) != nil || files.Cur >= mostConns/3*4 {
		return mostConns
	}
	return max(64, int(files.Cur/4*3))
}

type patientListener struct{ net.Listener }

// Accept implements net.Listener.
func (l *patientListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &patientConn{Conn: c}, nil
}

// patientConn gives each write its own time, unless the handler has set a deadline.
type patientConn struct {
	net.Conn
	set atomic.Bool
}

// Write implements net.Conn.
func (c *patientConn) Write(b []byte) (int, error) {
	if !c.set.Load() {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(writePause))
	}
	return c.Conn.Write(b)
}

// SetWriteDeadline implements net.Conn.
func (c *patientConn) SetWriteDeadline(t time.Time) error {
	c.set.Store(!t.IsZero())
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline implements net.Conn.
func (c *patientConn) SetDeadline(t time.Time) error {
	c.set.Store(!t.IsZero())
	return c.Conn.SetDeadline(t)
}
