package api

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedcx/heed"
)

// Time is an instant on the wire: RFC 3339 in UTC, null when not set.
type Time heed.Time

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	if t == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(heed.Time(t).String())
}

// UnmarshalText reads RFC 3339.
func (t *Time) UnmarshalText(b []byte) error {
	at, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil || at.Year() < 1900 || at.Year() > 9999 {
		return heed.Errorf(heed.Invalid, "want a time such as 2026-05-09T17:00:00Z")
	}
	*t = Time(heed.At(at))
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(b []byte) error {
	var s string
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	return t.UnmarshalText([]byte(s))
}

// Schema implements huma.SchemaProvider.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// ID is an id on the wire: a UUID.
type ID heed.ID

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return heed.ID(id).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(b []byte) error { return (*heed.ID)(id).UnmarshalText(b) }

// Schema implements huma.SchemaProvider.
func (ID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

// JSON is any JSON value.
type JSON json.RawMessage

// MarshalJSON implements json.Marshaler. What is stored but no JSON shows as null.
func (j JSON) MarshalJSON() ([]byte, error) {
	if len(j) == 0 || !json.Valid(j) {
		return []byte("null"), nil
	}
	return j, nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (j *JSON) UnmarshalJSON(b []byte) error { *j = append((*j)[:0], b...); return nil }

// Schema implements huma.SchemaProvider: anything.
func (JSON) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Pass it as the cursor to get the next page; absent on the last one."`
}

func page[T any](items []T, next string) *Body[Page[T]] {
	if items == nil {
		items = []T{}
	}
	return &Body[Page[T]]{Body: Page[T]{Items: items, Next: next}}
}

// Body is an answer with a body and nothing else.
type Body[T any] struct{ Body T }

func body[T any](v T) *Body[T] { return &Body[T]{Body: v} }

// Paging are the parameters of a list.
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	After string `query:"after" maxLength:"300" doc:"The next of the page before."`
}

// afterID reads a cursor that is an id.
func (p Paging) afterID() (heed.ID, error) {
	if p.After == "" {
		return heed.ID{}, nil
	}
	id, err := heed.ParseID(p.After)
	if err != nil {
		return id, heed.FieldErrorf("after", "is not a cursor of ours: take next from the page before, unchanged")
	}
	return id, nil
}

// nextID is the cursor behind the last of a full page.
func nextID[T any](items []T, limit int, id func(T) heed.ID) string {
	if len(items) < limit || len(items) == 0 {
		return ""
	}
	return id(items[len(items)-1]).String()
}

func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, x := range in {
		out[i] = f(x)
	}
	return out
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// present says whether a dependency is there: an interface that holds something.
func present(dep any) bool {
	if dep == nil {
		return false
	}
	v := reflect.ValueOf(dep)
	switch v.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Interface:
		return !v.IsNil()
	}
	return true
}
