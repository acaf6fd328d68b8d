package stream

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/FastFilter/xorfilter"

	"github.com/heedcx/heed/db"
)

// Seen answers beside the worker which message ids a partition remembers. It reads what workers have committed, so it is
// exact for that; an event that is on the stream and not folded yet is not seen. It keeps what it has read: about 24
// bytes for each of at most a million ids of the open bucket, 2.25 for each of the others. It is safe for concurrent use.
type Seen struct {
	part int

	mu     sync.Mutex
	open   map[int64]map[hash]struct{} // by bucket
	bucket int64                       // of the last run that was read
	run    int64
	sealed map[int64]*xorfilter.BinaryFuse[uint16] // nil: look on disk
}

// NewSeen returns the memory of one partition; it is read when it is first asked.
func NewSeen(part int) *Seen {
	return &Seen{part: part, open: map[int64]map[hash]struct{}{}, bucket: -1, sealed: map[int64]*xorfilter.BinaryFuse[uint16]{}}
}

// Ask tells for each message id of a source whether the partition remembers it. q must be one snapshot, as that of
// db.Read is.
func (s *Seen) Ask(ctx context.Context, q db.Querier, source string, ids []string) ([]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(ctx, q); err != nil {
		return nil, err
	}
	hashes := make([]hash, len(ids))
	known := make([]bool, len(ids))
	for i, id := range ids {
		hashes[i] = hashOf(source, id)
		for _, bucket := range s.open {
			if _, known[i] = bucket[hashes[i]]; known[i] {
				break
			}
		}
	}
	for number, filter := range s.sealed {
		shards := map[byte][]byte{}
		for i, h := range hashes {
			if known[i] || filter != nil && !filter.Contains(binary.BigEndian.Uint64(h[:8])) {
				continue
			}
			shard, ok := shards[h[0]]
			if !ok {
				if err := q.QueryRow(ctx, "dedup.run", s.part, number, int64(h[0])).Scan(&shard); err != nil && err != db.ErrNoRows {
					return nil, err
				}
				shards[h[0]] = shard
			}
			known[i] = contains(shard, h)
		}
	}
	return known, nil
}

func hashOf(source, messageID string) hash {
	sum := sha256.Sum256([]byte(source + "\x00" + messageID))
	return hash(sum[:16])
}

// refresh reads what was committed since the last time.
func (s *Seen) refresh(ctx context.Context, q db.Querier) error {
	numbers, err := s.numbers(ctx, q)
	if err != nil {
		return err
	}
	maps.DeleteFunc(s.sealed, func(n int64, _ *xorfilter.BinaryFuse[uint16]) bool { return !slices.Contains(numbers, n) })
	for i, n := range numbers {
		if len(numbers)-i > maxFilters {
			s.sealed[n] = nil
			continue
		}
		if s.sealed[n] != nil {
			continue
		}
		var raw []byte
		if err := q.QueryRow(ctx, "dedup.filter", s.part, n).Scan(&raw); err != nil {
			return err
		}
		if s.sealed[n], err = loadFilter(raw); err != nil {
			return fmt.Errorf("stream: filter of bucket %d: %w", n, err)
		}
		delete(s.open, n)
		if n > s.bucket { // its runs are gone: go on behind it
			s.bucket, s.run = n, 1<<62
		}
	}
	return s.runs(ctx, q)
}

func (s *Seen) numbers(ctx context.Context, q db.Querier) (out []int64, err error) {
	rows, err := q.Query(ctx, "dedup.numbers", s.part)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// runs reads the runs of buckets that are not sealed. One worker writes them, in order.
func (s *Seen) runs(ctx context.Context, q db.Querier) error {
	rows, err := q.Query(ctx, "dedup.runs_after", s.part, s.bucket, s.run)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var hashes []byte
		if err := rows.Scan(&s.bucket, &s.run, &hashes); err != nil {
			return err
		}
		set := s.open[s.bucket]
		if set == nil {
			set = map[hash]struct{}{}
			s.open[s.bucket] = set
		}
		for h := range slices.Chunk(hashes, len(hash{})) {
			set[hash(h)] = struct{}{}
		}
	}
	return rows.Err()
}
