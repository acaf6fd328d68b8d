package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/rule"
)

// who reads a person: a word is a user id, namespace:value any identifier; several are joined with +.
func (w *world) who(word string) ([]heed.Identifier, error) {
	var out []heed.Identifier
	for part := range strings.SplitSeq(word, "+") {
		if part == "" {
			return nil, fmt.Errorf("%q names nobody", word)
		}
		id := heed.Identifier{Namespace: heed.UserID, Value: part}
		if ns, v, ok := strings.Cut(part, ":"); ok {
			id = heed.Identifier{Namespace: ns, Value: v}
		}
		out = append(out, id)
	}
	if !slices.Contains(w.names, word) {
		w.names = append(w.names, word)
	}
	return out, nil
}

// person takes a person off the words of a statement and begins an event of theirs.
func (w *world) person(s *statement, typ heed.Type) (e heed.Event, rest []string, err error) {
	rest = s.words[1:]
	e.Type = typ
	for i, word := range rest {
		if src, ok := strings.CutPrefix(word, "@"); ok {
			if err := w.from(&e, src); err != nil {
				return e, nil, err
			}
			rest = slices.Delete(slices.Clone(rest), i, i+1)
			break
		}
	}
	if len(rest) == 0 {
		return e, nil, errors.New("say who, such as track ana \"Order Completed\"")
	}
	ids, err := w.who(rest[0])
	identifyBy(&e, ids)
	return e, rest[1:], err
}

func identifyBy(e *heed.Event, ids []heed.Identifier) {
	for _, id := range ids {
		switch {
		case id.Namespace == heed.UserID && e.UserID == "":
			e.UserID = id.Value
		case id.Namespace == heed.AnonymousID && e.AnonymousID == "":
			e.AnonymousID = id.Value
		default:
			e.IDs = append(e.IDs, id)
		}
	}
}

// from gives an event the place of a source: track ana "Order Completed" @till.
func (w *world) from(e *heed.Event, name string) error {
	src, ok := w.specs.Get(spec.Source, name)
	if !ok {
		return fmt.Errorf("there is no source %q", name)
	}
	var place struct {
		Touchpoint, Channel, Department string
		Direction                       heed.Direction
	}
	if err := json.Unmarshal(src.Body, &place); err != nil {
		return err
	}
	e.Source, e.Touchpoint, e.Channel, e.Department, e.Direction = name, place.Touchpoint, place.Channel, place.Department, place.Direction
	return nil
}

// named makes an event that has a name: track ana "Order Completed" revenue=40.
func named(typ heed.Type) func(*world, context.Context, *statement, heed.Time) (heed.Event, error) {
	return func(w *world, _ context.Context, s *statement, _ heed.Time) (heed.Event, error) {
		e, rest, err := w.person(s, typ)
		if err != nil {
			return e, err
		}
		if len(rest) != 1 {
			return e, fmt.Errorf("want %s PERSON NAME property=value ...: a name of several words in quotes", typ)
		}
		e.Name, e.Properties = rest[0], heed.RawJSON(object(s.props))
		return e, nil
	}
}

// identify says something of a person: identify ana email=ana@example.com zone=Europe/Lisbon. E-mail and phone identify, as
// they do when they come in from outside; zone is the time zone that the person's device shows.
func (w *world) identify(_ context.Context, s *statement, _ heed.Time) (heed.Event, error) {
	e, rest, err := w.person(s, heed.Identify)
	if err != nil {
		return e, err
	}
	if len(rest) > 0 {
		return e, fmt.Errorf("%q: traits are written name=value", rest[0])
	}
	var traits []prop
	for _, p := range s.props {
		switch p.name {
		case heed.Email, heed.Phone:
			if v := p.plain(); v != "" && v != "null" {
				e.IDs = append(e.IDs, heed.Identifier{Namespace: p.name, Value: v})
			}
		case "zone":
			e.Context = heed.RawJSON(object([]prop{{name: "timezone", value: p.value}}))
			continue
		}
		traits = append(traits, p)
	}
	e.Properties = heed.RawJSON(object(traits))
	return e, nil
}

// consent is what a person said: consent ana stories email granted where=/checkout. Channel * is every channel.
func (w *world) consent(_ context.Context, s *statement, _ heed.Time) (heed.Event, error) {
	e, rest, err := w.person(s, heed.Track)
	if err != nil {
		return e, err
	}
	names := map[string]string{"granted": "Consent Granted", "denied": "Consent Denied", "requested": "Consent Requested"}
	if len(rest) != 3 || names[rest[2]] == "" {
		return e, errors.New("want consent PERSON PURPOSE CHANNEL granted|denied|requested")
	}
	said := []prop{{name: "purpose", value: encode(rest[0])}}
	if rest[1] != "*" {
		said = append(said, prop{name: "channel", value: encode(rest[1])})
	}
	e.Name, e.Properties = names[rest[2]], heed.RawJSON(object(append(said, s.props...)))
	return e, nil
}

