package api

import "context"

// Audience knows what rules can be made of, and how large segments are.
type Audience interface {
	Vocabulary(ctx context.Context) (Vocabulary, error)
	// Values returns the most frequent values first; rare ones, which could name somebody, are left out.
	Values(ctx context.Context, q ValueQuery) ([]KnownValue, error)
	// Sizes returns one point a day, the oldest first; days on which nobody counted have none.
	Sizes(ctx context.Context, segment string, days int) ([]SizePoint, error)
	// Overlap counts the people in each combination of the segments.
	Overlap(ctx context.Context, segments []string) (Overlapping, error)
}

// Overlapping is how many people are in which of some segments and in none of the others: bit i of the key is segment i.
// Where Asked is set they were drawn at random, so many, and the numbers are right to within Within people.
type Overlapping struct {
	People        map[int]int64
	Asked, Within int64
}

// ValueQuery asks for the values of a trait, or of a property of events of one type and name.
type ValueQuery struct {
	Trait           string
	Type            string
	Event, Property string
	Limit           int
}
