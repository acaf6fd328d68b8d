package account

import (
	"context"

	"github.com/heedcx/heed/db"
)

// Sessions is how many sessions have not run out, for metrics.
func (s *Service) Sessions(ctx context.Context) (n int64, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		return q.QueryRow(ctx, "account.count_sessions", s.clock.Now()).Scan(&n)
	})
	return n, err
}
