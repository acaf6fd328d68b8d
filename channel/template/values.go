package template

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
)

// Values are what a template may speak of.
type Values struct {
	Person         *heed.Person // may be nil
	Message        *heed.Message
	Brand          channel.Brand
	UnsubscribeURL string
	PreferencesURL string
}

func (v Values) bindings() map[string]any {
	person := map[string]any{}
	if v.Person != nil {
		for k, t := range v.Person.Traits {
			person[k] = Plain(t.Value)
		}
		person["id"] = v.Person.ID.String()
		person["stage"] = v.Person.Stage
	}
	vars, _ := Plain(v.Message.Vars).(map[string]any)
	// A journey's run hands the trigger's properties on as they are, or under "event" beside what its nodes left.
	event, ok := vars["event"].(map[string]any)
	if !ok {
		event = vars
	}
	return map[string]any{
		"person": person, "vars": vars, "event": withProperties(event),
		"brand": map[string]any{
			"name": v.Brand.Name, "title": v.Brand.Title, "address": v.Brand.Address, "website": v.Brand.Website,
			"email": v.Brand.Sender.Email, "locale": v.Brand.Locale,
		},
		"message": map[string]any{
			"id": v.Message.ID.String(), "purpose": v.Message.Purpose, "topic": v.Message.Topic, "channel": v.Message.Channel,
			"journey": v.Message.Journey,
		},
		"unsubscribe_url": v.UnsubscribeURL, "preferences_url": v.PreferencesURL,
	}
}

// withProperties lets a template say event.properties.x, as rules do, as well as event.x. A property that is called
// properties goes before.
func withProperties(event map[string]any) map[string]any {
	if _, own := event["properties"]; own || len(event) == 0 {
		return event
	}
	out := make(map[string]any, len(event)+1)
	maps.Copy(out, event)
	out["properties"] = event
	return out
}

// Plain decodes a JSON value into what templates work with: string, int, float64, bool, []any, map[string]any, nil.
// Something that is not JSON is nil.
func Plain(raw heed.RawValue) any {
	s := string(raw)
	if len(s) >= 2 && s[0] == '"' && strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s[1:], '"') == len(s)-2 {
		return strings.ToValidUTF8(s[1:len(s)-1], "\uFFFD")
	}
	if s == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return numbers(v)
}

// numbers makes whole numbers ints, so that they are written without a point.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}