// alias says that a person was known by another id: alias ana anonymous_id:a1.
func (w *world) alias(_ context.Context, s *statement, _ heed.Time) (heed.Event, error) {
	e, rest, err := w.person(s, heed.Alias)
	if err != nil || len(rest) != 1 {
		return e, errors.Join(err, errors.New("want alias PERSON FORMER"))
	}
	former, err := w.who(rest[0])
	if err == nil {
		e.PreviousID = former[0].Value
	}
	return e, err
}

// pair makes a command on the identity graph: merge ana ben, split ben, erase ana.
func pair(typ heed.Type) func(*world, context.Context, *statement, heed.Time) (heed.Event, error) {
	return func(w *world, _ context.Context, s *statement, _ heed.Time) (heed.Event, error) {
		e := heed.Event{Type: typ}
		for _, word := range s.words[1:] {
			ids, err := w.who(word)
			if err != nil {
				return e, err
			}
			e.IDs = append(e.IDs, ids...)
		}
		if len(e.IDs) == 0 || typ == heed.MergePeople && len(e.IDs) < 2 {
			return e, fmt.Errorf("%s whom?", typ)
		}
		return e, nil
	}
}

// send asks for one message: send ana purpose=stories channel=email template=come-back priority=10 ttl=2h.
func (w *world) send(_ context.Context, s *statement, _ heed.Time) (heed.Event, error) {
	e, rest, err := w.person(s, heed.SendMessage)
	if err != nil {
		return e, err
	}
	if len(rest) > 0 {
		return e, fmt.Errorf("%q: what is sent is written name=value", rest[0])
	}
	in, err := intent(s.props)
	if err != nil {
		return e, err
	}
	e.Properties, err = json.Marshal(in)
	e.Name, e.Channel, e.Direction = in.Channel, in.Channel, heed.Outbound
	return e, err
}

// intent reads what is wanted from properties.
func intent(props []prop) (in heed.Intent, err error) {
	var vars []prop
	for _, p := range props {
		switch p.name {
		case "channel":
			in.Channel = p.plain()
		case "purpose":
			in.Purpose = p.plain()
		case "template":
			in.Template = p.plain()
		case "topic":
			in.Topic = p.plain()
		case "about":
			in.About = p.plain()
		case "by":
			in.By = p.plain()
		case "priority":
			if err := json.Unmarshal(p.value, &in.Priority); err != nil {
				return in, fmt.Errorf("priority: want a whole number, got %s", p.plain())
			}
		case "ttl":
			d, err := rule.ParseDuration(p.plain())
			if err != nil {
				return in, fmt.Errorf("ttl: %w", err)
			}
			in.TTL = heed.Time(d)
		default:
			vars = append(vars, p)
		}
	}
	if len(vars) > 0 {
		in.Vars = heed.RawValue(object(vars))
	}
	if in.Channel == "" || in.Purpose == "" {
		return in, errors.New("want at least purpose=NAME and channel=NAME")
	}
	return in, nil
}

// enter puts a person into a journey as the API does: enter ana onboarding key=7 plan=pro.
func (w *world) enter(_ context.Context, s *statement, _ heed.Time) (heed.Event, error) {
	e, rest, err := w.person(s, heed.Track)
	if err != nil || len(rest) != 1 {
		return e, errors.Join(err, errors.New("want enter PERSON JOURNEY"))
	}
	key := ""
	var vars []prop
	for _, p := range s.props {
		if p.name == "key" {
			key = p.plain()
			continue
		}
		vars = append(vars, p)
	}
	asked, err := journey.Enter(rest[0], key, heed.RawJSON(object(vars)))
	if err != nil {
		return e, err
	}
	e.Name, e.Properties, e.Direction = asked.Name, asked.Properties, asked.Direction
	return e, nil
}

// unsubscribe is a click on the link in the mail: unsubscribe ana purpose=stories channel=email.
func (w *world) unsubscribe(ctx context.Context, s *statement, now heed.Time) (heed.Event, error) {
	e, _, err := w.person(s, heed.Feedback)
	if err != nil {
		return e, err
	}
	f := channel.Feedback{Channel: "email"}
	for _, p := range s.props {
		switch p.name {
		case "purpose":
			f.Purpose = p.plain()
		case "channel":
			f.Channel = p.plain()
		default:
			return e, fmt.Errorf("an opt-out has a purpose and a channel, no %s", p.name)
		}
	}
	who, err := w.find(ctx, s.words[1])
	if err != nil {
		return e, err
	}
	f.Person = who.ID
	f.Consents = []channel.ConsentSaid{{Purpose: f.Purpose, Channel: f.Channel, State: heed.Denied, Act: "clicked unsubscribe", Where: "the mail"}}
	if f.Purpose == "" {
		f.Consents[0].Purpose = "*"
	}
	return f.Event(channel.Unsubscribed, fmt.Sprint("test-", w.events), now), nil
}
