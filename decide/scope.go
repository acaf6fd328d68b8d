package decide

import (
	"fmt"
	"slices"

	"github.com/heedcx/heed"
)

// Scope says which messages a rule, a cap or quiet hours are about. What is empty does not narrow it.
type Scope struct {
	Selling  *bool        `json:"selling,omitempty"`
	Purpose  string       `json:"purpose,omitempty"`
	Purposes []string     `json:"purposes,omitempty"`
	Class    heed.Class   `json:"class,omitempty"`
	Classes  []heed.Class `json:"classes,omitempty"`
	Channel  string       `json:"channel,omitempty"`
	Channels []string     `json:"channels,omitempty"`
}

// settle folds the singular forms into the plural ones.
func (s *Scope) settle() {
	if s.Purpose != "" {
		s.Purposes = append(s.Purposes, s.Purpose)
	}
	if s.Class != "" {
		s.Classes = append(s.Classes, s.Class)
	}
	if s.Channel != "" {
		s.Channels = append(s.Channels, s.Channel)
	}
}

func (s *Scope) fits(channel, purpose string, class heed.Class, selling bool) bool {
	return (s.Selling == nil || *s.Selling == selling) &&
		(len(s.Purposes) == 0 || slices.Contains(s.Purposes, purpose)) &&
		(len(s.Classes) == 0 || slices.Contains(s.Classes, class)) &&
		(len(s.Channels) == 0 || slices.Contains(s.Channels, channel))
}

func (s *Scope) check(purposes map[string]*Purpose) []error {
	var errs []error
	for _, p := range s.Purposes {
		if purposes[p] == nil {
			errs = append(errs, heed.FieldErrorf("purposes", "there is no purpose %q", p))
		}
	}
	for _, c := range s.Classes {
		if !knownClass(c) {
			errs = append(errs, heed.FieldErrorf("classes", "%v", badClass(c)))
		}
	}
	return errs
}

func knownClass(c heed.Class) bool {
	switch c {
	case heed.Critical, heed.Service, heed.Marketing, heed.Survey, heed.Community:
		return true
	}
	return false
}

func badClass(c heed.Class) error {
	return fmt.Errorf("%q is not a class: use service_critical, service, marketing, survey or community", c)
}
