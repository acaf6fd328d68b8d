package app

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// Bounds of a simulation.
const (
	simulatedSteps = 500
	simulatedPast  = 20_000 // events of one person
)

// simulation takes one person through a draft.
type simulation struct {
	v      *Virtual
	draft  *journey.Draft
	name   string
	nodes  gjson.Result
	person heed.ID
	out    api.Simulation
	stands map[string]heed.Time // nodes of which it was said that they wait, and since when
}

// draftWorld are the specs in force without journeys and doors, and the draft, which the API can enter too.
func draftWorld(all spec.Set, draft spec.Spec, others bool) (spec.Set, error) {
	out := spec.Set{}
	for k, x := range all {
		if k.Kind == spec.Journey && !others || k.Kind == spec.Source || k.Kind == spec.Channel || k.Kind == spec.Journey && k.Name == draft.Name {
			continue
		}
		out[k] = x
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(draft.Body, &body); err != nil {
		return nil, heed.FieldErrorf("body", "want an object: %v", err)
	}
	trigger := map[string]json.RawMessage{}
	if err := json.Unmarshal(body["trigger"], &trigger); err == nil && !others {
		trigger["api"] = json.RawMessage("true")
		body["trigger"], _ = json.Marshal(trigger) // it was decoded from JSON
	}
	delete(body, "paused")
	text, err := json.Marshal(body)
	draft.Body, draft.Version = text, 0
	out[spec.Key{Kind: spec.Journey, Name: draft.Name}] = draft
	return out, err
}

// Simulate implements api.Studio.
func (s studio) Simulate(ctx context.Context, q api.SimulationQuery) (api.Simulation, error) {
	set, err := s.specs(ctx)
	if err != nil {
		return api.Simulation{}, err
	}
	world, err := draftWorld(set, q.Draft, false)
	if err != nil {
		return api.Simulation{}, err
	}
	draft, errs := journey.ReadDraft(world[spec.Key{Kind: spec.Journey, Name: q.Draft.Name}], world)
	if len(errs) > 0 {
		return api.Simulation{}, errs[0]
	}
	sim := &simulation{draft: draft, name: q.Draft.Name, nodes: gjson.GetBytes(q.Draft.Body, "nodes"), person: q.Person, stands: map[string]heed.Time{}}
	who, past, err := s.simulated(ctx, q, sim)
	if err != nil {
		return api.Simulation{}, err
	}
	sim.person = who.ID
	if sim.v, err = OpenVirtual(ctx, spec.Set{}, VirtualOptions{Start: q.Start, Told: map[heed.ID]heed.Time{who.ID: who.Known}}); err != nil {
		return api.Simulation{}, err
	}
	defer func() { _ = sim.v.Close() }() // a folder of its own, which nobody needs any more
	if err := sim.v.Adopt(ctx, []*heed.Person{who}, map[heed.ID][]*heed.Event{who.ID: past}); err != nil {
		return api.Simulation{}, err
	}
	if err := sim.v.Apply(ctx, world); err != nil {
		return api.Simulation{}, err
	}
	if err := sim.invent(ctx, q); err != nil {
		return api.Simulation{}, err
	}
	sim.v.Facts() // how they came to be who they are is no part of it
	said := ""
	sim.v.journeys.Refused = func(_ heed.ID, name, why string) {
		if name == sim.name && why != journey.RefusedInside && why != said { // a schedule may ask each day
			sim.step(api.SimulatedStep{At: api.Time(sim.v.Now()), Kind: "refused", Reason: why})
			said = why
		}
	}
	return sim.out, sim.live(ctx, q)
}

// simulated is the person to take through, and their past.
func (s studio) simulated(ctx context.Context, q api.SimulationQuery, sim *simulation) (*heed.Person, []*heed.Event, error) {
	if q.Person.IsZero() {
		return &heed.Person{ID: heed.MakeID(q.Start, [10]byte{1}), Known: q.Start - 1}, nil, nil
	}
	who, err := s.app.reading.Person(ctx, q.Person)
	if err != nil {
		return nil, nil, err
	}
	one := *who
	one.Past = maps.Clone(who.Past)
	if len(who.Runs) > 0 || len(who.Pending) > 0 {
		sim.note("other_journeys_left_out")
	}
	for key := range one.Past {
		if key == q.Draft.Name || len(key) > len(q.Draft.Name) && key[:len(q.Draft.Name)+1] == q.Draft.Name+"/" {
			delete(one.Past, key)
			sim.note("entered_anew")
		}
	}
	for _, r := range who.Runs {
		if r.Journey == q.Draft.Name {
			sim.note("entered_anew")
		}
	}
	// Counters and memberships are worked out anew: the draft may ask what nobody has counted.
	one.Runs, one.Pending, one.Timers, one.Counters, one.Segments = nil, nil, nil, nil, nil
	if s.app.history == nil {
		sim.note("history_missing")
		return &one, nil, nil
	}
	past, err := lived{s.app.history.store}.events(ctx, []heed.ID{who.ID}, s.app.clock.Now(), simulatedPast)
	return &one, past, err
}

func (sim *simulation) note(code string) {
	if !slices.Contains(sim.out.Notes, code) {
		sim.out.Notes = append(sim.out.Notes, code)
	}
}

// invent makes an invented person say who they are.
func (sim *simulation) invent(ctx context.Context, q api.SimulationQuery) error {
	if !q.Person.IsZero() {
		return nil
	}
	var events []heed.Event
	add := func(typ heed.Type, name string, props map[string]any, about any) {
		p, _ := json.Marshal(props) // decoded from JSON, or plain text
		e := heed.Event{Type: typ, Name: name, Properties: p}
		if about != nil {
			e.Context, _ = json.Marshal(about)
		}
		events = append(events, e)
	}
	traits := map[string]any{}
	for name, v := range q.Invented.Traits {
		traits[name] = json.RawMessage(v)
	}
	var about any
	if q.Invented.Zone != "" {
		about = map[string]string{"timezone": q.Invented.Zone}
	}
	add(heed.Identify, "", traits, about)
	names := map[string]string{"granted": "Consent Granted", "denied": "Consent Denied", "requested": "Consent Requested"}
	for _, c := range q.Invented.Consents {
		said := map[string]any{"purpose": c.Purpose}
		if c.Channel != "" {
			said["channel"] = c.Channel
		}
		add(heed.Track, names[c.State], said, nil)
	}
	for i := range events {
		sim.stamp(&events[i], q.Start-heed.Time(len(events)-i), "invented", i)
	}
	return sim.v.Feed(ctx, events...)
}

func (sim *simulation) stamp(e *heed.Event, at heed.Time, what string, i int) {
	e.UserID, e.Source, e.Timestamp, e.ReceivedAt = sim.person.String(), "simulation", at, at
	e.MessageID = what + "-" + strconv.Itoa(i)
}

// live lets everything happen.
func (sim *simulation) live(ctx context.Context, q api.SimulationQuery) error {
	events := slices.Clone(q.Events)
	for i := range events {
		sim.stamp(&events[i], events[i].Timestamp, "event", i)
	}
	if q.Enter {
		e, err := journey.Enter(sim.name, simulatedKey(q.Draft), nil)
		if err != nil {
			return err
		}
		sim.stamp(e, q.Start, "enter", 0)
		events = append([]heed.Event{*e}, events...)
	}
	slices.SortStableFunc(events, func(a, b heed.Event) int { return int(min(1, max(-1, a.Timestamp-b.Timestamp))) })
	for i := range events {
		e := &events[i]
		if err := sim.until(ctx, e.Timestamp); err != nil {
			return err
		}
		if e.Name != journey.EnterEvent {
			sim.step(api.SimulatedStep{At: api.Time(e.Timestamp), Kind: "event", Name: e.Name, Text: e.Type.String()})
		}
		entered := sim.out.Entered
		if err := sim.v.Feed(ctx, *e); err != nil {
			return err
		}
		if err := sim.collect(ctx); err != nil {
			return err
		}
		if err := sim.refused(ctx, e, entered != sim.out.Entered); err != nil {
			return err
		}
	}
	if err := sim.until(ctx, q.Until); err != nil {
		return err
	}
	p, err := sim.doc(ctx)
	if err != nil {
		return err
	}
	for _, r := range p.Runs {
		if r.Journey == sim.name {
			sim.out.Node, sim.out.Reason = r.Node, ""
		}
	}
	sim.out.Until = api.Time(sim.v.Now())
	sim.out.Zone = p.Preferences.Zone
	return nil
}

// simulatedKey is a key for journeys that want one.
func simulatedKey(draft spec.Spec) string {
	if gjson.GetBytes(draft.Body, "key").Str != "" {
		return "simulated"
	}
	return ""
}

// until lets time pass, moment by moment, so that it can be said what they wait for in between.
func (sim *simulation) until(ctx context.Context, t heed.Time) error {
	for len(sim.out.Steps) < simulatedSteps {
		there, err := sim.v.step(ctx, t)
		if err == nil {
			err = sim.collect(ctx)
		}
		if err != nil || there {
			return err
		}
	}
	sim.note("more_steps")
	sim.v.clock.Set(t)
	return nil
}

func (sim *simulation) step(s api.SimulatedStep) {
	if len(sim.out.Steps) < simulatedSteps {
		sim.out.Steps = append(sim.out.Steps, s)
	}
}

func (sim *simulation) doc(ctx context.Context) (*heed.Person, error) {
	return sim.v.doc(ctx, sim.person)
}

// refused says why an event that starts the journey has let nobody in.
func (sim *simulation) refused(ctx context.Context, e *heed.Event, entered bool) error {
	if entered || !sim.draft.Starts(e) {
		return nil
	}
	p, err := sim.doc(ctx)
	if err != nil {
		return err
	}
	if why := sim.draft.Refusal(p, e, sim.v.Now(), sim.v.zone(p)); why != "" && why != journey.RefusedInside {
		sim.step(api.SimulatedStep{At: api.Time(sim.v.Now()), Kind: "refused", Reason: why})
	}
	return nil
}

// collect turns what was recorded into steps, and adds what the run waits for now.
func (sim *simulation) collect(ctx context.Context) error {
	for _, f := range sim.v.Facts() {
		sim.fact(&f)
	}
	for _, h := range sim.v.sending.handed {
		sim.step(api.SimulatedStep{At: api.Time(h.At), Kind: "handed", Node: h.Message.Node, Name: h.Message.Template, Text: h.Subject})
	}
	sim.v.sending.handed = nil
	runs, err := sim.v.Runs(ctx, sim.person)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.Journey != sim.name || r.State == journey.StateEnded || r.Since == 0 {
			continue
		}
		if at, said := sim.stands[r.Node]; said && at == r.Since {
			continue
		}
		sim.stands[r.Node] = r.Since
		if kind := sim.draft.Node(r.Node); kind == "wait" || kind == "wait_for" {
			sim.step(api.SimulatedStep{At: api.Time(sim.v.Now()), Kind: "waits", Node: r.Node, Until: api.Time(r.Due)})
		}
	}
	return nil
}

