package duckdb

import "context"

// Shrink gives back the memory of what is cached, which DuckDB keeps as long as its file is open. It is for a store that
// nobody uses: whoever asks meanwhile waits for a moment, and what it forgets must be read again. A store that is being
// written to stays as it is.
func (s *Store) Shrink(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.inTx {
		return nil
	}
	return s.reopen()
}
