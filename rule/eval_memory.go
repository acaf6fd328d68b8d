package rule

import (
	"slices"

	"github.com/heedcx/heed"
)

// memory answers what is about the rest of the person's document.
func (n *node) memory(a *asking) (bool, heed.Time) {
	p := a.p
	switch n.op {
	case opStage:
		return n.test.text(p.Stage), heed.Never
	case opKnown:
		return p.Known > 0, heed.Never
	case opSegment:
		_, ok := p.Segments[n.id]
		return ok, heed.Never
	case opConsent:
		c, ok := p.Consents[n.id]
		if !ok {
			c, ok = p.Consents[n.id2]
		}
		if n.is == "missing" {
			return !ok, heed.Never
		}
		return ok && string(c.State) == n.is, heed.Never
	case opCase:
		return n.cases(p, a.now)
	case opMoment:
		return n.moment(p, a.now)
	case opPreference:
		return n.preference(&p.Preferences), heed.Never
	case opBlocked:
		return hasKey(p.Blocked, n.id, n.id2), heed.Never
	case opPromise:
		return n.promise(p, a.now)
	}
	return false, heed.Never
}

// cases looks for the latest case that was opened or closed; it leaves the window last.
func (n *node) cases(p *heed.Person, now heed.Time) (bool, heed.Time) {
	var latest heed.Time
	for i := range p.Cases {
		c := &p.Cases[i]
		switch {
		case n.name == "open":
			if c.Closed == 0 {
				return true, heed.Never
			}
		case n.name == "closed":
			latest = max(latest, c.Closed)
		default:
			latest = max(latest, c.Opened)
		}
	}
	return n.inWindow(latest, now)
}

func (n *node) moment(p *heed.Person, now heed.Time) (bool, heed.Time) {
	var latest heed.Time
	for i := range p.Moments {
		m := &p.Moments[i]
		if m.Good == n.good && (n.name == "" || m.Name == n.name) && (n.topic == "" || m.Topic == n.topic) {
			latest = max(latest, m.At)
		}
	}
	return n.inWindow(latest, now)
}

func (n *node) inWindow(t, now heed.Time) (bool, heed.Time) {
	if t == 0 || n.within > 0 && t <= now-n.within {
		return false, heed.Never
	}
	if n.within == 0 {
		return true, heed.Never
	}
	return true, t + n.within
}

func (n *node) preference(p *heed.Preferences) bool {
	switch n.name {
	case "topic":
		return slices.Contains(p.Topics, n.id)
	case "muted":
		return slices.Contains(p.Muted, n.id)
	case "channel":
		return p.Channel == n.id
	case "locale":
		return p.Locale == n.id
	}
	return p.Zone == n.id
}

// promise: any is open; an overdue one has passed its due time.
func (n *node) promise(p *heed.Person, now heed.Time) (bool, heed.Time) {
	if n.name == "" {
		return len(p.Promises) > 0, heed.Never
	}
	next := heed.Never
	for i := range p.Promises {
		if due := p.Promises[i].Due; due > 0 && due <= now {
			return true, heed.Never
		} else if due > 0 {
			next = min(next, due)
		}
	}
	return false, next
}
