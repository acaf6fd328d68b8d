package db

import (
	"syscall"
	"time"
)

// tcpUserTimeout is TCP_USER_TIMEOUT, which package syscall does not name.
const tcpUserTimeout = 0x12

// userTimeout ends a connection when what was sent stays unacknowledged for so long.
func userTimeout(c syscall.RawConn, after time.Duration) (err error) {
	if cErr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(after.Milliseconds()))
	}); cErr != nil {
		return cErr
	}
	return err
}
