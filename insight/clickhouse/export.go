package clickhouse

import (
	"context"
	"fmt"
	"io"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// exportTime bounds an export.
const exportTime = time.Hour

// progressEvery is how many rows lie between two calls of progress.
const progressEvery = 10_000

const exportOrder = " ORDER BY e.ts, e.part, e.seq, e.idx"

// Export implements insight.History. A person's events carry the person that they belong to now.
func (s *Store) Export(ctx context.Context, w io.Writer, format insight.Format, f insight.Filter, progress func(done, total int64)) (int64, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	cond := conditions(f)
	from := " FROM event e LEFT JOIN keymap k ON k.key = e.key" + cond.where() + exportOrder
	var total int64
	err := s.eachFor(ctx, exportTime, "SELECT count() FROM event e"+cond.where(), cond.args, func(r *row) error { return r.Scan(&total) })
	if err != nil {
		return 0, err
	}
	progress(0, total)
	if format == insight.Parquet {
		if err := s.exportParquet(ctx, w, from, cond.args); err != nil {
			return 0, err
		}
		progress(total, total)
		return total, nil
	}
	out, err := insight.NewTextExport(w, format)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	err = s.eachFor(ctx, exportTime, "SELECT "+entryColumns+", k.person"+from, cond.args, func(r *row) error {
		var e insight.Entry
		var person heed.ID
		if err := scanEntry(r, &e, &person); err != nil {
			return err
		}
		if n++; n%progressEvery == 0 {
			progress(n, max(n, total))
		}
		return out.Put(&e, person)
	})
	if err == nil {
		err = out.Flush()
	}
	progress(n, max(n, total))
	return n, err
}

// exportParquet lets the server write the file and passes it on.
func (s *Store) exportParquet(ctx context.Context, w io.Writer, from string, args []any) error {
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	text, params, err := bind(`SELECT toString(k.person) AS person, fromUnixTimestamp64Micro(e.ts, 'UTC') AS at, fromUnixTimestamp64Micro(e.received, 'UTC') AS received,
		toString(e.type) AS type, toString(e.name) AS name, toString(e.source) AS source, toString(e.touchpoint) AS touchpoint, toString(e.channel) AS channel,
		toString(e.direction) AS direction, toString(e.department) AS department, e.message_id, nullIf(e.properties, '') AS properties, nullIf(e.context, '') AS context`+from, args)
	if err != nil {
		return err
	}
	body, err := s.conn.QueryFormat(s.asking(ctx, exportTime, params, driver.Settings{"output_format_parquet_compression_method": "zstd"}), "Parquet", text)
	if err != nil {
		return s.failed(ctx, "export", err)
	}
	defer func() { _ = body.Close() }()
	if _, err := io.Copy(w, body); err != nil {
		return fmt.Errorf("insight/clickhouse: export: %w", err)
	}
	return nil
}
