package rule

import "github.com/heedcx/heed"

// CountersOf reads the canonical text of a counter back: the counter with the depth, and the steps if it is a
// sequence. It is for those who store what they count and must go on counting it.
func CountersOf(text string, depth int) ([]CounterSpec, error) {
	e, err := ParseExpr(text)
	if err != nil || e.Kind != Then {
		if e, err = ParseExpr("did " + text); err != nil {
			return nil, err
		}
		if e.Kind != Did {
			return nil, heed.Errorf(heed.Invalid, "%q is not a counter", cut(text))
		}
	}
	if errs := Check(e, Names{}); len(errs) > 0 {
		return nil, errs[0]
	}
	out := Counters(e)
	if e.Kind == Did {
		out[0].Depth = depth
	}
	return out, nil
}
