package collect

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// request is the working memory of one request. It is pooled: the buffer that the events' strings point into is
// written again only after Sink.Write has returned, which keeps nothing of it.
type request struct {
	body    []byte // the text; capacity for pad zero bytes behind it
	text    text
	builder builder
	events  []heed.Event
	index   []int32 // of each event in its batch
	refused []Refusal
	letters []stream.DeadLetter
	seen    map[string]struct{}
	gzip    *gzip.Reader
	peek    oneByte
}

var requests = sync.Pool{New: func() any { return &request{body: make([]byte, 0, 64<<10), seen: map[string]struct{}{}} }}

func takeRequest() *request { return requests.Get().(*request) }

// release gives the memory back. One large request must not make every pooled one large.
func (q *request) release() {
	if cap(q.body) > 2<<20 || cap(q.builder.merger.buf) > 1<<20 || cap(q.events) > 4*MaxBatchEvents {
		return
	}
	// Nothing may point into the buffer, nor keep a sender's data alive, once it is someone else's.
	clear(q.events)
	clear(q.builder.ids)
	clear(q.refused)
	clear(q.letters)
	clear(q.seen)
	q.events, q.index, q.refused, q.letters = q.events[:0], q.index[:0], q.refused[:0], q.letters[:0]
	ids := q.builder.ids[:0]
	m := q.builder.merger
	m.reset()
	q.builder = builder{ids: ids, merger: m}
	requests.Put(q)
}

var (
	errTooLarge = &heed.Error{Code: heed.TooLarge, Message: "The request is larger than 500 KB after decompression. Send smaller batches."}
	errEncoding = &heed.Error{Code: heed.Invalid, Field: "Content-Encoding", Message: "want gzip or none"}
	errGzip     = &heed.Error{Code: heed.Invalid, Message: "The request says that it is gzip, but it cannot be decompressed."}
)

// read reads the body, decompressed, into q.body. A body that is too large is read as far as the limit.
func (q *request) read(r *http.Request) error {
	q.body = q.body[:0]
	src := io.Reader(r.Body)
	switch enc := r.Header.Get("Content-Encoding"); {
	case enc == "" || strings.EqualFold(enc, "identity"):
		if r.ContentLength >= 0 && r.ContentLength <= MaxBatchBytes {
			q.grow(int(r.ContentLength))
			q.body = q.body[:r.ContentLength]
			_, err := io.ReadFull(src, q.body)
			return err
		}
	case strings.EqualFold(enc, "gzip") || strings.EqualFold(enc, "x-gzip"):
		// What decompresses to the limit cannot be much larger than it before.
		q.peek.r, q.peek.i, q.peek.n = io.LimitReader(r.Body, MaxBatchBytes+4096), 0, 0
		if q.gzip == nil {
			q.gzip = new(gzip.Reader)
		}
		if err := q.gzip.Reset(&q.peek); err != nil {
			return readError(err)
		}
		src = q.gzip
	default:
		return errEncoding
	}
	for {
		q.grow(len(q.body) + 4096)
		n, err := src.Read(q.body[len(q.body):min(cap(q.body)-pad, MaxBatchBytes+1)])
		q.body = q.body[:len(q.body)+n]
		switch {
		case len(q.body) > MaxBatchBytes:
			return errTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return readError(err)
		}
	}
}

// oneByte makes the reader an io.ByteReader, so that gzip does not put a buffer of its own around it each time.
type oneByte struct {
	r    io.Reader
	buf  [4096]byte
	i, n int
}

func (o *oneByte) fill() error {
	for o.i == o.n {
		n, err := o.r.Read(o.buf[:])
		o.i, o.n = 0, n
		if n == 0 && err != nil {
			return err
		}
	}
	return nil
}

// ReadByte implements io.ByteReader.
func (o *oneByte) ReadByte() (byte, error) {
	if err := o.fill(); err != nil {
		return 0, err
	}
	c := o.buf[o.i]
	o.i++
	return c, nil
}

// Read implements io.Reader.
func (o *oneByte) Read(p []byte) (int, error) {
	if err := o.fill(); err != nil {
		return 0, err
	}
	n := copy(p, o.buf[o.i:o.n])
	o.i += n
	return n, nil
}

// readError tells a damaged body from a connection that broke.
func readError(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF) || errors.As(err, &corrupt) {
		return errGzip
	}
	return err
}

// grow makes room for n bytes of text and its padding.
func (q *request) grow(n int) {
	if cap(q.body) < n+pad {
		bigger := make([]byte, len(q.body), max(n+pad, 2*cap(q.body)))
		copy(bigger, q.body)
		q.body = bigger
	}
}

// padded returns the text with its zero bytes.
func (q *request) padded() []byte {
	n := len(q.body)
	q.grow(n)
	b := q.body[:n+pad]
	clear(b[n:])
	return b
}
