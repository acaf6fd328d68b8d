package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/heedcx/heed"
)

// Action is what a plan does with one spec.
type Action string

// The actions.
const (
	Create    Action = "create"
	Update    Action = "update"
	Delete    Action = "delete"
	Unchanged Action = "unchanged"
)

// Change is one step of a plan.
type Change struct {
	Action Action       `json:"action"`
	Kind   string       `json:"kind"`
	Name   string       `json:"name"`
	From   int          `json:"from"`           // the version that the plan was made against; 0: there was none
	Diff   []string     `json:"diff,omitempty"` // one line per field: "+ path: new", "- path: old", "~ path: old -> new"
	Body   heed.RawJSON `json:"-"`              // the new body
}

// String is the change as text for people, several lines.
func (c Change) String() string {
	sign := map[Action]string{Create: "+", Update: "~", Delete: "-", Unchanged: "="}[c.Action]
	s := fmt.Sprintf("%s %s %s", sign, c.Kind, c.Name)
	for _, d := range c.Diff {
		s += "\n    " + d
	}
	return s
}

// Plan compares what is in force with what is wanted. With prune, what is not wanted is deleted; without, it stays as
// it is and is not mentioned. The order is that of Set.All, deletions last and in reverse, so that a thing goes after
// those that refer to it.
func Plan(current, wanted Set, prune bool) []Change {
	out := make([]Change, 0, len(wanted))
	for _, w := range wanted.All() {
		c := Change{Action: Create, Kind: w.Kind, Name: w.Name, Body: w.Body}
		if had, ok := current.Get(w.Kind, w.Name); ok {
			c.From, c.Diff = had.Version, shownDiff(w.Kind, had.Body, w.Body)
			c.Action = Update
			if len(c.Diff) == 0 {
				c.Action = Unchanged
			}
		}
		out = append(out, c)
	}
	if !prune {
		return out
	}
	gone := current.All()
	slices.Reverse(gone)
	for _, had := range gone {
		if !wanted.Has(had.Kind, had.Name) {
			out = append(out, Change{Action: Delete, Kind: had.Kind, Name: had.Name, From: had.Version})
		}
	}
	return out
}

// Token stands for what a plan would do: two plans have the same one when they would do the same to the same versions. Of
// what is in force it is made of nothing that the plan does not show, so that it tells nothing of secrets.
func Token(changes []Change) string {
	h := sha256.New()
	for _, c := range changes {
		_, _ = fmt.Fprintf(h, "%q %q %q %d %q\n", c.Action, c.Kind, c.Name, c.From, c.Diff)
		if c.Action == Create { // its diff is empty, and all of it comes from who asks
			_, _ = fmt.Fprintf(h, "%q\n", c.Body)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Summary counts the steps of a plan: "2 to create, 1 to change, 0 to delete, 5 unchanged".
func Summary(changes []Change) string {
	n := map[Action]int{}
	for _, c := range changes {
		n[c.Action]++
	}
	return fmt.Sprintf("%d to create, %d to change, %d to delete, %d unchanged", n[Create], n[Update], n[Delete], n[Unchanged])
}

// Diff compares two JSON objects field by field. Lists of objects that have an id (the nodes of a journey) are matched
// by it, so that an insertion is one line; other lists by position. Nothing comes back when they mean the same.
func Diff(old, new heed.RawJSON) []string {
	var d differ
	d.value("", decodeAny(old), decodeAny(new))
	return d.lines
}

// decodeAny keeps numbers as they are written, so that 1 and 1.0 differ but nothing is rounded.
func decodeAny(b heed.RawJSON) any {
	if len(b) == 0 {
		return map[string]any{}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return string(b)
	}
	return v
}

type differ struct{ lines []string }

func (d *differ) value(path string, a, b any) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			d.object(path, x, y)
			return
		}
	case []any:
		if y, ok := b.([]any); ok {
			d.list(path, x, y)
			return
		}
	}
	if !sameScalar(a, b) {
		d.add("~", path, show(a)+" -> "+show(b))
	}
}

func (d *differ) object(path string, a, b map[string]any) {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		at := strings.TrimPrefix(path+"."+k, ".")
		x, inA := a[k]
		y, inB := b[k]
		switch {
		case !inB:
			d.add("-", at, show(x))
		case !inA:
			d.add("+", at, show(y))
		default:
			d.value(at, x, y)
		}
	}
}

func (d *differ) list(path string, a, b []any) {
	if ida, idb := ids(a), ids(b); ida != nil && idb != nil {
		for i, id := range ida {
			if j := slices.Index(idb, id); j >= 0 {
				d.value(path+"["+id+"]", a[i], b[j])
			} else {
				d.add("-", path+"["+id+"]", show(a[i]))
			}
		}
		for j, id := range idb {
			if !slices.Contains(ida, id) {
				d.add("+", path+"["+id+"]", show(b[j]))
			}
		}
		if !slices.Equal(common(ida, idb), common(idb, ida)) {
			d.add("~", path, "order "+strings.Join(ida, ", ")+" -> "+strings.Join(idb, ", "))
		}
		return
	}
	for i := range max(len(a), len(b)) {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case i >= len(b):
			d.add("-", at, show(a[i]))
		case i >= len(a):
			d.add("+", at, show(b[i]))
		default:
			d.value(at, a[i], b[i])
		}
	}
}

func (d *differ) add(sign, path, text string) {
	if path != "" {
		path += ": "
	}
	d.lines = append(d.lines, sign+" "+path+text)
}

// common is a without what b lacks, in a's order.
func common(a, b []string) []string {
	var out []string
	for _, x := range a {
		if slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

// ids are the ids of a list of objects, nil unless each has one of its own.
func ids(list []any) []string {
	out := make([]string, 0, len(list))
	for _, x := range list {
		o, ok := x.(map[string]any)
		if !ok {
			return nil
		}
		id, ok := o["id"].(string)
		if !ok || slices.Contains(out, id) {
			return nil
		}
		out = append(out, id)
	}
	return out
}

func sameScalar(a, b any) bool {
	x, _ := json.Marshal(a) // decoded JSON always encodes
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

func show(v any) string {
	if s, ok := v.(string); ok && strings.Contains(s, "\n") {
		return fmt.Sprintf("text of %d lines", strings.Count(strings.TrimSuffix(s, "\n"), "\n")+1)
	}
	var b bytes.Buffer
	_ = writeScalar(&b, v)
	return cut(b.String(), 120)
}
