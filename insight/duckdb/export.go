package duckdb

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// exportTime bounds an export.
const exportTime = time.Hour

// progressEvery is how many rows lie between two calls of progress.
const progressEvery = 10_000

// Export implements insight.History. A person's events carry the person that they belong to now.
func (s *Store) Export(ctx context.Context, w io.Writer, format insight.Format, f insight.Filter, progress func(done, total int64)) (int64, error) {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.readers == nil {
		return 0, errClosed()
	}
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	if progress == nil {
		progress = func(int64, int64) {}
	}
	cond := conditions(f)
	var total int64
	err := s.eachOn(ctx, s.readers, "SELECT count(*) FROM event e"+cond.where(), cond.args, func(r *rows) error { return r.Scan(&total) })
	if err != nil {
		return 0, err
	}
	progress(0, total)
	switch format {
	case insight.CSV, insight.NDJSON:
		return s.exportText(ctx, w, format, cond, func(done int64) { progress(done, max(done, total)) })
	case insight.Parquet:
		if err := s.exportParquet(ctx, w, f); err != nil {
			return 0, err
		}
		progress(total, total)
		return total, nil
	}
	return 0, heed.FieldErrorf("format", "want csv, ndjson or parquet, got %q", format)
}

const exportFrom = ` FROM event e LEFT JOIN keymap k ON k.key = e.key`

// exportLine is one event of an export; its fields are the columns of the CSV, in order.
type exportLine struct {
	Person     *heed.ID        `json:"person"`
	At         string          `json:"at"`
	Received   string          `json:"received"`
	Type       string          `json:"type"`
	Name       string          `json:"name"`
	Source     string          `json:"source"`
	Touchpoint string          `json:"touchpoint"`
	Channel    string          `json:"channel"`
	Direction  string          `json:"direction"`
	Department string          `json:"department"`
	MessageID  string          `json:"message_id"`
	Properties json.RawMessage `json:"properties"`
	Context    json.RawMessage `json:"context"`
}

func exportHeader() []string {
	return []string{"person", "at", "received", "type", "name", "source", "touchpoint", "channel", "direction", "department", "message_id", "properties", "context"}
}

func (s *Store) exportText(ctx context.Context, w io.Writer, format insight.Format, cond *where, progress func(done int64)) (n int64, err error) {
	buf := bufio.NewWriterSize(w, 1<<16)
	put, flush := writeJSON(buf)
	if format == insight.CSV {
		put, flush = writeCSV(buf)
	}
	sql := "SELECT " + entryColumns + ", k.person" + exportFrom + cond.where() + " ORDER BY e.ts, e.part, e.seq, e.idx"
	err = s.eachOn(ctx, s.readers, sql, cond.args, func(r *rows) error {
		var e insight.Entry
		var person heed.ID
		if err := scanEntry(r, &e, &person); err != nil {
			return err
		}
		line := exportLine{At: e.At.String(), Received: e.Received.String(), Type: e.Type, Name: e.Name, Source: e.Source, Touchpoint: e.Touchpoint,
			Channel: e.Channel, Direction: string(e.Direction), Department: e.Department, MessageID: e.MessageID,
			Properties: rawOrNull(e.Properties), Context: rawOrNull(e.Context)}
		if !person.IsZero() {
			line.Person = &person
		}
		if n++; n%progressEvery == 0 {
			progress(n)
		}
		return put(&line)
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = buf.Flush()
	}
	progress(n)
	return n, err
}

func rawOrNull(v heed.RawValue) json.RawMessage {
	if v == "" || !json.Valid([]byte(v)) {
		return json.RawMessage("null")
	}
	return json.RawMessage(v)
}

func writeJSON(w io.Writer) (put func(*exportLine) error, flush func() error) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return func(l *exportLine) error { return enc.Encode(l) }, func() error { return nil }
}

func writeCSV(w io.Writer) (put func(*exportLine) error, flush func() error) {
	out := csv.NewWriter(w)
	header := false
	head := func() error {
		if header {
			return nil
		}
		header = true
		return out.Write(exportHeader())
	}
	put = func(l *exportLine) error {
		if err := head(); err != nil {
			return err
		}
		person := ""
		if l.Person != nil {
			person = l.Person.String()
		}
		cells := []string{person, l.At, l.Received, l.Type, l.Name, l.Source, l.Touchpoint, l.Channel, l.Direction, l.Department,
			l.MessageID, nullEmpty(l.Properties), nullEmpty(l.Context)}
		for i := range cells {
			cells[i] = noFormula(cells[i])
		}
		return out.Write(cells)
	}
	return put, func() error {
		if err := head(); err != nil {
			return err
		}
		out.Flush()
		return out.Error()
	}
}

func nullEmpty(v json.RawMessage) string {
	if string(v) == "null" {
		return ""
	}
	return string(v)
}

// noFormula keeps a spreadsheet from running what a customer has typed.
func noFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// exportParquet lets DuckDB write the file, in the one folder where it may, and passes it on.
func (s *Store) exportParquet(ctx context.Context, w io.Writer, f insight.Filter) error {
	dir, err := os.MkdirTemp(s.exports, "p")
	if err != nil {
		return fmt.Errorf("insight/duckdb: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "events.parquet")
	cond := conditions(f)
	sql := fmt.Sprintf(`COPY (SELECT k.person, make_timestamptz(e.ts) AS at, make_timestamptz(e.received) AS received, e.type, e.name, e.source, e.touchpoint, e.channel,
		e.direction, e.department, e.message_id, e.properties, e.context%s%s ORDER BY e.ts, e.part, e.seq, e.idx)
		TO '%s' (FORMAT parquet, COMPRESSION zstd)`, exportFrom, cond.inline(), file)
	if _, err := s.readers.ExecContext(ctx, sql); err != nil {
		return s.failed(ctx, "export", err)
	}
	r, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("insight/duckdb: %w", err)
	}
	defer func() { _ = r.Close() }()
	_, err = io.Copy(w, r)
	return err
}
