package insight

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
)

// History answers questions over everything that ever happened. Every method ends early with heed.Unavailable when
// ctx is done.
type History interface {
	// Keys returns the keys under which a person's events lie: their identifiers' and the person's own.
	Keys(ctx context.Context, person heed.ID) ([]heed.ID, error)
	// Timeline returns the newest events of the keys that pass the filter, at most limit (1..1000), newest first.
	Timeline(ctx context.Context, keys []heed.ID, f Filter, limit int) (Page, error)
	// Catalogue lists what has been seen: each type and name with counts, times and properties, most frequent first.
	Catalogue(ctx context.Context) ([]Known, error)
	// Values lists the most frequent values of a property, of those that q.AtLeast events have.
	Values(ctx context.Context, q ValueQuery) ([]Value, error)
	// CountBy counts the events that pass the filter along one dimension.
	CountBy(ctx context.Context, q CountQuery) ([]Count, error)
	// Counters runs the SQL of rule.CountersSQL in the store's dialect, one SELECT of key UUID, counter VARCHAR, n, first, last BIGINT and
	// recent (BIGINT[], or VARCHAR with commas), and hands each row to yield as it comes, in the order of the SQL. It may take twenty times as
	// long as a Query. Ask Follower.Reached first whether history holds the position that the SQL counts up to.
	Counters(ctx context.Context, sql string, args []any, yield func(key heed.ID, counter string, c heed.Counter) error) error
	// Query runs one SELECT in the store's own SQL, over tables event and keymap (see the package doc), and hands
	// over its rows. It reads only, whatever the text says.
	Query(ctx context.Context, sql string, args []any, l Limits, row func(Row) error) error
	// Export writes the events that pass the filter, oldest first, and calls progress now and then.
	Export(ctx context.Context, w io.Writer, format Format, f Filter, progress func(done, total int64)) (int64, error)
	// Stats tells how big history is and how far it has come.
	Stats(ctx context.Context) (Stats, error)
	// Positions tells how far it has come.
	Positions(ctx context.Context) (Positions, error)
	// Dialect is the SQL that Counters and Query take; package rule writes it.
	Dialect() rule.Dialect
}

// Filter selects events. Empty fields do not filter; several values of one field are alternatives.
type Filter struct {
	Types       []string // see heed.Type.String
	Names       []string
	Channels    []string
	Departments []string
	Directions  []string
	Sources     []string
	Touchpoints []string
	From        heed.Time // inclusive
	To          heed.Time // exclusive
	Before      Cursor    // Timeline only: older than this place
}

// Conditions calls in for each field that filters, with its column, and and for each bound of time; columns are those of
// event e.
func (f Filter) Conditions(in func(column string, values []string), and func(condition string)) {
	in("e.type", f.Types)
	in("e.name", f.Names)
	in("e.channel", f.Channels)
	in("e.department", f.Departments)
	in("e.direction", f.Directions)
	in("e.source", f.Sources)
	in("e.touchpoint", f.Touchpoints)
	if f.From != 0 {
		and(fmt.Sprintf("e.ts >= %d", f.From))
	}
	if f.To != 0 {
		and(fmt.Sprintf("e.ts < %d", f.To))
	}
}

