package profile

import (
	"cmp"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

const (
	maxCases    = 32
	maxMoments  = 16
	maxPromises = 32
)

// cases folds Case Opened and Case Closed: {case_id, title}. Closed ones stay for the recovery window.
func (s *Stage) cases(p *heed.Person, e *heed.Event) string {
	id, title := cutText(get(e, "case_id"), 100), cutText(get(e, "title"), 200)
	if id == "" {
		s.reject(p, e, "event_rejected", e.Name, "it has no case_id")
		return ""
	}
	i := slices.IndexFunc(p.Cases, func(c heed.OpenCase) bool { return c.ID == id })
	if i < 0 {
		p.Cases = append(p.Cases, heed.OpenCase{ID: id, Title: title})
		i = len(p.Cases) - 1
	}
	c := &p.Cases[i]
	if e.Name == "Case Closed" {
		c.Closed = max(c.Closed, e.Timestamp)
	} else {
		if title != "" && (c.Title == "" || e.Timestamp > c.Opened || e.Timestamp == c.Opened && title > c.Title) {
			c.Title = title
		}
		c.Opened = max(c.Opened, e.Timestamp)
	}
	if c.Opened > c.Closed {
		c.Closed = 0 // opened again
	}
	s.pruneCases(p, e.Timestamp)
	return first(title, id)
}

// pruneCases forgets cases that were closed longer ago than the recovery window before the latest we heard of any.
func (s *Stage) pruneCases(p *heed.Person, now heed.Time) {
	for i := range p.Cases {
		now = max(now, p.Cases[i].Opened, p.Cases[i].Closed)
	}
	keep := max(2*s.config.recovery, 30*24*3600*1e6)
	p.Cases = slices.DeleteFunc(p.Cases, func(c heed.OpenCase) bool { return c.Closed > 0 && c.Closed < now-keep })
	slices.SortFunc(p.Cases, func(a, b heed.OpenCase) int {
		return cmp.Or(cmp.Compare(max(a.Opened, a.Closed), max(b.Opened, b.Closed)), cmp.Compare(a.ID, b.ID))
	})
	for len(p.Cases) > maxCases {
		i := max(slices.IndexFunc(p.Cases, func(c heed.OpenCase) bool { return c.Closed > 0 }), 0)
		p.Cases = slices.Delete(p.Cases, i, i+1)
	}
}

// promises folds Promise Made and Promise Kept: {promise_id, text, due, by}.
func (s *Stage) promises(p *heed.Person, e *heed.Event) string {
	pr := gjson.ParseBytes(e.Properties)
	id, words := cutText(text(pr.Get("promise_id")), 100), cutText(text(pr.Get("text")), 300)
	if id == "" {
		s.reject(p, e, "event_rejected", e.Name, "it has no promise_id")
		return ""
	}
	i := slices.IndexFunc(p.Promises, func(x heed.Promise) bool { return x.ID == id })
	if e.Name == "Promise Kept" {
		switch {
		case i < 0:
			gone(p, "promise:"+id, e.Timestamp)
		case p.Promises[i].Made <= e.Timestamp:
			gone(p, "promise:"+id, e.Timestamp)
			p.Promises = slices.Delete(p.Promises, i, i+1)
		}
		return first(words, id)
	}
	if e.Timestamp <= p.Gone["promise:"+id] {
		return first(words, id)
	}
	delete(p.Gone, "promise:"+id)
	x := heed.Promise{ID: id, Text: words, Made: e.Timestamp, Due: moment(pr.Get("due")), By: cutText(text(pr.Get("by")), 100)}
	switch {
	case i < 0:
		p.Promises = append(p.Promises, x)
	case x.Made > p.Promises[i].Made || x.Made == p.Promises[i].Made && x.Text > p.Promises[i].Text:
		p.Promises[i] = x
	}
	slices.SortFunc(p.Promises, func(a, b heed.Promise) int {
		return cmp.Or(cmp.Compare(a.Made, b.Made), cmp.Compare(a.ID, b.ID))
	})
	if n := len(p.Promises) - maxPromises; n > 0 {
		p.Promises = slices.Delete(p.Promises, 0, n)
	}
	return first(words, id)
}

// moment folds an event that the brand calls a good or a bad experience.
func (s *Stage) moment(p *heed.Person, e *heed.Event, rules []momentRule) {
	for i := range rules {
		r := &rules[i]
		if r.where == nil && e.Type != heed.Track || r.where != nil && !r.where.Match(e) {
			continue
		}
		m := heed.Moment{At: e.Timestamp, Good: r.good, Name: e.Name, Topic: cutText(get(e, r.topic), 100)}
		at := len(p.Moments)
		for at > 0 && p.Moments[at-1].At > m.At {
			at--
		}
		if slices.Contains(p.Moments, m) {
			return
		}
		p.Moments = slices.Insert(p.Moments, at, m)
		if n := len(p.Moments) - maxMoments; n > 0 {
			p.Moments = slices.Delete(p.Moments, 0, n)
		}
		return
	}
}

// openCases is how many of a person's cases nobody has closed.
func openCases(p *heed.Person) (n int) {
	for i := range p.Cases {
		if p.Cases[i].Closed == 0 {
			n++
		}
	}
	return n
}
