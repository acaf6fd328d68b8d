package stream

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/FastFilter/xorfilter"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// DuplicateWindow is how long a message id is remembered.
const DuplicateWindow = 72 * time.Hour

// hash stands for one message id of one source: the first 16 bytes of SHA-256, so that nobody can craft an event that
// makes another one look like a duplicate.
type hash [16]byte

// The ids of a partition are kept in buckets. The open bucket is a set in memory; on disk it is one row of 16-byte
// hashes per transaction. A full bucket is sealed: sorted, cut into 256 rows by the first byte, and summed up in a
// binary fuse filter of 18 bits an id, which answers "not here" from memory for all but 1 in 65,000. Only what the
// filter lets through is looked up on disk, so the answer is exact.
// Cost of an id: 16 bytes on disk, 2.25 in memory (about 24 while its bucket is open).
const bucketIDs = 1 << 20

// maxFilters bounds the memory: buckets beyond the newest so many are looked up on disk directly.
const maxFilters = 64

// dedup drops the duplicates of one partition. It belongs to the partition's worker.
type dedup struct {
	part    int
	limit   int // ids per bucket
	open    map[hash]struct{}
	bucket  int64 // number of the open bucket
	run     int64
	frozen  *frozen  // a full bucket that is being sealed
	sealed  []bucket // oldest first
	pending []hash   // of the transaction under way
	sealing *frozen  // what the transaction under way seals
	expired []int64
}

type bucket struct {
	number   int64
	youngest heed.Time
	filter   *xorfilter.BinaryFuse[uint16]
}

// frozen is a full bucket on its way to being sealed. done is closed when shards and filter are ready.
type frozen struct {
	number int64
	ids    map[hash]struct{}
	shards [256][]byte
	filter *xorfilter.BinaryFuse[uint16]
	err    error
	done   chan struct{}
}

func newDedup(part int) *dedup {
	return &dedup{part: part, limit: bucketIDs, open: map[hash]struct{}{}}
}

// load reads what a partition remembers: filters, and the hashes of buckets that were not sealed.
func (d *dedup) load(ctx context.Context, q db.Querier) error {
	rows, err := q.Query(ctx, "dedup.buckets", d.part)
	if err != nil {
		return err
	}
	for rows.Next() {
		var b bucket
		var raw []byte
		if err := rows.Scan(&b.number, &b.youngest, &raw); err != nil {
			rows.Close()
			return err
		}
		if b.filter, err = loadFilter(raw); err != nil {
			rows.Close()
			return fmt.Errorf("stream: filter of bucket %d: %w", b.number, err)
		}
		d.sealed = append(d.sealed, b)
		d.bucket = b.number + 1
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return err
	}
	d.forgetFilters()
	return d.loadOpen(ctx, q)
}

func (d *dedup) loadOpen(ctx context.Context, q db.Querier) error {
	rows, err := q.Query(ctx, "dedup.open_runs", d.part, d.bucket)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number, run int64
		var hashes []byte
		if err := rows.Scan(&number, &run, &hashes); err != nil {
			return err
		}
		if number > d.bucket && len(d.open) > 0 { // the process ended while it was sealing the bucket before
			d.freeze()
		}
		d.bucket, d.run = number, run+1
		for h := range slices.Chunk(hashes, len(hash{})) {
			d.open[hash(h)] = struct{}{}
		}
	}
	return rows.Err()
}

// filter takes the duplicates out of events and returns the rest, in order, and the duplicates.
func (d *dedup) filter(ctx context.Context, tx db.Tx, events []*heed.Event) (fresh, dups []*heed.Event, err error) {
	hashes := make([]hash, len(events))
	buf := make([]byte, 0, 128)
	for i, e := range events {
		buf = append(append(append(buf[:0], e.Source...), 0), e.MessageID...)
		sum := sha256.Sum256(buf)
		hashes[i] = hash(sum[:16])
	}
	known, err := d.onDisk(ctx, tx, hashes)
	if err != nil {
		return nil, nil, err
	}
	d.pending = make([]hash, 0, len(events))
	inBatch := make(map[hash]struct{}, len(events))
	fresh = make([]*heed.Event, 0, len(events))
	for i, e := range events {
		h := hashes[i]
		_, dup := inBatch[h]
		if !dup {
			_, dup = d.open[h]
		}
		if !dup && d.frozen != nil {
			_, dup = d.frozen.ids[h]
		}
		if dup = dup || known[i]; dup {
			dups = append(dups, e)
			continue
		}
		inBatch[h] = struct{}{}
		d.pending = append(d.pending, h)
		fresh = append(fresh, e)
	}
	return fresh, dups, nil
}

