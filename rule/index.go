package rule

import "github.com/heedcx/heed"

// Index finds the counters that an event may touch, by its type and name. It is made once and never changes.
type Index struct {
	specs []CounterSpec
	named map[eventName][]int
	// then lists, per counter, the sequences that it is a step of.
	then [][]int
}

type eventName struct {
	typ  heed.Type
	name string
}

// NewIndex indexes counters as Union returns them.
func NewIndex(specs []CounterSpec) *Index {
	x := &Index{specs: specs, named: map[eventName][]int{}, then: make([][]int, len(specs))}
	at := make(map[string]int, len(specs))
	for i := range specs {
		at[specs[i].ID] = i
		if len(specs[i].Steps) == 0 {
			k := eventName{specs[i].Type, specs[i].Name}
			x.named[k] = append(x.named[k], i)
		}
	}
	for i := range specs {
		for _, id := range specs[i].Steps {
			if j, ok := at[id]; ok {
				x.then[j] = append(x.then[j], i)
			}
		}
	}
	return x
}

// Specs are the counters; what Fold returns are indexes into it.
func (x *Index) Specs() []CounterSpec { return x.specs }

// Fold counts the event into every counter of p that it matches and appends to touched the index of each counter that
// changed. Apart from a person's first event of a kind it does not allocate, given a touched with room.
func (x *Index) Fold(p *heed.Person, e *heed.Event, touched []int) []int {
	touched = x.fold(p, e, x.named[eventName{e.Type, e.Name}], touched)
	if e.Name != "" {
		touched = x.fold(p, e, x.named[eventName{e.Type, ""}], touched)
	}
	return touched
}

func (x *Index) fold(p *heed.Person, e *heed.Event, at []int, touched []int) []int {
	for _, i := range at {
		s := &x.specs[i]
		if !s.Match(e) {
			continue
		}
		s.Fold(CounterOf(p, s.ID), e.Timestamp)
		p.Dirty = true
		touched = append(touched, i)
		for _, j := range x.then[i] {
			if x.Settle(p, j) {
				touched = append(touched, j)
			}
		}
	}
	return touched
}

// Settle looks whether the sequence with index j has come about for p. Once it has, it stays so.
func (x *Index) Settle(p *heed.Person, j int) bool {
	s := &x.specs[j]
	if c := p.Counters[s.ID]; c != nil && c.N > 0 {
		return false
	}
	at, ok := s.Completed(p.Counters)
	if !ok {
		return false
	}
	*CounterOf(p, s.ID) = heed.Counter{N: 1, First: at, Last: at}
	p.Dirty = true
	return true
}

// CounterOf returns the counter of p with the id, made if need be.
func CounterOf(p *heed.Person, id string) *heed.Counter {
	c := p.Counters[id]
	if c == nil {
		if p.Counters == nil {
			p.Counters = map[string]*heed.Counter{}
		}
		c = &heed.Counter{}
		p.Counters[id] = c
	}
	return c
}
