package journey

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/heedcx/heed"
)

// updateDoc is a node that writes down something about the person:
//
//	update: {set: {tier: gold, welcomed_at: {now: true}, last_order: {from: order_id}, nudges: {add: 1}}, unset: [trial]}
//
// A value is a literal, or one of now (the time), from (a path in what the run carries) and add (to a number).
type updateDoc struct {
	Set   map[string]json.RawMessage `json:"set"`
	Unset []string                   `json:"unset"`
}

type update struct {
	at     *place
	traits []traitUpdate
}

type traitUpdate struct {
	name    string
	literal heed.RawValue
	now     bool
	from    string
	add     float64
}

func buildUpdate(c *compiler, at *place, raw json.RawMessage) node {
	var d updateDoc
	if !c.decode(raw, &d) {
		return nil
	}
	if len(d.Set)+len(d.Unset) == 0 || len(d.Set)+len(d.Unset) > 50 {
		c.failf("", "want set or unset with 1 to 50 traits")
	}
	n := &update{at: at}
	for _, name := range slices.Sorted(maps.Keys(d.Set)) {
		n.traits = append(n.traits, c.traitUpdate(name, d.Set[name]))
	}
	for _, name := range d.Unset {
		n.traits = append(n.traits, traitUpdate{name: name, literal: "null"})
	}
	return n
}

func (c *compiler) traitUpdate(name string, raw json.RawMessage) traitUpdate {
	t := traitUpdate{name: name}
	if name == "" || len(name) > 100 || len(raw) > 1024 {
		c.failf("set", "a trait has a name of 1 to 100 bytes and a value of at most 1024")
	}
	if len(raw) == 0 || raw[0] != '{' {
		t.literal = heed.RawValue(raw)
		return t
	}
	var how struct {
		Now  bool    `json:"now"`
		From string  `json:"from"`
		Add  float64 `json:"add"`
	}
	if err := strict(raw, &how); err != nil || !how.Now && how.From == "" && how.Add == 0 {
		c.failf("set."+name, "want a literal, {now: true}, {from: path} or {add: number}")
	}
	t.now, t.from, t.add = how.Now, how.From, how.Add
	return t
}

func (n *update) links() []string { return []string{n.at.next} }
func (n *update) why() string     { return "" }

func (n *update) arrive(x *step) move {
	o := object{}
	values := make([]heed.RawValue, len(n.traits))
	for i, t := range n.traits {
		if values[i] = t.value(x); values[i] != "" {
			o.raw(t.name, string(values[i]))
		}
	}
	source := "journey:" + x.plan.name
	e := &heed.Event{Type: heed.Identify, Person: x.p.ID, Timestamp: x.now, ReceivedAt: x.now, Source: source,
		Direction: heed.Outbound, Properties: o.done()} // it is our doing: nobody was seen
	if !x.b.Emit(e) {
		return x.later()
	}
	x.s.record(x, "updated", "", member{"traits", string(e.Properties)})
	// The event moves segments and history; the next node of this run must see the trait already.
	for i, t := range n.traits {
		switch {
		case values[i] == "null":
			delete(x.p.Traits, t.name)
		case values[i] != "":
			if x.p.Traits == nil {
				x.p.Traits = map[string]heed.Trait{}
			}
			x.p.Traits[t.name] = heed.Trait{Value: values[i], At: x.now, Source: source}
		}
	}
	x.p.Dirty = true
	return next(n.at.next)
}

// value is the JSON to set; "" leaves the trait as it is.
func (t traitUpdate) value(x *step) heed.RawValue {
	switch {
	case t.now:
		return quote(x.now.String())
	case t.from != "":
		return heed.RawValue(lookup([]byte(x.run.Vars), splitPath(t.from)))
	case t.add != 0:
		var had float64
		if json.Unmarshal([]byte(x.p.Traits[t.name].Value), &had) != nil {
			had = 0
		}
		b, err := json.Marshal(had + t.add)
		if err != nil { // over the edge of what a number can be
			return ""
		}
		return heed.RawValue(b)
	}
	return t.literal
}

func (n *update) look(*step) move { return still() }
