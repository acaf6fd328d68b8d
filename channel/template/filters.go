package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/osteele/liquid"
	"github.com/osteele/liquid/render"
	"github.com/osteele/tuesday"
)

// Bounds of one rendering.
const (
	MaxSource = 256 << 10 // bytes of one part of a template
	maxOutput = 1 << 20   // bytes of one rendered part, of any string on the way, and of all captures together
	maxTurns  = 20_000    // turns of all loops together
	maxItems  = 10_000    // items of any list
	maxTime   = 250 * time.Millisecond
)

var (
	errOutput = errors.New("the rendered text is over 1 MiB")
	errTurns  = errors.New("the loops take more than 20,000 turns")
	errTime   = errors.New("rendering takes longer than 250 ms")
	errItems  = errors.New("a list has more than 10,000 items")
)

// mode is what the text will be read as.
type mode byte

const (
	plainMode mode = iota
	htmlMode
	jsonMode // a value is the inside of a JSON string, unless it comes from the filter json
)

// budget is what one rendering may still use. It travels as the binding _b.
type budget struct {
	mode  mode
	bytes int
	turns int
	over  func() bool // the time is up
	err   error       // the first bound that was hit: the library wraps errors beyond recognition
}

func (b *budget) spend(n int) error {
	if b.bytes -= n; b.bytes < 0 {
		return b.fail(errOutput)
	}
	return nil
}

func (b *budget) turn() error {
	if b.turns--; b.turns < 0 {
		return b.fail(errTurns)
	}
	if b.turns%64 == 0 && b.over() {
		return b.fail(errTime)
	}
	return nil
}

func (b *budget) fail(err error) error {
	if b.err == nil {
		b.err = err
	}
	return err
}

// jsonText is what the filter json made.
type jsonText struct{ s string }

// String lets other filters take it as a plain string.
func (j jsonText) String() string { return j.s }

// rawText marks text that an author vouches for.
type rawText struct{ s string }

// String lets other filters take it as a plain string; the result is then no longer vouched for.
func (r rawText) String() string { return r.s }

// out is the last filter of every output: it turns the value into text, escapes it in HTML, and charges for it.
func out(v any, b *budget) (any, error) {
	var s string
	switch v := v.(type) {
	case rawText:
		s = v.s
	case jsonText:
		if s = v.s; b.mode == htmlMode {
			s = html.EscapeString(s)
		}
	default:
		s = text(v)
		switch b.mode {
		case htmlMode:
			s = html.EscapeString(s)
		case jsonMode:
			s = insideJSON(s)
		}
	}
	if err := b.spend(len(s)); err != nil {
		return nil, err
	}
	if b.over() {
		return nil, b.fail(errTime)
	}
	return s, nil
}

// insideJSON escapes s for the inside of a JSON string.
func insideJSON(s string) string {
	j, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(j[1 : len(j)-1])
}

// text writes a value the way people write it: 1234567.5 and not 1.2345675e+06.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case rawText:
		return v.s
	case jsonText:
		return v.s
	case time.Time:
		return v.Format("2006-01-02 15:04:05 -0700")
	case []byte:
		return string(v)
	case map[string]any:
		j, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(j)
	}
	rv := reflect.ValueOf(v)
	if k := rv.Kind(); k == reflect.Slice || k == reflect.Array {
		var b strings.Builder
		for i := range rv.Len() {
			b.WriteString(text(rv.Index(i).Interface()))
			if b.Len() > maxOutput {
				break
			}
		}
		return b.String()
	}
	return fmt.Sprint(v)
}

// filterNames are the filters that authors have.
var filterNames = []string{
	"default", "json", "compact", "concat", "join", "map", "reverse", "sort", "sort_natural", "first", "last", "uniq", "date",
	"abs", "ceil", "floor", "modulo", "minus", "plus", "times", "divided_by", "round", "size", "append", "capitalize", "downcase",
	"escape", "escape_once", "newline_to_br", "prepend", "remove", "remove_first", "replace", "replace_first", "slice", "split",
	"strip_html", "strip_newlines", "strip", "lstrip", "rstrip", "truncate", "truncatewords", "upcase", "url_encode", "url_decode", "raw",
}

var (
	htmlTag   = regexp.MustCompile(`<[^>]*>`)
	dateWidth = regexp.MustCompile(`%[-_^#0:]*\d{3,}`)
)