// onDisk tells which hashes are in a sealed bucket. It goes bucket by bucket, so that a filter stays in the
// processor's cache, and reads each row of hashes at most once.
func (d *dedup) onDisk(ctx context.Context, tx db.Tx, hashes []hash) ([]bool, error) {
	known := make([]bool, len(hashes))
	for _, b := range d.sealed {
		shards := map[byte][]byte{}
		for i, h := range hashes {
			if known[i] || b.filter != nil && !b.filter.Contains(binary.BigEndian.Uint64(h[:8])) {
				continue
			}
			shard, ok := shards[h[0]]
			if !ok {
				if err := tx.QueryRow(ctx, "dedup.run", d.part, b.number, int64(h[0])).Scan(&shard); err != nil && err != db.ErrNoRows {
					return nil, err
				}
				shards[h[0]] = shard
			}
			known[i] = contains(shard, h)
		}
	}
	return known, nil
}

// contains looks h up in sorted hashes.
func contains(sorted []byte, h hash) bool {
	lo, hi := 0, len(sorted)/len(h)
	for lo < hi {
		mid := (lo + hi) / 2
		switch bytes.Compare(sorted[mid*len(h):(mid+1)*len(h)], h[:]) {
		case 0:
			return true
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return false
}

// put writes the pending hashes with the transaction, and what has to be sealed or forgotten by now.
func (d *dedup) put(ctx context.Context, tx db.Tx, now heed.Time) error {
	if len(d.pending) > 0 {
		buf := make([]byte, 0, len(d.pending)*len(hash{}))
		for _, h := range d.pending {
			buf = append(buf, h[:]...)
		}
		// Numbers below 256 are the rows of a sealed bucket.
		if _, err := tx.Exec(ctx, "dedup.put_run", d.part, d.bucket, 256+d.run, now, buf); err != nil {
			return err
		}
	}
	d.sealing = nil
	if f := d.frozen; f != nil && f.ready() {
		if err := d.seal(ctx, tx, f, now); err != nil {
			return err
		}
		d.sealing = f
	}
	d.expired = d.expired[:0]
	for _, b := range d.sealed {
		if b.youngest < now.Add(-DuplicateWindow) {
			for _, name := range []string{"dedup.delete_bucket", "dedup.delete_runs"} {
				if _, err := tx.Exec(ctx, name, d.part, b.number); err != nil {
					return err
				}
			}
			d.expired = append(d.expired, b.number)
		}
	}
	return nil
}

func (d *dedup) seal(ctx context.Context, tx db.Tx, f *frozen, now heed.Time) error {
	if f.err != nil {
		return f.err
	}
	if _, err := tx.Exec(ctx, "dedup.delete_runs", d.part, f.number); err != nil {
		return err
	}
	err := tx.ExecEach(ctx, "dedup.put_run", len(f.shards), func(i int) []any {
		return []any{d.part, f.number, i, now, f.shards[i]}
	})
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if err := f.filter.Save(&raw); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "dedup.put_bucket", d.part, f.number, now, raw.Bytes())
	return err
}

// committed makes what put wrote the truth in memory.
func (d *dedup) committed(now heed.Time) {
	for _, h := range d.pending {
		d.open[h] = struct{}{}
	}
	if len(d.pending) > 0 {
		d.run++
	}
	d.pending = nil
	if f := d.sealing; f != nil {
		d.sealed = append(d.sealed, bucket{number: f.number, youngest: now, filter: f.filter})
		d.frozen, d.sealing = nil, nil
		d.forgetFilters()
	}
	d.sealed = slices.DeleteFunc(d.sealed, func(b bucket) bool { return slices.Contains(d.expired, b.number) })
	if len(d.open) >= d.limit && d.frozen == nil {
		d.freeze()
	}
}

func (d *dedup) forgetFilters() {
	for i := range max(0, len(d.sealed)-maxFilters) {
		d.sealed[i].filter = nil
	}
}

// freeze closes the open bucket and starts to seal it beside the worker.
func (d *dedup) freeze() {
	f := &frozen{number: d.bucket, ids: d.open, done: make(chan struct{})}
	d.frozen = f
	d.open = map[hash]struct{}{} // grows by itself: an idle Heed does not hold room for a million
	d.bucket, d.run = d.bucket+1, 0
	go f.build()
}

func (f *frozen) ready() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// build sorts the ids into rows and sums them up. It only reads ids.
func (f *frozen) build() {
	defer close(f.done)
	all := make([]hash, 0, len(f.ids))
	keys := make([]uint64, 0, len(f.ids))
	for h := range f.ids {
		all = append(all, h)
		keys = append(keys, binary.BigEndian.Uint64(h[:8]))
	}
	slices.SortFunc(all, func(a, b hash) int {
		x, y := binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(b[:8])
		if x == y {
			x, y = binary.BigEndian.Uint64(a[8:]), binary.BigEndian.Uint64(b[8:])
		}
		return cmp.Compare(x, y)
	})
	for i := range f.shards {
		f.shards[i] = []byte{} // an empty row, not a missing one
	}
	for _, h := range all {
		f.shards[h[0]] = append(f.shards[h[0]], h[:]...)
	}
	f.filter, f.err = xorfilter.NewBinaryFuse[uint16](keys)
}

func loadFilter(raw []byte) (*xorfilter.BinaryFuse[uint16], error) {
	if len(raw) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return xorfilter.LoadBinaryFuse[uint16](bytes.NewReader(raw))
}
