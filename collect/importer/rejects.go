package importer

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
)

type refusal struct {
	line   int64
	reason string
	raw    []byte
}

// rejectsFile is a CSV file of line, reason and the line as it is. It appears with the first refusal.
type rejectsFile struct {
	path string
	size int64
	f    *os.File
	buf  bytes.Buffer
}

// openRejects goes on behind the first size bytes of the file: what an interrupted run wrote behind them is cut off,
// because those lines come again. A file that is shorter, because somebody has moved the one of before or names another, is
// gone on with at its end.
func openRejects(path string, size int64) (*rejectsFile, error) {
	r := &rejectsFile{path: path, size: size}
	if size > 0 {
		return r, r.open()
	}
	return r, nil
}

func (r *rejectsFile) open() error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the rejects file: %w", err)
	}
	if info, err := f.Stat(); err == nil {
		r.size = min(r.size, info.Size())
	}
	if err := f.Truncate(r.size); err != nil {
		_ = f.Close()
		return err
	}
	if _, err := f.Seek(r.size, 0); err != nil {
		_ = f.Close()
		return err
	}
	r.f = f
	return nil
}

func (r *rejectsFile) write(list []refusal) error {
	if len(list) == 0 {
		return nil
	}
	r.buf.Reset()
	w := csv.NewWriter(&r.buf)
	if r.f == nil {
		if err := r.open(); err != nil {
			return err
		}
	}
	if r.size == 0 {
		_ = w.Write([]string{"line", "reason", "raw"}) // into memory
	}
	for _, x := range list {
		_ = w.Write([]string{strconv.FormatInt(x.line, 10), x.reason, string(x.raw)})
	}
	w.Flush()
	n, err := r.f.Write(r.buf.Bytes())
	if err != nil {
		return fmt.Errorf("the rejects file: %w", err)
	}
	r.size += int64(n)
	return r.f.Sync()
}

func (r *rejectsFile) close() error {
	if r.f == nil {
		return nil
	}
	return r.f.Close()
}
