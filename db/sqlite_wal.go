package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// The write-ahead log is copied into the database beside the writer from walBytes on; the writer itself only
// finishes the rest when it has grown to walPages.
const (
	walBytes        = 8 << 20
	walPages        = 24_576 // 96 MiB
	checkpointEvery = 200 * time.Millisecond
)

// checkpoint keeps the write-ahead log short, so that no commit has to.
func (s *sqlite) checkpoint() {
	defer close(s.gone)
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	var written time.Time
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		info, err := os.Stat(s.wal)
		if err != nil || info.Size() < walBytes || info.ModTime().Equal(written) {
			continue
		}
		// PASSIVE waits for nobody and blocks nobody; what a reader still needs stays for the next time.
		if _, err := s.keep.Exec("PRAGMA wal_checkpoint(PASSIVE)"); err == nil {
			written = info.ModTime()
		}
	}
}

// sync brings the write-ahead log to the disk, and with it every commit: what is not in there any more lies in the
// database, which was flushed before the log began anew. It waits for no writer.
func (s *sqlite) sync(context.Context) error {
	f, err := os.Open(s.wal)
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	err = f.Sync()
	time.Sleep(s.syncDelay)
	return errors.Join(err, f.Close())
}
