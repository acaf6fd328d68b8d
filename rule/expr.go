package rule

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/heedcx/heed"
)

// Kind says what one node of a rule asks.
type Kind string

// The kinds. The fields of [Expr] that each uses stand beside it.
const (
	All      Kind = "all"      // Of: every one holds
	Any      Kind = "any"      // Of: at least one holds
	Not      Kind = "not"      // Of[0] does not hold
	Everyone Kind = "everyone" // always true
	Nobody   Kind = "nobody"   // always false

	Did   Kind = "did"   // Event, Count, Within: how often it happened
	Then  Kind = "then"  // Steps, Within: one after the other, the last at most Within after the first
	First Kind = "first" // Event, Op, Value: when it happened first
	Last  Kind = "last"  // Event, Op, Value: when it happened last

	Trait      Kind = "trait"       // Path, Op, Value: something known of the person
	Orders     Kind = "orders"      // Name count, revenue, first or last; Op, Value
	Seen       Kind = "seen"        // Name first or last; Op, Value
	Stage      Kind = "stage"       // Op, Value: the lifecycle stage
	StageSince Kind = "stage_since" // Op, Value: when the stage was entered
	Known      Kind = "known"       // we know who it is

	Segment    Kind = "segment"    // Name: the person is a member
	Consent    Kind = "consent"    // Name purpose, Channel (or every channel), State
	Case       Kind = "case"       // Name open, opened or closed; Within for the latter two
	Moment     Kind = "moment"     // State good or bad; Name, Topic, Within if given
	Preference Kind = "preference" // Name topic, muted, channel, locale or zone; Value
	Blocked    Kind = "blocked"    // Channel: suppressed
	Promise    Kind = "promise"    // an open promise; Name "overdue": one that is late

	Triggering Kind = "event" // Path, Op, Value: the event that the rule is asked about; Go only

	// Inside Where only.
	Property Kind = "property" // Path, Op, Value
	Place    Kind = "place"    // Name touchpoint, channel, source, department or direction; Op, Value
)

// Op is how a value is tested.
type Op string

// The operators.
const (
	Eq         Op = "="
	Ne         Op = "!="
	Lt         Op = "<"
	Le         Op = "<="
	Gt         Op = ">"
	Ge         Op = ">="
	Contains   Op = "contains"
	StartsWith Op = "starts with"
	EndsWith   Op = "ends with"
	Exists     Op = "exists"
	In         Op = "in"
	Within     Op = "within"  // not longer ago than Value, a duration
	Ago        Op = "ago"     // at least Value ago
	InNext     Op = "in next" // still to come, at most Value from now
)

// Expr is one node of a rule. Which fields count depends on Kind; the others are empty.
type Expr struct {
	Kind    Kind     `json:"kind"`
	Of      []*Expr  `json:"of,omitempty"`
	Event   *Event   `json:"event,omitempty"`
	Steps   []*Event `json:"steps,omitempty"`
	Count   *Count   `json:"count,omitempty"`
	Within  Duration `json:"within,omitempty"`
	Path    []string `json:"path,omitempty"`
	Name    string   `json:"name,omitempty"`
	Channel string   `json:"channel,omitempty"`
	State   string   `json:"state,omitempty"`
	Topic   string   `json:"topic,omitempty"`
	Op      Op       `json:"op,omitempty"`
	Value   *Value   `json:"value,omitempty"`
}

// Event picks events: of one type, with one name, for which Where holds.
type Event struct {
	Type  string `json:"type,omitempty"` // track (and empty), page, screen, identify, group, feedback
	Name  string `json:"name,omitempty"` // may be empty for every type but track
	Where *Expr  `json:"where,omitempty"`
}

func (e *Event) typ() heed.Type {
	if e.Type == "" {
		return heed.Track
	}
	return heed.ParseType(e.Type)
}

// Count says how often. An absent one means at least once.
type Count struct {
	Is string `json:"is"` // at_least, at_most, exactly
	N  int    `json:"n"`
}

// The words of Count.Is.
const (
	AtLeast = "at_least"
	AtMost  = "at_most"
	Exactly = "exactly"
)

