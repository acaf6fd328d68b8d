package app

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/heedcx/heed/insight/clickhouse"
)

// history looks at the history engine. DuckDB's file can be opened by one process only, so it is not touched.
func (d *Doctor) history(ctx context.Context, report reporter) {
	path, embedded := strings.CutPrefix(d.Config.HistoryURL, "duckdb:")
	if embedded {
		if info, err := os.Stat(strings.TrimPrefix(path, "//")); errors.Is(err, os.ErrNotExist) {
			report("history", Fine, "DuckDB; it is made at the first start.")
		} else if err != nil {
			report("history", Wrong, "DuckDB's file cannot be looked at: %v.", err)
		} else {
			report("history", Fine, "DuckDB in the process, %d MiB.", info.Size()>>20)
		}
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	version, made, err := clickhouse.Look(ctx, d.Config.HistoryURL)
	switch {
	case err != nil:
		report("history", Wrong, "%v", err)
	case !made:
		report("history", Fine, "ClickHouse %s answers; the database is made at the first start.", version)
	default:
		report("history", Fine, "ClickHouse %s answers.", version)
	}
}
