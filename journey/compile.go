package journey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// compiler turns a spec into a plan and collects everything that is wrong with it.
type compiler struct {
	all  spec.Set // nil while running: what was published is run, whatever has been deleted since
	p    *plan
	path string // of the field at hand: nodes[2].wait
	errs []error
}

// compile reads a version of a journey. all is the set to check references against, nil for none.
func compile(s spec.Spec, all spec.Set) (*plan, []error) {
	c := &compiler{all: all, p: &plan{name: s.Name, version: s.Version, byID: map[string]*place{}}}
	var d document
	if err := strict(s.Body, &d); err != nil {
		return nil, []error{heed.FieldErrorf("", "%s", err.Error())}
	}
	p := c.p
	p.title, p.paused = d.Title, d.Paused
	p.onPublish = c.oneOf("on_publish", d.OnPublish, publishFinish, publishMigrate, publishExit)
	p.onResume = c.oneOf("on_resume", d.OnResume, resumeContinue, resumeExit)
	c.entry(d)
	p.exit = c.rule("exit", d.Exit)
	if d.Goal != nil {
		p.goal = c.goal(d.Goal)
	}
	p.steps = defaultSteps
	if d.Steps != 0 {
		if p.steps = d.Steps; d.Steps < 1 || d.Steps > maxSteps {
			c.failf("steps", "a run may pass 1 to %d nodes, not %d", maxSteps, d.Steps)
		}
	}
	p.trigger = c.trigger(d.Trigger)
	c.nodes(d.Nodes)
	if len(c.errs) == 0 {
		c.graph()
	}
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	return p, nil
}

func (c *compiler) entry(d document) {
	p := c.p
	switch {
	case d.Entry.Limit != nil:
		p.limit = *d.Entry.Limit
	case d.Key != "" && d.Entry.Every == "":
		p.limit = 1 // an order is delivered once, however often we hear of it
	}
	if p.limit < 0 {
		c.failf("entry.limit", "want the number of times a person may enter, 0 for no limit")
	}
	p.every = c.span("entry.every", d.Entry.Every)
	p.maxAge = defaultMaxAge
	if d.Entry.MaxAge != "" {
		p.maxAge = c.span("entry.max_age", d.Entry.MaxAge).Exact()
	}
	p.entry = c.rule("entry.rule", d.Entry.Rule)
	if d.Key == "" {
		return
	}
	p.key = strings.Split(d.Key, ".")
	if root := p.key[0]; len(p.key) < 2 || root != "properties" && root != "traits" && root != "context" {
		c.failf("key", "%q is not a path: write properties.order_id or context.device.id", cut(d.Key))
	}
	if d.Trigger.Event == "" && !d.Trigger.API {
		c.failf("key", "only journeys that an event or the API starts can be keyed")
	}
}

func (c *compiler) goal(d *goalDoc) *goal {
	g := &goal{mark: c.oneOf("goal.then", d.Then, "end", "mark") == "mark"}
	switch {
	case d.Event != "" && len(d.Rule) > 0, d.Event == "" && len(d.Rule) == 0:
		c.failf("goal", "want an event or a rule, one of them")
	case d.Event != "":
		g.event = c.event("goal", d.Event, d.Type, d.Where)
	default:
		g.rule = c.rule("goal.rule", d.Rule)
	}
	return g
}

