package importer

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/internal/spec"
)

// Kind is what a mapping file says that it is.
const Kind = "import"

// Formats of files.
const (
	CSV    = "csv"
	NDJSON = "ndjson"
)

// Mapping says how the lines of a file become events. See docs/collect.md for all its fields.
type Mapping struct {
	Name string // part of every messageId: under one name, a line of a file counts once
	// Source is the name of the source that the events come from.
	Source    string
	Format    string // CSV, NDJSON, or "" to go by the file's name
	Delimiter byte
	Header    []string // the columns of a CSV file without a header line
	Encoding  string   // utf-8, latin-1, windows-1252
	Strict    bool     // reject lines that belong to nobody
	Hash      [32]byte // of the mapping's text

	types  map[string]string // of columns in expressions: text or number
	rows   []row
	origin *spec.Origin
}

// row is what becomes of the lines for which when holds.
type row struct {
	path string
	when *value
	skip bool
	kind heed.Type

	event, group, touchpoint, channel, direction, department *value

	timestamp  *value
	ids        []named
	properties []named
}

type named struct {
	name string
	*value
}

// body is the shape of a mapping file; row fields at the top hold for every row that does not set them itself.
type body struct {
	Source        string            `json:"source"`
	Format        string            `json:"format"`
	Delimiter     string            `json:"delimiter"`
	Header        []string          `json:"header"`
	Encoding      string            `json:"encoding"`
	Zone          string            `json:"zone"`
	WithoutPerson string            `json:"without_person"`
	Columns       map[string]string `json:"columns"`
	Rows          []json.RawMessage `json:"rows"`
	Title         string            `json:"title"`
	Note          string            `json:"note"`
	rowBody
}

