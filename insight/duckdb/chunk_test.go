package duckdb

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// A vector may still hold the addresses of a chunk whose arena was freed long ago, after a writer was closed say. Writing
// over them must not show them to the garbage collector: it ends the process.
func TestAChunkWritesOverStaleAddresses(t *testing.T) {
	columns := []column{{"name", mapping.TypeVarchar, false}}
	c, err := newChunk(columns)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	stale := staleAddress()
	runtime.GC()
	runtime.GC()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			runtime.GC()
		}
	}()
	for {
		for row := range vectorSize {
			*(*uintptr)(unsafe.Add(c.cols[0], row*16+8)) = stale
		}
		for c.row = 0; c.row < vectorSize; c.row++ {
			c.string(0, "more than twelve bytes")
		}
		c.used = 0
		select {
		case <-done:
			return
		default:
		}
	}
}

// staleAddress is in the middle of bytes that nobody holds any more.
func staleAddress() uintptr {
	b := make([]byte, 4<<20)
	return uintptr(unsafe.Pointer(&b[1<<20])) + 1
}
