package insight

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"github.com/heedcx/heed"
)

// TextExport writes events as CSV or NDJSON, for the stores' Export.
type TextExport struct {
	buf   *bufio.Writer
	put   func(*exportLine) error
	flush func() error
}

// NewTextExport writes to w.
func NewTextExport(w io.Writer, format Format) (*TextExport, error) {
	x := &TextExport{buf: bufio.NewWriterSize(w, 1<<16)}
	switch format {
	case CSV:
		x.put, x.flush = writeCSV(x.buf)
	case NDJSON:
		enc := json.NewEncoder(x.buf)
		enc.SetEscapeHTML(false)
		x.put, x.flush = func(l *exportLine) error { return enc.Encode(l) }, func() error { return nil }
	default:
		return nil, heed.FieldErrorf("format", "want csv, ndjson or parquet, got %q", format)
	}
	return x, nil
}

// Put writes an event of a person; the zero ID is nobody.
func (x *TextExport) Put(e *Entry, person heed.ID) error {
	line := exportLine{At: e.At.String(), Received: e.Received.String(), Type: e.Type, Name: e.Name, Source: e.Source, Touchpoint: e.Touchpoint,
		Channel: e.Channel, Direction: string(e.Direction), Department: e.Department, MessageID: e.MessageID,
		Properties: rawOrNull(e.Properties), Context: rawOrNull(e.Context)}
	if !person.IsZero() {
		line.Person = &person
	}
	return x.put(&line)
}

// Flush ends the export.
func (x *TextExport) Flush() error {
	if err := x.flush(); err != nil {
		return err
	}
	return x.buf.Flush()
}

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

func rawOrNull(v heed.RawValue) json.RawMessage {
	if v == "" || !json.Valid([]byte(v)) {
		return json.RawMessage("null")
	}
	return json.RawMessage(v)
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
