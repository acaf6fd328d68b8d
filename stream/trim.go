package stream

import (
	"context"

	"github.com/heedcx/heed/db"
)

// Trim forgets which events of which records were dropped, for the records that the log does not keep any more: nobody
// can read those again.
func Trim(ctx context.Context, d db.DB, l Log) error {
	k, ok := l.(looker)
	if !ok {
		return nil
	}
	for part := range l.Partitions() {
		first, _, err := k.span(ctx, Events, part)
		if err != nil {
			return err
		}
		err = d.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, "stream.trim_dropped", part, first)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
