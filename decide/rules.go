package decide

import (
	"encoding/json"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
)

// Rules reads the text of a relationship rule with package rule: its text form, or its tree as JSON.
func Rules(text string) (Predicate, error) {
	r := &rule.Rule{}
	var err error
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		err = json.Unmarshal([]byte(text), r)
	} else {
		r, err = rule.Parse(text)
	}
	if err != nil {
		return nil, err
	}
	if r.Deps().Triggering {
		return nil, heed.Errorf(heed.Invalid, "a relationship rule is asked about a person, not about an event: leave event.… out")
	}
	return ruleOf{r}, nil
}

// ruleOf makes a rule a Predicate.
type ruleOf struct{ *rule.Rule }

// Eval implements Predicate.
func (r ruleOf) Eval(p *heed.Person, now heed.Time) bool { return r.Rule.Eval(p, nil, now) }

// RuleOf reads the rule of a document of kind rule.
func RuleOf(d Doc) (*rule.Rule, error) {
	var s RuleSpec
	if err := decode(d, &s, true); err != nil {
		return nil, err
	}
	p, err := Rules(s.forbid())
	if err != nil {
		return nil, err
	}
	return p.(ruleOf).Rule, nil
}

// Counters lists what the relationship rules of these documents need counted. Documents that cannot be understood
// need nothing.
func Counters(docs []Doc) []rule.CounterSpec {
	var lists [][]rule.CounterSpec
	for _, d := range docs {
		if d.Kind != "rule" {
			continue
		}
		if r, err := RuleOf(d); err == nil {
			lists = append(lists, r.Counters())
		}
	}
	return rule.Union(lists...)
}
