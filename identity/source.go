package identity

import (
	"context"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// maxSources is how many sources links can name: a link has 7 bits for it, in a byte that it had anyway. Links of
// sources beyond say nothing about where they came from.
const maxSources = 127

// sourceNames reads the numbered sources.
func sourceNames(ctx context.Context, q db.Querier) (map[uint8]string, error) {
	rows, err := q.Query(ctx, "identity.sources")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[uint8]string{}
	for rows.Next() {
		var n uint8
		var name string
		if err := rows.Scan(&n, &name); err != nil {
			return nil, err
		}
		out[n] = name
	}
	return out, rows.Err()
}

// number gives each source of the batch a number. It comes before anything that the batch locks.
func (s *Stage) number(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	var fresh []string
	last := ""
	for _, e := range b.Events {
		if e.Source == last {
			continue
		}
		last = e.Source
		if _, known := s.sources[last]; !known && last != "" && !e.Type.Derived() {
			s.sources[last] = 0
			fresh = append(fresh, last)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	read := func() error {
		names, err := sourceNames(ctx, tx)
		for n, name := range names {
			s.sources[name] = n
		}
		return err
	}
	if err := read(); err != nil {
		return err
	}
	for _, name := range fresh {
		// Another worker may take the next number at the same moment: once more, and the one after it is free.
		for try := 0; try < 3 && s.sources[name] == 0; try++ {
			n, err := tx.Exec(ctx, "identity.put_source", name, maxSources)
			if err != nil {
				return err
			}
			s.mayVanish = s.mayVanish || n > 0 // with this transaction
			if err := read(); err != nil {
				return err
			}
		}
	}
	return nil
}
