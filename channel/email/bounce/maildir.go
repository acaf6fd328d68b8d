package bounce

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"time"
)

// Maildir takes in what a mail server of the brand's drops into a maildir: each mail of new/ is read, moved to cur/
// when it is done, and left for the next time when the stream does not take it. It looks every interval until ctx ends.
func (in *Intake) Maildir(ctx context.Context, dir string, interval time.Duration) error {
	for _, sub := range []string{"new", "cur"} {
		if st, err := os.Stat(filepath.Join(dir, sub)); err != nil || !st.IsDir() {
			return fmt.Errorf("bounce: %s is not a maildir: it needs the folders new and cur", dir)
		}
	}
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		if err := in.scan(ctx, dir); err != nil && ctx.Err() == nil {
			in.Log.Error("cannot take in reports; trying again", "maildir", dir, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (in *Intake) scan(ctx context.Context, dir string) error {
	files, err := os.ReadDir(filepath.Join(dir, "new"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if ctx.Err() != nil || !f.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, "new", f.Name())
		if err := in.file(ctx, path); err != nil && !errors.Is(err, ErrNotReport) {
			return err
		}
		if err := os.Rename(path, filepath.Join(dir, "cur", f.Name()+":2,S")); err != nil {
			return err
		}
	}
	return nil
}

func (in *Intake) file(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	// Servers note the envelope's recipient in Delivered-To or X-Original-To.
	to := ""
	if m, err := mail.ReadMessage(f); err == nil {
		for _, h := range []string{"X-Original-To", "Delivered-To", "Envelope-To", "To"} {
			if a, err := mail.ParseAddress(m.Header.Get(h)); err == nil {
				to = a.Address
				break
			}
		}
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	return in.Take(ctx, to, f)
}
