package importer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Column is a column of a file's beginning and what it seems to be.
type Column struct {
	Name   string
	Kind   string // text, number, time, or empty
	As     string // user_id, email, phone, anonymous_id, timestamp, event, property or skip
	Sample string // the first value that is not empty
	Layout string // of a time that is not ISO 8601: as a mapping's layout
}

// Columns says of each column what its first values look like.
func Columns(header []string, rows [][]string) []Column {
	out := make([]Column, len(header))
	taken := map[string]bool{}
	for i, name := range header {
		c := Column{Name: strings.TrimSpace(name), Kind: "empty"}
		var values []string
		for _, row := range rows {
			if i < len(row) && strings.TrimSpace(row[i]) != "" {
				values = append(values, strings.TrimSpace(row[i]))
			}
		}
		if len(values) > 0 {
			c.Sample, c.Kind = values[0], "text"
			if every(values, func(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil }) {
				if c.Kind = "number"; numberName.MatchString(snake(c.Name)) {
					c.Kind = "text" // of digits today, and C536379 further down
				}
			} else if c.Layout = layoutOf(values); c.Layout != "" {
				c.Kind = "time"
			}
		}
		if c.As = role(&c, values); c.As != "property" && c.As != "skip" {
			if taken[c.As] { // one column each
				c.As = "property"
			}
			taken[c.As] = true
		}
		out[i] = c
	}
	return out
}

func every(values []string, ok func(string) bool) bool {
	for _, v := range values {
		if !ok(v) {
			return false
		}
	}
	return true
}

// mostly says whether it is so of more than half of them.
func mostly(values []string, ok func(string) bool) bool {
	n := 0
	for _, v := range values {
		if ok(v) {
			n++
		}
	}
	return 2*n > len(values)
}

// iso is the layout of what needs none in a mapping.
const iso = "iso"

// layoutsTried are layouts of times as a mapping writes them.
var layoutsTried = []string{"YYYY-MM-DD HH:mm:ss", "YYYY-MM-DD HH:mm", "YYYY-MM-DD", "DD/MM/YYYY HH:mm:ss", "DD/MM/YYYY HH:mm", "DD/MM/YYYY", "DD.MM.YYYY HH:mm", "DD.MM.YYYY", "MM/DD/YYYY HH:mm", "MM/DD/YYYY"}

func layoutOf(values []string) string {
	if every(values, func(s string) bool { _, err := time.Parse(time.RFC3339Nano, s); return err == nil }) {
		return iso
	}
	for _, l := range layoutsTried {
		goLayout := layouts.Replace(l)
		if every(values, func(s string) bool { _, err := time.Parse(goLayout, s); return err == nil }) {
			return l
		}
	}
	return ""
}

var (
	userName  = regexp.MustCompile(`^(user|customer|client|member|kunden?|cust)[ _-]?(id|no|nr|number|nummer|code)?$|^userid$`)
	phoneName = regexp.MustCompile(`phone|mobile|telefon|^tel$|handy`)
	whenName  = regexp.MustCompile(`(^|[ _-])(time|date|timestamp|when|at|datum|zeit)([ _-]|$)|date$|time$|timestamp`)
	eventName = regexp.MustCompile(`^(event|event[ _-]?name|action|ereignis)$`)
	// numberName is what calls things, and does not count them.
	numberName = regexp.MustCompile(`(^|_)(id|no|nr|number|nummer|code|sku|zip|plz|invoice|order|phone|tel)$`)
	anonName   = regexp.MustCompile(`anonymous|cookie|visitor|device[ _-]?id`)
)

// role guesses what a column is for, by its name and what is in it.
func role(c *Column, values []string) string {
	name := strings.ToLower(camel.ReplaceAllString(c.Name, "${1}_${2}"))
	isMail := func(s string) bool { at := strings.IndexByte(s, '@'); return at > 0 && strings.Contains(s[at:], ".") }
	switch {
	case c.Kind == "empty":
		return "skip"
	case mostly(values, isMail): // a line that is cut or broken does not hide whose the others are
		return "email"
	case userName.MatchString(name):
		return "user_id"
	case anonName.MatchString(name):
		return "anonymous_id"
	case phoneName.MatchString(name):
		return "phone"
	case c.Kind == "time" && whenName.MatchString(name):
		return "timestamp"
	case eventName.MatchString(name):
		return "event"
	}
	return "property"
}

var camel = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// TableOf reads the columns and at most limit rows of an NDJSON file's beginning: the fields of its first objects.
func TableOf(sample string, limit int) (header []string, rows [][]string) {
	index := map[string]int{}
	for line := range strings.Lines(sample) {
		if len(rows) == limit || !gjson.Valid(line) {
			break // a cut last line
		}
		row := make([]string, len(header))
		gjson.Parse(line).ForEach(func(k, v gjson.Result) bool {
			i, known := index[k.String()]
			if !known && len(header) < 200 {
				i = len(header)
				index[k.String()] = i
				header = append(header, k.String())
			}
			if i < len(header) {
				for len(row) <= i {
					row = append(row, "")
				}
				row[i] = v.String()
			}
			return true
		})
		rows = append(rows, row)
	}
	return header, rows
}

// Suggest writes a mapping to begin with.
func Suggest(name, source, event, format string, delimiter byte, columns []Column) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	say("kind: import\nname: %s\nsource: %s\n", quote(name), quote(source))
	if format == CSV && delimiter != ',' {
		say("delimiter: %s\n", quote(string(delimiter)))
	}
	if format == NDJSON {
		say("format: ndjson\n")
	}
	ids, properties, typed := "", "", false
	for _, c := range columns {
		switch c.As {
		case "user_id", "email", "phone", "anonymous_id":
			value := quote(c.Name)
			if floatID.MatchString(c.Sample) {
				value = "{column: " + value + ", type: integer}"
			}
			ids += fmt.Sprintf("  %s: %s\n", c.As, value)
		case "timestamp":
			if c.Layout == iso {
				say("timestamp: %s\n", quote(c.Name))
			} else {
				say("timestamp: {column: %s, layout: %s}\n", quote(c.Name), quote(c.Layout))
			}
		case "event":
			say("event: {column: %s}\n", quote(c.Name))
			typed = true
		case "property":
			kind := ""
			if c.Kind == "number" && format == CSV {
				kind = ", type: number"
			}
			properties += fmt.Sprintf("  %s: {column: %s%s}\n", quote(propertyName(c.Name)), quote(c.Name), kind)
		}
	}
	if !typed {
		say("event: %s\n", quote(event))
	}
	if ids != "" {
		say("ids:\n%s", ids)
	}
	if properties != "" {
		say("properties:\n%s", properties)
	}
	return b.String()
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// propertyName is a column's name as properties are written: order_id for OrderID.
func propertyName(column string) string {
	s := snake(column)
	if s == "" {
		return "value"
	}
	return s
}

func snake(column string) string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(camel.ReplaceAllString(column, "${1}_${2}")), "_"), "_")
}

// floatID is a number of somebody that went through a spreadsheet: 17850.0.
var floatID = regexp.MustCompile(`^\d+\.0+$`)

// quote writes a text as a YAML flow scalar, which JSON's is.
func quote(s string) string {
	t, _ := json.Marshal(s) // a string always encodes
	return string(t)
}
