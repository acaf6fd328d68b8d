package duckdb

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/heedcx/heed"
)

// chunk writes rows straight into the vectors of a DuckDB data chunk. The driver's own Appender takes each value as
// an interface and crosses into C once per string; this one crosses once per 2,048 rows and allocates nothing per row
// (see chunk_timing_test.go for both).
//
// Strings of more than twelve bytes are copied into arena, whose address the vectors hold until the chunk is handed
// over; it is pinned, so that C may hold it.
type chunk struct {
	types []mapping.LogicalType
	data  mapping.DataChunk
	cols  []unsafe.Pointer // the vectors' values
	valid []unsafe.Pointer // the validity bits of the columns that may be NULL, else nil
	row   int

	arena  []byte // pinned
	used   int
	extra  int // strings that did not fit and are pinned by themselves
	pinner runtime.Pinner
}

// vectorSize is how many rows a DuckDB vector holds; newChunk checks it.
const vectorSize = 2048

// arenaSize takes 2,048 rows of about a kilobyte; with longer rows a chunk holds fewer.
const arenaSize = 2 << 20

func newChunk(columns []column) (*chunk, error) {
	if n := mapping.VectorSize(); n != vectorSize {
		return nil, fmt.Errorf("insight/duckdb: the library's vectors hold %d rows, want %d", n, vectorSize)
	}
	c := &chunk{cols: make([]unsafe.Pointer, len(columns)), valid: make([]unsafe.Pointer, len(columns))}
	for _, col := range columns {
		c.types = append(c.types, mapping.CreateLogicalType(col.kind))
	}
	c.data = mapping.CreateDataChunk(c.types)
	c.arena = make([]byte, arenaSize)
	c.pinner.Pin(&c.arena[0])
	c.reset(columns)
	return c, nil
}

// reset empties the chunk for the next rows.
func (c *chunk) reset(columns []column) {
	mapping.DataChunkReset(c.data)
	for i := range columns {
		v := mapping.DataChunkGetVector(c.data, mapping.IdxT(i))
		c.cols[i] = mapping.VectorGetData(v)
		if columns[i].nullable {
			mapping.VectorEnsureValidityWritable(v)
			c.valid[i] = mapping.VectorGetValidity(v)
		}
	}
	if c.extra > 0 {
		c.pinner.Unpin()
		c.pinner.Pin(&c.arena[0])
	}
	c.row, c.used, c.extra = 0, 0, 0
}

func (c *chunk) close() {
	mapping.DestroyDataChunk(&c.data)
	for i := range c.types {
		mapping.DestroyLogicalType(&c.types[i])
	}
	c.pinner.Unpin()
}

// full says whether the chunk should be handed over before the next row.
func (c *chunk) full() bool { return c.row == vectorSize || c.used > arenaSize-arenaSize/8 }

func (c *chunk) int64(col int, v int64) { *(*int64)(unsafe.Add(c.cols[col], c.row*8)) = v }
func (c *chunk) int32(col int, v int32) { *(*int32)(unsafe.Add(c.cols[col], c.row*4)) = v }

// id writes a UUID: DuckDB keeps it as a signed 128-bit number whose top bit is flipped, so that it sorts as bytes do.
func (c *chunk) id(col int, v heed.ID) {
	if v.IsZero() && c.valid[col] != nil {
		c.null(col)
		return
	}
	p := unsafe.Add(c.cols[col], c.row*16)
	*(*uint64)(p) = binary.BigEndian.Uint64(v[8:])
	*(*uint64)(unsafe.Add(p, 8)) = binary.BigEndian.Uint64(v[:8]) ^ 1<<63
}

func (c *chunk) null(col int) {
	word := (*uint64)(unsafe.Add(c.valid[col], c.row/64*8))
	*word &^= 1 << (c.row % 64)
}

// json writes a value of properties or context; an absent one is NULL.
func (c *chunk) json(col int, v heed.RawJSON) {
	if len(v) == 0 {
		c.null(col)
		return
	}
	c.string(col, unsafe.String(unsafe.SliceData(v), len(v)))
}

// string writes a VARCHAR. Its sixteen bytes are the length and either up to twelve bytes of text or four of them and
// the address of all. DuckDB trusts us that it is UTF-8, so what is not becomes U+FFFD.
func (c *chunk) string(col int, s string) {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	p := unsafe.Add(c.cols[col], c.row*16)
	b := (*[16]byte)(p)
	binary.NativeEndian.PutUint32(b[:4], uint32(len(s)))
	if len(s) <= 12 {
		clear(b[4:])
		copy(b[4:], s)
		return
	}
	if len(s) > len(c.arena)-c.used {
		own := []byte(s)
		c.pinner.Pin(&own[0])
		c.extra++
		copy(b[4:8], s)
		setAddress(p, &own[0])
		return
	}
	at := c.arena[c.used : c.used+len(s)]
	copy(at, s)
	c.used += len(s)
	copy(b[4:8], s)
	setAddress(p, &at[0])
}

// setAddress writes the address of a long string's bytes, as a number: what the vector held before may be an address of
// bytes that are long gone, and the garbage collector looks at the old value of whatever is stored as a pointer.
func setAddress(p unsafe.Pointer, b *byte) {
	*(*uintptr)(unsafe.Add(p, 8)) = uintptr(unsafe.Pointer(b))
}