// ValueType is the type of a literal.
type ValueType string

// The types of literals.
const (
	String  ValueType = "string"
	Number  ValueType = "number"
	Bool    ValueType = "bool"
	Instant ValueType = "time"
	Span    ValueType = "duration"
	List    ValueType = "list"
)

// Value is a literal. Its JSON is a string, a number, true or false, {"time": "2026-01-01"}, {"duration": "90d"}, or
// an array of the first four.
type Value struct {
	Type ValueType
	Str  string
	Num  float64
	Bool bool
	Time heed.Time
	Span Duration
	List []Value
}

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.Type {
	case Number:
		return []byte(formatNumber(v.Num)), nil
	case Bool:
		return strconv.AppendBool(nil, v.Bool), nil
	case Instant:
		return json.Marshal(map[string]string{"time": formatTime(v.Time)})
	case Span:
		return json.Marshal(map[string]string{"duration": v.Span.String()})
	case List:
		return json.Marshal(v.List)
	default:
		return json.Marshal(v.Str)
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(string(b))
	*v = Value{}
	switch {
	case s == "true" || s == "false":
		v.Type, v.Bool = Bool, s == "true"
	case strings.HasPrefix(s, `"`):
		v.Type = String
		return json.Unmarshal(b, &v.Str)
	case strings.HasPrefix(s, "["):
		v.Type = List
		return json.Unmarshal(b, &v.List)
	case strings.HasPrefix(s, "{"):
		var o struct{ Time, Duration *string }
		if err := json.Unmarshal(b, &o); err != nil {
			return err
		}
		return v.tagged(o.Time, o.Duration)
	default:
		v.Type = Number
		return json.Unmarshal(b, &v.Num)
	}
	return nil
}

func (v *Value) tagged(at, span *string) error {
	if at != nil && span == nil {
		t, ok := parseTime(*at)
		if !ok {
			return heed.Errorf(heed.Invalid, "%q is not a time: write 2026-01-31 or 2026-01-31T10:00:00Z", cut(*at))
		}
		v.Type, v.Time = Instant, t
		return nil
	}
	if span != nil && at == nil {
		d, err := ParseDuration(*span)
		v.Type, v.Span = Span, d
		return err
	}
	return heed.Errorf(heed.Invalid, `a value is a string, a number, true, false, {"time": "2026-01-31"}, {"duration": "90d"} or a list`)
}

// Duration is a length of time in microseconds; a day has 24 hours. Its text is a number and a unit: s, m, h, d, w.
type Duration int64

var units = []struct {
	name string
	size Duration
}{{"d", Duration(24 * time.Hour / 1000)}, {"h", Duration(time.Hour / 1000)}, {"m", Duration(time.Minute / 1000)}, {"s", Duration(time.Second / 1000)}}

// MaxDuration is the longest that a rule may look back: ten years.
const MaxDuration = Duration(3653 * 24 * int64(time.Hour/1000))

// ParseDuration reads 90d, 12h, 30m, 10s or 2w.
func ParseDuration(s string) (Duration, error) {
	bad := heed.Errorf(heed.Invalid, "%q is not a duration: write a number and s, m, h, d or w, such as 90d", cut(s))
	if len(s) < 2 || len(s) > 12 {
		return 0, bad
	}
	n, err := strconv.ParseInt(s[:len(s)-1], 10, 64)
	if err != nil || n <= 0 || s[0] == '+' {
		return 0, bad
	}
	unit := s[len(s)-1:]
	if unit == "w" {
		n, unit = n*7, "d"
	}
	for _, u := range units {
		if u.name != unit {
			continue
		}
		if n > int64(MaxDuration/u.size) {
			return 0, heed.Errorf(heed.Invalid, "%s is too long: at most 3653d", cut(s))
		}
		return Duration(n) * u.size, nil
	}
	return 0, bad
}

// String is the shortest text that ParseDuration reads back.
func (d Duration) String() string {
	for _, u := range units {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(d/units[3].size), 10) + "s"
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDuration(string(b))
	return err
}

func cut(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..."
	}
	return s
}
