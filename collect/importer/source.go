package importer

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/charmap"

	"github.com/heedcx/heed"
)

// source is an open file.
type source struct {
	name   string
	format string
	size   int64    // as it lies there
	hash   [32]byte // of what the file says, decompressed
	r      io.Reader
	file   *os.File
	count  atomic.Int64
}

// open opens a file, plain or gzip, and reads it once for the hash of what it says: the same lines are the same file,
// compressed or not.
func open(path string, m *Mapping) (_ *source, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &heed.Error{Code: heed.NotFound, Message: fmt.Sprintf("%s cannot be opened.", path), Cause: err}
	}
	s := &source{name: filepath.Base(path), file: f}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if err := s.start(); err != nil {
		return nil, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, s.r); err != nil {
		return nil, heed.Errorf(heed.Invalid, "%s cannot be read to its end: %v", path, err)
	}
	h.Sum(s.hash[:0])
	s.size = s.read()
	if err := s.start(); err != nil {
		return nil, err
	}
	switch m.Encoding {
	case "latin-1":
		s.r = charmap.ISO8859_1.NewDecoder().Reader(s.r)
	case "windows-1252":
		s.r = charmap.Windows1252.NewDecoder().Reader(s.r)
	}
	if s.format = m.Format; s.format == "" {
		switch filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ".gz")) {
		case ".csv", ".tsv", ".txt":
			s.format = CSV
		case ".ndjson", ".jsonl", ".json":
			s.format = NDJSON
		default:
			return nil, heed.FieldErrorf("format", "cannot be told from the name %s: say format: csv or format: ndjson in the mapping", s.name)
		}
	}
	return s, nil
}

// start goes to the beginning of the file.
func (s *source) start() error {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s.count.Store(0)
	b := bufio.NewReaderSize(s, 256<<10)
	s.r = b
	if magic, _ := b.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(b)
		if err != nil {
			return heed.Errorf(heed.Invalid, "%s begins like a gzip file but is none: %v", s.name, err)
		}
		s.r = z
	}
	return nil
}

// Read implements io.Reader, counting.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	s.count.Add(int64(n))
	return n, err
}

func (s *source) read() int64 { return s.count.Load() }

// Close closes the file.
func (s *source) Close() error { return s.file.Close() }
