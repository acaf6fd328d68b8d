package app

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/heedcx/heed"
)

// lockData makes sure that one process at a time works in a data folder.
func lockData(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, heed.FieldErrorf("data", "the folder cannot be made: %v", err)
	}
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, heed.FieldErrorf("data", "the folder cannot be written to: %v", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, heed.Errorf(heed.Conflict, "Another Heed works in %s. Stop it, or name another folder with --data.", dir)
	}
	_ = f.Truncate(0)
	_, _ = fmt.Fprintln(f, os.Getpid())
	return f, nil
}

// InUse says whether a Heed works in a data folder right now.
func InUse(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0o600)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // gives the lock back
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}
