package profile

import "github.com/heedcx/heed"

// person writes the whole document, in the order of heed.Person.
func (w docWriter) person(p *heed.Person) docWriter {
	w = w.begin('{')
	w = w.maybeAt("fs", p.FirstSeen)
	w = w.maybeAt("ls", p.LastSeen)
	w = w.maybeAt("kn", p.Known)
	w = w.maybe("st", p.Stage)
	w = w.maybeAt("sts", p.StageSince)
	w = docList(w, "stp", p.StagePath, writeStage)
	w = docMap(w, "t", p.Traits, writeTrait)
	w = docMap(w, "c", p.Consents, writeConsent)
	w = docMap(w, "b", p.Blocked, writeBlocked)
	w = docMap(w, "n", p.Counters, writeCounter)
	w = docMap(w, "g", p.Segments, writeMember)
	w = w.maybeInt("nr", p.Counted)
	w = w.preferences(&p.Preferences)
	w = w.orders(&p.Orders)
	w = docList(w, "h", p.Head, writeInteraction)
	w = docList(w, "m", p.Contacts, writeContact)
	w = docList(w, "mp", p.Pending, writePending)
	w = docList(w, "r", p.Runs, writeRun)
	w = docMap(w, "rp", p.Past, writeRan)
	w = docMap(w, "jt", p.Timers, writeTime)
	w = docList(w, "k", p.Cases, writeCase)
	w = docList(w, "mo", p.Moments, writeMoment)
	w = docList(w, "pr", p.Promises, writePromise)
	w = docMap(w, "tg", p.Gone, writeTime)
	return w.end('}')
}

func writeStage(w docWriter, s *heed.StageEntry) docWriter {
	w = w.begin('{')
	w = w.must("s", s.Stage)
	w = w.at("t", s.At)
	return w.end('}')
}

func writeTrait(w docWriter, t heed.Trait) docWriter {
	w = w.begin('{')
	w = w.raw("v", t.Value)
	w = w.at("t", t.At)
	w = w.maybe("s", t.Source)
	return w.end('}')
}

func writeConsent(w docWriter, c heed.Consent) docWriter {
	w = w.begin('{')
	w = w.must("s", string(c.State))
	w = w.at("t", c.At)
	w = w.maybe("src", c.Source)
	w = w.maybe("w", c.Where)
	w = w.maybe("a", c.Act)
	w = w.maybe("tx", c.Text)
	return w.end('}')
}

func writeBlocked(w docWriter, b heed.Blocked) docWriter {
	w = w.begin('{')
	w = w.must("r", b.Reason)
	w = w.at("t", b.At)
	return w.end('}')
}

func writeCounter(w docWriter, c *heed.Counter) docWriter {
	if c == nil {
		return append(w, "null"...)
	}
	w = w.begin('{')
	w = w.at("n", heed.Time(c.N))
	w = w.maybeAt("f", c.First)
	w = w.maybeAt("l", c.Last)
	w = docList(w, "r", c.Recent, writeTimeOf)
	return w.end('}')
}

func writeMember(w docWriter, m heed.Member) docWriter {
	w = w.begin('{')
	w = w.at("t", m.Since)
	return w.end('}')
}

func (w docWriter) preferences(p *heed.Preferences) docWriter {
	from := len(w)
	w = w.key("p")
	w = w.begin('{')
	empty := len(w)
	w = w.maybe("c", p.Channel)
	w = docList(w, "t", p.Topics, writeText)
	w = docList(w, "m", p.Muted, writeText)
	w = w.maybe("z", p.Zone)
	w = w.maybe("l", p.Locale)
	w = w.maybeFlag("nt", p.NoTrack)
	w = docMap(w, "a", p.Said, writeTime)
	w = w.maybeAt("zs", p.ZoneSeen)
	w = w.maybeAt("ls", p.LocaleSeen)
	return w.close(from, empty)
}