func (c *compiler) nodes(list []rawFields) {
	if len(list) == 0 {
		c.failf("nodes", "a journey needs at least one node")
	}
	if len(list) > maxNodes {
		c.failf("nodes", "%d nodes are too many: a journey may have %d", len(list), maxNodes)
		return
	}
	build := kinds()
	for i, raw := range list {
		at := &place{index: i}
		c.path = fmt.Sprintf("nodes[%d]", i)
		c.text(raw, "id", &at.id)
		c.text(raw, "title", &at.title)
		c.text(raw, "next", &at.next)
		c.text(raw, "then", &at.then)
		c.text(raw, "else", &at.els)
		switch {
		case at.id == "":
			c.failf("id", "node %d has no id", i+1)
		case spec.CheckName(at.id) != nil:
			c.failf("id", "%q is not an id: use letters, digits, dots, dashes and underscores", cut(at.id))
		case c.p.byID[at.id] != nil:
			c.failf("id", "there are two nodes %q", at.id)
		}
		c.p.places = append(c.p.places, at)
		c.p.byID[at.id] = at
		c.path = ""
	}
	for i, at := range c.p.places {
		if at.next == "" && i+1 < len(c.p.places) {
			at.next = c.p.places[i+1].id
		}
	}
	for i, raw := range list {
		c.path = fmt.Sprintf("nodes[%d]", i)
		c.kind(c.p.places[i], raw, build)
		c.path = ""
	}
}

// kind finds the one field that says what the node does, and builds it.
func (c *compiler) kind(at *place, raw rawFields, build map[string]builder) {
	var is, odd []string
	for _, f := range slices.Sorted(maps.Keys(raw)) {
		switch f {
		case "id", "title", "next", "then", "else":
		default:
			if build[f] != nil {
				is = append(is, f)
			} else {
				odd = append(odd, f)
			}
		}
	}
	for _, f := range odd {
		c.failf(f, "node %s: there is no node type or field %q; the types are %s", at.id, cut(f), strings.Join(slices.Sorted(maps.Keys(build)), ", "))
	}
	if len(is) != 1 {
		if len(odd) == 0 || len(is) > 1 {
			c.failf("", "node %s: want exactly one of %s, got %d", at.id, strings.Join(slices.Sorted(maps.Keys(build)), ", "), len(is))
		}
		return
	}
	at.kind = is[0]
	base, errs := c.path, len(c.errs)
	c.path = join(base, at.kind)
	at.node = build[at.kind](c, at, raw[at.kind])
	c.path = base
	for _, err := range c.errs[errs:] {
		if e, ok := errors.AsType[*heed.Error](err); ok && !strings.HasPrefix(e.Message, "node ") {
			e.Message = "node " + at.id + ": " + e.Message
		}
	}
}

// decode reads the value of a node strictly.
func (c *compiler) decode(raw json.RawMessage, into any) bool {
	if err := strict(raw, into); err != nil {
		c.failf("", "%s", err.Error())
		return false
	}
	return true
}

func (c *compiler) text(raw rawFields, field string, into *string) {
	if v, ok := raw[field]; ok && json.Unmarshal(v, into) != nil {
		c.failf(field, "want text, got %s", cut(string(v)))
	}
}

// failf notes what is wrong with a field below the one at hand.
func (c *compiler) failf(field, format string, args ...any) {
	c.errs = append(c.errs, heed.FieldErrorf(join(c.path, field), format, args...))
}

func (c *compiler) fail(field string, err error) {
	c.failf(field, "%s", heed.MessageOf(err))
}

func (c *compiler) oneOf(field, got string, want ...string) string {
	if got == "" {
		return want[0]
	}
	if !slices.Contains(want, got) {
		c.failf(field, "%q is not known: want %s", cut(got), strings.Join(want, ", "))
	}
	return got
}

// span reads a length of time that may be absent but not negative.
func (c *compiler) span(field, text string) Span {
	if text == "" {
		return Span{}
	}
	s, err := ParseSpan(text)
	if err != nil {
		c.fail(field, err)
	} else if s.Days < 0 || s.Rest < 0 {
		c.failf(field, "%q is negative", text)
	}
	return s
}

// refer checks that a spec exists.
func (c *compiler) refer(field, kind, name string) {
	if c.all != nil && name != "" && !c.all.Has(kind, name) {
		c.failf(field, "there is no %s %q", strings.ReplaceAll(kind, "_", " "), cut(name))
	}
}

func join(path, field string) string {
	if path == "" || field == "" {
		return path + field
	}
	return path + "." + field
}

// strict decodes JSON and refuses fields that the type does not have.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}
