package decide_test

import (
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
)

// segmentRule is a small language for tests: `in segment NAME`.
type segmentRule string

func (r segmentRule) Eval(p *heed.Person, _ heed.Time) bool         { _, in := p.Segments[string(r)]; return in }
func (r segmentRule) NextChange(*heed.Person, heed.Time) heed.Time { return heed.Never }

func language(text string) (decide.Predicate, error) {
	name, ok := strings.CutPrefix(text, "in segment ")
	if !ok {
		return nil, heed.Errorf(heed.Invalid, "want: in segment NAME")
	}
	return segmentRule(strings.Trim(name, `"`)), nil
}
