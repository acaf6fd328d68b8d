package app

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoReadsNothingIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer func() { _, _ = here.Close(), there.Close() }()
		c := &patientConn{Conn: here}
		go func() { // slowly, and for long
			for range 5 {
				time.Sleep(writePause * 3 / 4)
				_, _ = io.ReadFull(there, make([]byte, 4))
			}
		}()
		for i := range 5 {
			if _, err := c.Write([]byte("some")); err != nil {
				t.Fatalf("write %d to one who reads slowly: %v", i, err)
			}
		}
		began := time.Now()
		if _, err := c.Write([]byte("more")); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != writePause {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

func TestADeadlineOfTheHandlersIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer func() { _, _ = here.Close(), there.Close() }()
		c := &patientConn{Conn: here}
		began := time.Now()
		_ = c.SetWriteDeadline(began.Add(time.Second))
		if _, err := c.Write([]byte("x")); err == nil || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
