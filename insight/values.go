package insight

import "github.com/heedcx/heed"

// ValueQuery asks for the values that a property of one kind of event has.
type ValueQuery struct {
	Type, Name string
	Property   []string // the names that lead to it
	AtLeast    int      // so many of the events looked at must have a value
	Limit      int
}

// Value is a value that a property has: JSON, no list, object or null.
type Value struct {
	JSON  heed.RawValue
	Count int64
}

// ValueLook is where to look for values: at most Events of the kind, among the newest Rows of history.
type ValueLook struct {
	Rows, Events int // Rows 0: all of it
}

// ValueLooks are where to look for values, one after the other until there are some: what happens seldom is not among the
// newest.
var ValueLooks = [...]ValueLook{{Rows: 200_000, Events: 20_000}, {Events: 2_000}}
