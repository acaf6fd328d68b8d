package db

import "context"

// Shrinker is a store that can give back the memory of its caches.
type Shrinker interface {
	// Shrink lets go of what is cached. It is for a store that nobody uses: what it forgets must be read again.
	Shrink(ctx context.Context) error
}

// Shrink implements Shrinker.
func (s *sqlite) Shrink(ctx context.Context) error {
	// The pool closes the readers that nobody uses, and with them their caches.
	s.readers.SetMaxIdleConns(0)
	s.readers.SetMaxIdleConns(cap(s.reading) + 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw(ctx, "PRAGMA shrink_memory")
}
