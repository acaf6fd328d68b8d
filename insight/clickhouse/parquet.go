package clickhouse

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// tableBytes is how much of a table goes to the server at once.
const tableBytes = 8 << 20

// sqlCell is what a cell of table table_row, which is text or NULL, is as a type of the columns of Parquet.
var sqlCell = map[string]string{
	"VARCHAR": "%s", "BIGINT": "toInt64OrNull(%s)", "DOUBLE": "toFloat64OrNull(%s)", "TIMESTAMPTZ": "parseDateTime64BestEffortOrNull(%s, 6, 'UTC')",
	"BOOLEAN": "accurateCastOrNull(%s, 'Bool')",
}

// Parquet implements insight.Store. The server writes the file; the rows lie in it meanwhile, in a partition of their own.
func (s *Store) Parquet(ctx context.Context, columns [][2]string, rows io.Reader, w io.Writer) (err error) {
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	id := heed.ID(uuid.New())
	defer func() { // what a crash leaves behind goes after a day
		drop := s.exec(context.WithoutCancel(ctx), writeTime, "ALTER TABLE table_row DROP PARTITION "+inText(id.String()))
		if drop != nil {
			s.log.Warn("the rows of an export stay in ClickHouse for a day", "table", "table_row", "export", id, "error", drop)
		}
	}()
	if err := s.keep(ctx, id, columns, rows); err != nil {
		return err
	}
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = fmt.Sprintf(sqlCell[c[1]], fmt.Sprintf("r.cells[%d]", i+1)) + " AS " + inName(c[0])
	}
	text, params, err := bind("SELECT "+strings.Join(cells, ", ")+" FROM table_row r WHERE r.id = $1 ORDER BY r.n", []any{id})
	if err != nil {
		return err
	}
	body, err := s.conn.QueryFormat(s.asking(ctx, exportTime, params, driver.Settings{"output_format_parquet_compression_method": "zstd"}), "Parquet", text)
	if err != nil {
		return s.failed(ctx, "parquet", err)
	}
	defer func() { _ = body.Close() }()
	if _, err := io.Copy(w, body); err != nil {
		return fmt.Errorf("insight/clickhouse: parquet: %w", err)
	}
	return nil
}

// keep brings a table to the server, row by row.
func (s *Store) keep(ctx context.Context, id heed.ID, columns [][2]string, rows io.Reader) error {
	at := map[string]int{}
	for i, c := range columns {
		at[c[0]] = i
	}
	send := func(b []byte) error {
		if len(b) == 0 {
			return nil
		}
		return s.insert(ctx, "table_row", "id, n, cells", b)
	}
	in, cells := bufio.NewReaderSize(rows, 1<<16), make([]gjson.Result, len(columns))
	var b []byte
	for n := uint64(0); ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return send(b)
		}
		if err != nil {
			return err
		}
		clear(cells)
		gjson.ParseBytes(line).ForEach(func(k, v gjson.Result) bool {
			if i, known := at[k.Str]; known {
				cells[i] = v
			}
			return true
		})
		b = putUint64(putID(b, id), n)
		b = binary.AppendUvarint(b, uint64(len(cells)))
		for _, c := range cells {
			switch c.Type {
			case gjson.Null: // NULL, or not there
				b = append(b, 1)
			case gjson.String:
				b = putText(append(b, 0), c.Str)
			default:
				b = putText(append(b, 0), c.Raw)
			}
		}
		if len(b) >= tableBytes {
			if err := send(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
}

// inName writes a name into a statement.
func inName(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s) + "`"
}