func (w docWriter) orders(o *heed.Orders) docWriter {
	from := len(w)
	w = w.key("o")
	w = w.begin('{')
	empty := len(w)
	w = w.maybeInt("n", o.Count)
	w = w.float("r", o.Revenue)
	w = w.maybeAt("f", o.First)
	w = w.maybeAt("l", o.Last)
	w = docList(w, "h", o.Recent, writeHash)
	return w.close(from, empty)
}

// close ends an object, and takes it back when nothing came into it.
func (w docWriter) close(from, empty int) docWriter {
	if len(w) == empty {
		return w[:from]
	}
	return w.end('}')
}

func writeInteraction(w docWriter, i *heed.Interaction) docWriter {
	w = w.begin('{')
	w = w.at("at", i.At)
	w = w.must("type", i.Type)
	w = w.maybe("name", i.Name)
	w = w.maybe("touchpoint", i.Touchpoint)
	w = w.maybe("channel", i.Channel)
	w = w.maybe("direction", string(i.Direction))
	w = w.maybe("department", i.Department)
	w = w.maybe("source", i.Source)
	w = w.maybe("summary", i.Summary)
	return w.end('}')
}

func writeContact(w docWriter, c *heed.Contact) docWriter {
	w = w.begin('{')
	w = w.at("t", c.At)
	w = w.id("i", c.Message)
	w = w.must("c", c.Channel)
	w = w.must("p", c.Purpose)
	w = w.maybe("k", c.Class)
	return w.end('}')
}

func writePending(w docWriter, p *heed.Pending) docWriter {
	w = w.begin('{')
	w = w.id("i", p.Message)
	w = w.at("u", p.Until)
	w = w.at("x", p.Expires)
	w = w.must("c", p.Channel)
	w = w.must("p", p.Purpose)
	w = w.maybeInt("pr", int64(p.Priority))
	w = w.at("s", p.Since)
	w = w.maybe("r", p.Rule)
	w = w.maybe("re", p.Reason)
	w = w.maybe("j", p.Journey)
	w = w.maybeID("ru", p.Run)
	return w.end('}')
}

func writeRun(w docWriter, r *heed.Run) docWriter {
	w = w.begin('{')
	w = w.id("i", r.ID)
	w = w.must("j", r.Journey)
	w = w.at("v", heed.Time(r.Version))
	w = w.maybe("k", r.Key)
	w = w.must("n", r.Node)
	w = w.at("t", r.Since)
	w = w.maybeAt("d", r.Due)
	w = w.at("e", r.Entered)
	w = w.maybeInt("st", int64(r.Steps))
	w = w.maybeFlag("pa", r.Paused)
	w = w.maybeID("m", r.Message)
	if r.Vars != "" {
		w = w.raw("x", r.Vars)
	}
	w = w.maybeAt("g", r.Goal)
	return w.end('}')
}

func writeRan(w docWriter, r heed.Ran) docWriter {
	w = w.begin('{')
	w = w.at("n", heed.Time(r.N))
	w = w.at("t", r.Last)
	return w.end('}')
}

func writeCase(w docWriter, c *heed.OpenCase) docWriter {
	w = w.begin('{')
	w = w.must("i", c.ID)
	w = w.maybe("ti", c.Title)
	w = w.at("o", c.Opened)
	w = w.maybeAt("c", c.Closed)
	return w.end('}')
}

func writeMoment(w docWriter, m *heed.Moment) docWriter {
	w = w.begin('{')
	w = w.at("t", m.At)
	w = w.flag("g", m.Good)
	w = w.must("n", m.Name)
	w = w.maybe("to", m.Topic)
	return w.end('}')
}

func writePromise(w docWriter, p *heed.Promise) docWriter {
	w = w.begin('{')
	w = w.must("i", p.ID)
	w = w.must("x", p.Text)
	w = w.at("m", p.Made)
	w = w.maybeAt("d", p.Due)
	w = w.maybe("b", p.By)
	return w.end('}')
}