type rowBody struct {
	When       string                     `json:"when"`
	Skip       bool                       `json:"skip"`
	Type       string                     `json:"type"`
	Event      json.RawMessage            `json:"event"`
	Timestamp  json.RawMessage            `json:"timestamp"`
	Group      json.RawMessage            `json:"group_id"`
	Touchpoint json.RawMessage            `json:"touchpoint"`
	Channel    json.RawMessage            `json:"channel"`
	Direction  json.RawMessage            `json:"direction"`
	Department json.RawMessage            `json:"department"`
	IDs        map[string]json.RawMessage `json:"ids"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// ParseMapping reads a mapping file: one YAML document of kind import. Its errors name the field and the line; all of
// them are reported.
func ParseMapping(file string, text []byte) (*Mapping, error) {
	if !utf8.Valid(text) {
		return nil, spec.Problems{{Where: file, Text: "is not valid UTF-8"}}
	}
	specs, err := spec.Parse(file, text)
	if err != nil {
		return nil, err
	}
	if len(specs) != 1 || specs[0].Kind != Kind {
		return nil, spec.Problems{{Where: file, Text: "want one document with kind: " + Kind}}
	}
	s := specs[0]
	p := &mappingParser{spec: s, zone: time.UTC}
	m := &Mapping{Name: s.Name, Hash: sha256.Sum256(text), origin: s.Origin}
	if err := spec.CheckName(s.Name); err != nil {
		p.add(err)
	}
	p.mapping(m)
	if p.bad != nil {
		return nil, p.bad
	}
	return m, nil
}

// mappingParser collects what is wrong with a mapping.
type mappingParser struct {
	spec spec.Spec
	zone *time.Location
	bad  spec.Problems
}

func (p *mappingParser) add(err error) {
	x := spec.Problem{Kind: Kind, Name: p.spec.Name, Text: err.Error()}
	if e, ok := errors.AsType[*heed.Error](err); ok {
		x.Field, x.Text = e.Field, e.Message
	}
	x.Where = p.spec.Origin.Locate(x.Field)
	p.bad = append(p.bad, x)
}

func (p *mappingParser) fail(field, format string, args ...any) {
	p.add(heed.FieldErrorf(field, format, args...))
}

// decode reads raw into v, where an unknown field is an error.
func (p *mappingParser) decode(path string, raw []byte, v any) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		return true
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		p.fail(join(path, e.Field), "want %s, got %s", wanted(e.Type.String()), e.Value)
		return false
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if bare, err := strconv.Unquote(name); err == nil {
			name = bare
		}
		p.fail(join(path, name), "there is no such field")
		return false
	}
	p.fail(path, "%v", err)
	return false
}

func wanted(goType string) string {
	switch {
	case goType == "string":
		return "text"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "int"):
		return "a whole number"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	}
	return "an object"
}

func join(path, field string) string {
	if path == "" || field == "" {
		return path + field
	}
	return path + "." + field
}

func (p *mappingParser) mapping(m *Mapping) {
	var b body
	if !p.decode("", p.spec.Body, &b) {
		return
	}
	m.Source, m.Format, m.Header, m.Encoding, m.types = b.Source, b.Format, b.Header, b.Encoding, b.Columns
	if m.Source == "" {
		p.fail("source", "is missing: the name of the source that the events come from")
	}
	if m.Format != "" && m.Format != CSV && m.Format != NDJSON {
		p.fail("format", "want csv or ndjson, got %q", m.Format)
	}
	m.Delimiter = ','
	if b.Delimiter != "" {
		if m.Delimiter = b.Delimiter[0]; len(b.Delimiter) != 1 || strings.ContainsAny(b.Delimiter, "\"\r\n") {
			p.fail("delimiter", "want one character such as \",\", \";\" or \"\\t\"")
		}
	}
	switch m.Encoding {
	case "", "utf-8", "latin-1", "windows-1252":
	default:
		p.fail("encoding", "want utf-8, latin-1 or windows-1252, got %q", m.Encoding)
	}
	switch b.WithoutPerson {
	case "", "keep":
	case "reject":
		m.Strict = true
	default:
		p.fail("without_person", "want keep or reject, got %q", b.WithoutPerson)
	}
	if b.Zone != "" {
		p.zone = p.location("zone", b.Zone)
	}
	for _, name := range slices.Sorted(maps.Keys(b.Columns)) {
		if t := b.Columns[name]; t != "number" && t != "text" {
			p.fail("columns."+name, "want number or text, got %q", t)
		}
	}
	if b.When != "" || b.Skip {
		p.fail("when", "belongs into rows")
	}
	if len(b.Rows) > 1000 {
		p.fail("rows", "has %d rows; at most 1000 are allowed", len(b.Rows))
		return
	}
	if len(b.Rows) == 0 {
		m.rows = append(m.rows, p.row("", b.rowBody))
		return
	}
	for i, raw := range b.Rows {
		path := "rows[" + strconv.Itoa(i) + "]"
		var own rowBody
		if p.decode(path, raw, &own) {
			m.rows = append(m.rows, p.row(path, over(own, b.rowBody)))
		}
	}
}

// over fills what a row does not say with what holds for all.
func over(own, all rowBody) rowBody {
	pick := func(a, b json.RawMessage) json.RawMessage {
		if a != nil {
			return a
		}
		return b
	}
	if own.Type == "" {
		own.Type = all.Type
	}
	own.Event, own.Timestamp, own.Group = pick(own.Event, all.Event), pick(own.Timestamp, all.Timestamp), pick(own.Group, all.Group)
	own.Touchpoint, own.Channel = pick(own.Touchpoint, all.Touchpoint), pick(own.Channel, all.Channel)
	own.Direction, own.Department = pick(own.Direction, all.Direction), pick(own.Department, all.Department)
	merge := func(a, b map[string]json.RawMessage) map[string]json.RawMessage {
		out := maps.Clone(b)
		if out == nil {
			out = map[string]json.RawMessage{}
		}
		maps.Copy(out, a)
		return out
	}
	own.IDs, own.Properties = merge(own.IDs, all.IDs), merge(own.Properties, all.Properties)
	return own
}

func (p *mappingParser) row(path string, b rowBody) row {
	r := row{path: path, skip: b.Skip}
	if b.When != "" {
		r.when = &value{path: join(path, "when"), expr: b.When, condition: true}
		p.compiles(r.when, nil)
	}
	if r.skip {
		return r
	}
	if b.Type == "" {
		b.Type = "track"
	}
	switch r.kind = heed.ParseType(b.Type); r.kind {
	case heed.Track, heed.Identify, heed.Page, heed.Screen, heed.Group:
	default:
		p.fail(join(path, "type"), "want track, identify, page, screen or group, got %q", b.Type)
	}
	r.event = p.constant(join(path, "event"), b.Event)
	if r.kind == heed.Track && r.event == nil {
		p.fail(join(path, "event"), "is missing: what happened, such as Order Completed")
	}
	if r.group = p.value(join(path, "group_id"), b.Group); r.kind == heed.Group && r.group == nil {
		p.fail(join(path, "group_id"), "is missing")
	}
	if r.timestamp = p.value(join(path, "timestamp"), b.Timestamp); r.timestamp != nil {
		if r.timestamp.kind == "" || r.timestamp.kind == text {
			r.timestamp.kind = instant
		}
		if r.timestamp.kind != instant {
			p.fail(join(path, "timestamp.type"), "want time, or leave it out")
		}
	}
	r.touchpoint, r.channel = p.constant(join(path, "touchpoint"), b.Touchpoint), p.constant(join(path, "channel"), b.Channel)
	r.direction, r.department = p.constant(join(path, "direction"), b.Direction), p.constant(join(path, "department"), b.Department)
	if d := r.direction; d != nil && d.fixed != nil && d.fixed.text != string(heed.Inbound) && d.fixed.text != string(heed.Outbound) {
		p.fail(d.path, "want inbound or outbound, got %q", d.fixed.text)
	}
	for _, name := range slices.Sorted(maps.Keys(b.IDs)) {
		at := join(path, "ids."+name)
		if collect.Namespace(name) != name || name == "person_id" {
			p.fail(at, "is no name for a kind of identifier: use lower-case letters, digits and _")
			continue
		}
		if v := p.value(at, b.IDs[name]); v != nil {
			r.ids = append(r.ids, named{name, v})
		}
	}
	if r.kind == heed.Identify && len(r.ids) == 0 {
		p.fail(join(path, "ids"), "is missing: identify needs an identifier")
	}
	for _, name := range slices.Sorted(maps.Keys(b.Properties)) {
		if v := p.value(join(path, "properties."+name), b.Properties[name]); v != nil {
			r.properties = append(r.properties, named{name, v})
		}
	}
	return r
}

func (p *mappingParser) location(field, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		p.fail(field, "there is no time zone %q: want an IANA name such as Europe/Lisbon", name)
		return time.UTC
	}
	return loc
}