// newEngine is the standard language with what could run away replaced by something bounded.
func newEngine() *liquid.Engine {
	e := liquid.NewEngine()
	bounded := func(s string) (string, error) {
		if len(s) > maxOutput {
			return "", errOutput
		}
		return s, nil
	}
	e.RegisterFilter("_out", out)
	e.RegisterFilter("raw", func(v any) any { return rawText{text(v)} })
	e.RegisterFilter("json", func(v any) (any, error) {
		switch x := v.(type) {
		case rawText:
			v = x.s
		case jsonText:
			v = x.s
		}
		j, err := json.Marshal(v)
		return jsonText{string(j)}, err
	})
	// The result is safe HTML already; escaping it again would show the entities.
	e.RegisterFilter("escape", func(v any) any { return rawText{html.EscapeString(text(v))} })
	e.RegisterFilter("escape_once", func(v any) any { return rawText{html.EscapeString(html.UnescapeString(text(v)))} })
	e.RegisterFilter("newline_to_br", func(v any) any {
		r, isRaw := v.(rawText)
		if !isRaw {
			r.s = html.EscapeString(text(v))
		}
		return rawText{strings.ReplaceAll(r.s, "\n", "<br>\n")}
	})
	e.RegisterFilter("append", func(a, b any) (string, error) { return bounded(text(a) + text(b)) })
	e.RegisterFilter("prepend", func(a, b any) (string, error) { return bounded(text(b) + text(a)) })
	replace := func(n int) any {
		return func(s, old, with string) (string, error) {
			if grow := len(with) - len(old); grow > 0 && len(s)+min(strings.Count(s, old), uint1(n))*grow > maxOutput {
				return "", errOutput
			}
			return strings.Replace(s, old, with, n), nil
		}
	}
	e.RegisterFilter("replace", replace(-1))
	e.RegisterFilter("replace_first", replace(1))
	e.RegisterFilter("join", func(a []any, sep func(string) string) (string, error) {
		var b strings.Builder
		for i, v := range a {
			if i > 0 {
				b.WriteString(sep(" "))
			}
			if b.WriteString(text(v)); b.Len() > maxOutput {
				return "", errOutput
			}
		}
		return b.String(), nil
	})
	e.RegisterFilter("concat", func(a, b []any) ([]any, error) {
		if len(a)+len(b) > maxItems {
			return nil, errItems
		}
		return append(append(make([]any, 0, len(a)+len(b)), a...), b...), nil
	})
	e.RegisterFilter("split", func(s, sep string) (any, error) {
		var parts []string
		if sep == " " {
			parts = strings.Fields(s)
		} else {
			parts = strings.SplitN(s, sep, maxItems+2)
		}
		if len(parts) > maxItems {
			return nil, errItems
		}
		for len(parts) > 0 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
		return parts, nil
	})
	e.RegisterFilter("uniq", func(a []any) []any {
		seen, out := map[string]bool{}, []any{}
		for _, v := range a {
			if k := fmt.Sprintf("%T ", v) + text(v); !seen[k] {
				seen[k] = true
				out = append(out, v)
			}
		}
		return out
	})
	e.RegisterFilter("strip_html", func(s string) string { return htmlTag.ReplaceAllString(s, "") })
	e.RegisterFilter("capitalize", func(s string) string {
		_, n := utf8.DecodeRuneInString(s)
		return strings.ToUpper(s[:n]) + s[n:]
	})
	e.RegisterFilter("truncate", func(s string, length func(int) int, ellipsis func(string) string) string {
		r, el := []rune(s), ellipsis("...")
		if n := length(50); len(r) > n {
			return string(r[:max(0, n-utf8.RuneCountInString(el))]) + el
		}
		return s
	})
	e.RegisterFilter("truncatewords", func(s string, length func(int) int, ellipsis func(string) string) string {
		if w, n := strings.Fields(s), max(0, length(15)); len(w) > n {
			return strings.Join(w[:n], " ") + ellipsis("...")
		}
		return s
	})
	e.RegisterFilter("date", func(t time.Time, format func(string) string) (string, error) {
		f := format("%a, %b %d, %y")
		if len(f) > 200 || dateWidth.MatchString(f) {
			return "", errors.New("the date format is too long")
		}
		if t.IsZero() {
			return "", nil
		}
		return tuesday.Strftime(f, t)
	})
	e.RegisterTag("include", func(ctx render.Context) (string, error) { return "", errors.New("include is off") })
	e.RegisterTag("_turn", func(ctx render.Context) (string, error) {
		if b, ok := ctx.Get("_b").(*budget); ok {
			return "", b.turn()
		}
		return "", errTurns
	})
	return e
}

// uint1 reads strings.Replace's n: below zero is every occurrence.
func uint1(n int) int {
	if n < 0 {
		return 1 << 30
	}
	return n
}
