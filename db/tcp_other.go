//go:build !linux

package db

import (
	"syscall"
	"time"
)

// userTimeout leaves it at keepalives where the system has no such option.
func userTimeout(syscall.RawConn, time.Duration) error { return nil }
