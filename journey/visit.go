package journey

import (
	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// visit looks at every run of a person because of one event.
func (s *work) visit(b *stream.Batch, p *heed.Person, e *heed.Event) {
	for i := 0; i < len(p.Runs); {
		if s.look(b, p, e, &p.Runs[i]) {
			i++
			continue
		}
		p.Runs = append(p.Runs[:i], p.Runs[i+1:]...)
		p.Dirty = true
	}
}

// look lets one run act on an event. It reports false when the run has ended.
func (s *work) look(b *stream.Batch, p *heed.Person, e *heed.Event, r *heed.Run) bool {
	x := step{s: s, b: b, p: p, e: e, run: r, now: b.Now, when: whenOf(b, e)}
	if e.Type == heed.Wake && r.Due > 0 && r.Due <= x.now {
		x.when = r.Due
	}
	goesOn := x.act()
	if x.dirty {
		p.Dirty = true
	}
	if goesOn {
		x.wake()
		if x.dirty {
			s.changes.save(p.ID, r)
		}
	}
	return goesOn
}

// act does what is to be done now, in this order: version, pause, goal, exit, the node.
func (x *step) act() bool {
	if goesOn, decided := x.version(); decided {
		return goesOn
	}
	latest := x.s.latest[x.run.Journey]
	x.frozen = latest.paused
	if x.frozen != x.run.Paused {
		if goesOn := x.pause(); !goesOn {
			return false
		}
	}
	if g := x.plan.goal; g != nil && x.run.Goal == 0 && g.reached(x.p, x.e, x.now) {
		x.run.Goal, x.dirty = x.now, true
		if !g.mark {
			return x.leave(reasonGoal, true)
		}
		x.s.record(x, "goal", "")
	}
	if x.plan.exit != nil && x.plan.exit.holds(x.p, x.e, x.now) {
		return x.leave(reasonExit, true)
	}
	x.at = x.plan.byID[x.run.Node]
	if x.at == nil {
		return x.leave(reasonLost, true)
	}
	if x.run.Since == 0 { // it has not acted here yet
		if !x.due() {
			return true
		}
		return x.walk(x.run.Node)
	}
	return x.follow(x.at.node.look(x))
}

// follow takes a run where its node sends it.
func (x *step) follow(m move) bool {
	switch m.verb {
	case finish:
		return x.leave(m.reason, m.reason == reasonDropped)
	case goOn:
		if x.frozen { // it will act there when the journey goes on
			x.run.Node, x.run.Since, x.run.Due, x.run.Message, x.dirty = m.to, 0, x.now, heed.ID{}, true
			return true
		}
		return x.walk(m.to)
	}
	return true
}

// walk carries a run from node to node until one of them waits. It reports false when the run has ended.
func (x *step) walk(to string) bool {
	r := x.run
	x.dirty = true
	for passed := 0; ; passed++ {
		if passed >= maxWalk || x.s.spent >= maxSpent {
			r.Node, r.Since, r.Due, r.Message = to, 0, x.now.Add(laterBy), heed.ID{}
			x.moved()
			return true
		}
		x.s.spent++
		at := x.plan.byID[to]
		if at == nil {
			return x.leave(reasonLost, true)
		}
		x.at = at
		r.Node, r.Since, r.Due, r.Message = to, x.now, 0, heed.ID{}
		if r.Steps++; r.Steps > x.plan.steps {
			return x.leave(reasonBudget, true)
		}
		x.path = append(x.path, to)
		m := at.node.arrive(x)
		switch m.verb {
		case stay:
			x.moved()
			return true
		case finish:
			return x.leave(m.reason, m.reason == reasonDropped)
		}
		to = m.to
	}
}

// wake asks to be woken when time alone will change something for the run.
func (x *step) wake() {
	ask := func(t heed.Time) {
		if t > 0 && t <= x.now { // an answer for the past would wake us without end
			t = x.now.Add(laterBy)
		}
		x.p.WakeBy(t)
	}
	if !x.frozen && x.run.Due > 0 {
		ask(x.run.Due)
	}
	if x.plan == nil {
		return
	}
	if x.plan.exit != nil {
		ask(x.plan.exit.next(x.p, x.now))
	}
	if g := x.plan.goal; g != nil && g.rule != nil && x.run.Goal == 0 {
		ask(g.rule.next(x.p, x.now))
	}
	if x.frozen || x.run.Since == 0 {
		return
	}
	if at := x.plan.byID[x.run.Node]; at != nil {
		if w, ok := at.node.(*waitFor); ok && w.rule != nil {
			ask(w.rule.next(x.p, x.now))
		}
	}
}

// moved records the nodes that the run has just passed.
func (x *step) moved() {
	if len(x.path) > 0 {
		x.s.record(x, "moved", "")
		x.path = x.path[:0]
	}
}

// leave ends the run; withdraw takes back what it wanted and has not sent. It reports whether the run goes on after
// all, which it does when the withdrawal found no room in this event's budget: then it ends a minute later.
func (x *step) leave(reason string, withdraw bool) bool {
	if withdraw && !x.withdraw() {
		x.p.WakeBy(x.now.Add(laterBy))
		return true
	}
	x.s.record(x, "ended", reason)
	x.s.remember(x.p, x.plan, x.run, x.now)
	x.s.changes.end(x.p.ID, x.run, reason, x.now)
	return false
}

func (x *step) withdraw() bool {
	return x.b.Emit(&heed.Event{Type: heed.MessageWithdrawn, Person: x.p.ID, Ref: x.run.ID, Name: x.run.Journey})
}

// record notes for history what happened to the run.
func (s *work) record(x *step, what, reason string, more ...member) {
	o := object{}
	o.text("journey", x.run.Journey)
	o.raw("version", itoa(x.run.Version))
	o.text("node", x.run.Node)
	if x.run.Key != "" {
		o.text("key", x.run.Key)
	}
	if reason != "" {
		o.text("reason", reason)
	}
	if x.held {
		o.raw("holdout", "true")
	}
	for _, m := range more {
		o.raw(m.name, m.value)
	}
	if len(x.path) > 0 && (what == "moved" || what == "ended") {
		o.raw("path", "[")
		for i, id := range x.path {
			if i > 0 {
				o.b = append(o.b, ',')
			}
			o.b = appendString(o.b, id)
		}
		o.b = append(o.b, ']')
	}
	x.b.Record(&heed.Event{Type: heed.RunChanged, Person: x.p.ID, Ref: x.run.ID, Name: what, Source: sourcePrefix + x.run.Journey, Properties: o.done()})
}

// member is one more member of a fact; value is JSON.
type member struct{ name, value string }
