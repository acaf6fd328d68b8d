package script

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/spec"
)

// A script that misspells a name would expect forever that there is no such message. So names that are compared must be
// names of something.

// known says what is wrong with a name of a kind of spec: there never was one.
func (w *world) known(kind, name string) error {
	if w.ever.Has(kind, name) {
		return nil
	}
	var names []string
	for _, s := range w.ever.Of(kind) {
		names = append(names, s.Name)
	}
	return fmt.Errorf("there is no %s %q; there are %s", kind, name, or(strings.Join(names, ", "), "none"))
}

// knownProps checks the values of those properties that name something.
func (w *world) knownProps(props []prop) error {
	for _, p := range props {
		if p.like {
			continue
		}
		for v := range strings.SplitSeq(p.plain(), "|") {
			var err error
			switch p.name {
			case spec.Template, spec.Purpose, spec.Journey:
				err = w.known(p.name, v)
			case "state":
				if states[v] == "" {
					err = fmt.Errorf("there is no state %q of a message; there are %s", v, strings.Join(slices.Sorted(maps.Keys(states)), ", "))
				}
			case "reason":
				if decide.Reasons()[v] == "" {
					err = fmt.Errorf("there is no reason %q; there are %s", v, strings.Join(slices.Sorted(maps.Keys(decide.Reasons())), ", "))
				}
			case "outcome":
				if !slices.Contains([]string{"send", "hold", "drop"}, v) {
					err = fmt.Errorf("there is no outcome %q; there are send, hold and drop", v)
				}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
