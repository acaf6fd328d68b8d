package rule

import (
	"errors"

	"github.com/heedcx/heed"
)

// ParseWhere reads what may be asked of an event alone, such as `properties.total > 50 and channel = "web"`: the where of
// a trigger. A mistake is a *SyntaxError that says where in text it stands.
func ParseWhere(text string) (*Expr, error) {
	// On a line of its own, so that a mistake is reported where it stands.
	const head, tail = "did \"x\" where (\n", "\n)"
	e, err := ParseExpr(head + text + tail)
	if at, ok := errors.AsType[*SyntaxError](err); ok {
		moved := *at
		moved.Line, moved.Offset = at.Line-1, at.Offset-len(head)
		return nil, &moved
	}
	if err != nil {
		return nil, err
	}
	if e.Kind != Did || e.Within != 0 || e.Count != nil || e.Event == nil || e.Event.Where == nil {
		return nil, heed.Errorf(heed.Invalid, "%q asks about more than the event itself: use properties, touchpoint, channel, source, department and direction", cut(text))
	}
	return e.Event.Where, nil
}