// ZoneOf checks the name of a time zone, so that it can stand in SQL; "" is UTC.
func ZoneOf(name string) (string, error) {
	name = cmp.Or(name, "UTC")
	if _, err := time.LoadLocation(name); err != nil || strings.ContainsAny(name, `'\`) {
		return "", heed.FieldErrorf("zone", "%q is not an IANA time zone such as Europe/Lisbon", name)
	}
	return name, nil
}

// Cursor is a place in a timeline; its text form is opaque.
type Cursor struct {
	At   heed.Time
	Part int
	Seq  uint64
	Idx  int
}

// IsZero says whether the cursor is no place.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// String is what ParseCursor reads; "" for no place.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	b := binary.AppendVarint(nil, int64(c.At))
	b = binary.AppendVarint(b, int64(c.Part))
	b = binary.AppendUvarint(b, c.Seq)
	b = binary.AppendUvarint(b, uint64(c.Idx))
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor reads the text form of a cursor; "" is no place.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	bad := heed.FieldErrorf("before", "this cursor is not one of ours: take it from the previous page's next, unchanged")
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) > 40 {
		return Cursor{}, bad
	}
	var v [4]int64
	for i := range v {
		n := 0
		if i < 2 {
			v[i], n = binary.Varint(b)
		} else {
			var u uint64
			u, n = binary.Uvarint(b)
			v[i] = int64(u)
		}
		if n <= 0 || (i >= 2 && v[i] < 0) {
			return Cursor{}, bad
		}
		b = b[n:]
	}
	if len(b) > 0 {
		return Cursor{}, bad
	}
	return Cursor{At: heed.Time(v[0]), Part: int(int32(v[1])), Seq: uint64(v[2]), Idx: int(int32(v[3]))}, nil
}

// Entry is one event of a timeline.
type Entry struct {
	heed.Interaction
	Received   heed.Time     `json:"received,omitempty"`
	Properties heed.RawValue `json:"properties,omitempty"`
	Context    heed.RawValue `json:"context,omitempty"`
	MessageID  string        `json:"message_id,omitempty"`
	Key        heed.ID       `json:"-"`
	Ref        heed.ID       `json:"ref,omitzero"` // the message or run that a fact is about
	Part       int           `json:"-"`
	Seq        uint64        `json:"-"`
	Idx        int           `json:"-"`
}

// Cursor is the place of the entry.
func (e *Entry) Cursor() Cursor { return Cursor{At: e.At, Part: e.Part, Seq: e.Seq, Idx: e.Idx} }

// Page is a stretch of a timeline, newest first. Next is the place to go on from; zero at the end.
type Page struct {
	Entries []Entry
	Next    Cursor
}

// Known is one kind of event that has been seen.
type Known struct {
	Type       string          `json:"type"`
	Name       string          `json:"name,omitempty"`
	Count      int64           `json:"count"`
	First      heed.Time       `json:"first"`
	Last       heed.Time       `json:"last"`
	Properties []KnownProperty `json:"properties,omitempty"` // of a sample of recent ones, most frequent first
}

// Where the catalogue looks for properties: at most so many events of each kind, among the newest rows of all. Of a kind
// that is not among those it looks at the last ones, of a quarter of an hour.
const (
	SampleRows  = 50_000
	SampleKind  = 200
	sampleTime  = 15 * time.Minute
	maxUnsought = 100
)

// Unsampled are the kinds of which no property was found among the newest rows, the latest first, at most a hundred, and
// from when on their last events are to be looked for. Who came into a segment or left it has no properties: looking for
// some would read a quarter of an hour of everything, for each segment twice.
func Unsampled(all []Known) (kinds []Known, since []heed.Time) {
	for _, k := range all {
		if len(k.Properties) == 0 && k.Type != heed.SegmentEntered.String() && k.Type != heed.SegmentLeft.String() {
			kinds = append(kinds, k)
		}
	}
	slices.SortStableFunc(kinds, func(a, b Known) int { return cmp.Compare(b.Last, a.Last) })
	kinds = kinds[:min(len(kinds), maxUnsought)]
	for _, k := range kinds {
		since = append(since, k.Last.Add(-sampleTime))
	}
	return kinds, since
}

// KnownProperty is a property that events carry.
type KnownProperty struct {
	Name  string  `json:"name"`
	Kind  string  `json:"kind"`  // text, number, boolean, list, object or mixed
	Share float64 `json:"share"` // of the sampled events that have it, 0..1
}

// SortProperties puts the properties of each kind in order: what most events have first.
func SortProperties(all []Known) {
	for i := range all {
		slices.SortFunc(all[i].Properties, func(a, b KnownProperty) int {
			return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Name, b.Name))
		})
	}
}

// Dimension is what CountBy counts along.
type Dimension string

// The dimensions.
const (
	ByDay        Dimension = "day" // the day in CountQuery.Zone, as 2006-01-02
	ByHour       Dimension = "hour"
	ByType       Dimension = "type"
	ByName       Dimension = "name"
	ByChannel    Dimension = "channel"
	ByDepartment Dimension = "department"
	ByDirection  Dimension = "direction"
	BySource     Dimension = "source"
	ByTouchpoint Dimension = "touchpoint"
	// ByMove tells of stage_changed facts from which stage to which they lead, as FROM>TO; FROM is empty for whom no stage
	// was known of before.
	ByMove Dimension = "move"
)

// CountQuery asks for counts.
type CountQuery struct {
	By     Dimension
	Zone   string // IANA time zone of days and hours; "" is UTC
	Filter Filter
	People bool // count people too, which takes several times as long
	Limit  int  // 0 takes 1000; days and hours come in their order, the others most frequent first
}

// Count is one line of an answer.
type Count struct {
	Value  string `json:"value"`
	Events int64  `json:"events"`
	People int64  `json:"people,omitempty"` // distinct people among them, if asked for; events of nobody count none
}

// Limits bound a Query. Zero takes the store's defaults.
type Limits struct {
	Rows int       // more of them is heed.TooLarge
	Time heed.Time // microseconds; longer is heed.Unavailable
}

// Row scans one row of a Query. Besides the usual destinations it takes *heed.ID (UUID columns), *heed.Time (BIGINT),
// *[]heed.Time (BIGINT[], or VARCHAR with commas) and *heed.RawValue (VARCHAR); NULL leaves them zero.
type Row interface {
	Scan(dest ...any) error
	Columns() []string
}

// Format of an export.
type Format string

// The formats.
const (
	CSV     Format = "csv"
	NDJSON  Format = "ndjson"
	Parquet Format = "parquet"
)

// Stats tells how big history is.
type Stats struct {
	Rows      int64     `json:"rows"`
	People    int64     `json:"people"`
	Keys      int64     `json:"keys"`
	Bytes     int64     `json:"bytes"` // on disk
	First     heed.Time `json:"first,omitempty"`
	Last      heed.Time `json:"last,omitempty"`
	Positions Positions `json:"positions"`
}