func (sim *simulation) fact(f *heed.Event) {
	at := api.Time(f.Timestamp)
	props := gjson.ParseBytes(f.Properties)
	switch f.Type {
	case heed.RunChanged:
		if props.Get("journey").Str == sim.name {
			sim.moved(f.Name, at, props)
		}
	case heed.MessageDecided:
		var d ledger.Decided
		if json.Unmarshal(f.Properties, &d) == nil && d.Journey == sim.name {
			sim.step(api.SimulatedStep{At: at, Kind: "decided", Node: d.Node, Name: d.Purpose, Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule, Text: d.Text, Until: api.Time(d.Until)})
		}
	case heed.TaskWanted:
		sim.step(api.SimulatedStep{At: at, Kind: "task", Name: f.Name, Node: props.Get("node").Str})
	case heed.SegmentEntered:
		sim.step(api.SimulatedStep{At: at, Kind: "segment_entered", Name: f.Name})
	case heed.SegmentLeft:
		sim.step(api.SimulatedStep{At: at, Kind: "segment_left", Name: f.Name})
	}
}

func (sim *simulation) moved(what string, at api.Time, props gjson.Result) {
	for _, node := range props.Get("path").Array() {
		sim.arrive(at, node.Str)
	}
	switch what {
	case "entered":
		sim.out.Entered = true
		sim.step(api.SimulatedStep{At: at, Kind: "entered"})
	case "updated":
		sim.step(api.SimulatedStep{At: at, Kind: "updated", Node: props.Get("node").Str, Text: props.Get("traits").Raw})
	case "goal":
		sim.step(api.SimulatedStep{At: at, Kind: "goal", Node: props.Get("node").Str})
	case "ended":
		sim.out.Reason = props.Get("reason").Str
		sim.step(api.SimulatedStep{At: at, Kind: "ended", Node: props.Get("node").Str, Reason: sim.out.Reason})
	}
}

// arrive notes that the run came to a node, and at the node before which way it took from there.
func (sim *simulation) arrive(at api.Time, node string) {
	for i := len(sim.out.Steps) - 1; i >= 0; i-- {
		if s := &sim.out.Steps[i]; s.Kind == "node" {
			if s.To == "" {
				s.To, s.Rule = node, sim.taken(s.Node, node)
			}
			break
		} else if s.Kind == "entered" {
			break
		}
	}
	sim.step(api.SimulatedStep{At: at, Kind: "node", Node: node, Name: sim.draft.Node(node)})
}

// taken is the rule of the branch that leads from one node to another; "" when it was no rule that decided.
func (sim *simulation) taken(from, to string) string {
	for _, n := range sim.nodes.Array() {
		if n.Get("id").Str != from {
			continue
		}
		for _, way := range n.Get("branch").Array() {
			if way.Get("then").Str == to {
				return way.Get("when").String()
			}
		}
	}
	return ""
}
