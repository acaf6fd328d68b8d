package profile

import "github.com/heedcx/heed"

func readText(r *docReader, s *string) { *s = r.text() }
func readHash(r *docReader, h *uint64) { *h = r.hash() }

// readCounter takes its memory from a piece that the document's counters share.
func readCounter(r *docReader) *heed.Counter {
	if !r.enter('{') {
		return nil
	}
	if len(r.counters) == 0 {
		r.counters = make([]heed.Counter, 8)
	}
	c := &r.counters[0]
	r.counters = r.counters[1:]
	for r.more('}') {
		switch r.key() {
		case "n":
			c.N = r.integer()
		case "f":
			c.First = r.time()
		case "l":
			c.Last = r.time()
		case "r":
			c.Recent = r.list()
		default:
			r.skip()
		}
	}
	return c
}

func readStage(r *docReader, s *heed.StageEntry) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "s":
			s.Stage = r.text()
		case "t":
			s.At = r.time()
		default:
			r.skip()
		}
	}
}

func readTrait(r *docReader) (t heed.Trait) {
	if !r.enter('{') {
		return t
	}
	for r.more('}') {
		switch r.key() {
		case "v":
			t.Value = r.value()
		case "t":
			t.At = r.time()
		case "s":
			t.Source = r.text()
		default:
			r.skip()
		}
	}
	return t
}

func readConsent(r *docReader) (c heed.Consent) {
	if !r.enter('{') {
		return c
	}
	for r.more('}') {
		switch r.key() {
		case "s":
			c.State = heed.ConsentState(r.text())
		case "t":
			c.At = r.time()
		case "src":
			c.Source = r.text()
		case "w":
			c.Where = r.text()
		case "a":
			c.Act = r.text()
		case "tx":
			c.Text = r.text()
		default:
			r.skip()
		}
	}
	return c
}

func readBlocked(r *docReader) (b heed.Blocked) {
	if !r.enter('{') {
		return b
	}
	for r.more('}') {
		switch r.key() {
		case "r":
			b.Reason = r.text()
		case "t":
			b.At = r.time()
		default:
			r.skip()
		}
	}
	return b
}

func readMember(r *docReader) (m heed.Member) {
	if !r.enter('{') {
		return m
	}
	for r.more('}') {
		switch r.key() {
		case "t":
			m.Since = r.time()
		default:
			r.skip()
		}
	}
	return m
}

func readPreferences(r *docReader, p *heed.Preferences) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "c":
			p.Channel = r.text()
		case "t":
			p.Topics = readList(r, 4, readText)
		case "m":
			p.Muted = readList(r, 4, readText)
		case "z":
			p.Zone = r.text()
		case "l":
			p.Locale = r.text()
		case "nt":
			p.NoTrack = r.flag()
		case "a":
			p.Said = readMap(r, (*docReader).time)
		case "zs":
			p.ZoneSeen = r.time()
		case "ls":
			p.LocaleSeen = r.time()
		default:
			r.skip()
		}
	}
}

func readOrders(r *docReader, o *heed.Orders) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "n":
			o.Count = r.integer()
		case "r":
			o.Revenue = r.float()
		case "f":
			o.First = r.time()
		case "l":
			o.Last = r.time()
		case "h":
			o.Recent = readList(r, 8, readHash)
		default:
			r.skip()
		}
	}
}

func readInteraction(r *docReader, x *heed.Interaction) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "at":
			x.At = r.time()
		case "type":
			x.Type = r.text()
		case "name":
			x.Name = r.text()
		case "touchpoint":
			x.Touchpoint = r.text()
		case "channel":
			x.Channel = r.text()
		case "direction":
			x.Direction = heed.Direction(r.text())
		case "department":
			x.Department = r.text()
		case "source":
			x.Source = r.text()
		case "summary":
			x.Summary = r.text()
		default:
			r.skip()
		}
	}
}

func readContact(r *docReader, c *heed.Contact) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "t":
			c.At = r.time()
		case "i":
			c.Message = r.id()
		case "c":
			c.Channel = r.text()
		case "p":
			c.Purpose = r.text()
		case "k":
			c.Class = r.text()
		default:
			r.skip()
		}
	}
}

func readPending(r *docReader, p *heed.Pending) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "i":
			p.Message = r.id()
		case "u":
			p.Until = r.time()
		case "x":
			p.Expires = r.time()
		case "c":
			p.Channel = r.text()
		case "p":
			p.Purpose = r.text()
		case "pr":
			p.Priority = int(r.integer())
		case "s":
			p.Since = r.time()
		case "r":
			p.Rule = r.text()
		case "re":
			p.Reason = r.text()
		case "j":
			p.Journey = r.text()
		case "ru":
			p.Run = r.id()
		default:
			r.skip()
		}
	}
}

func readRun(r *docReader, x *heed.Run) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "i":
			x.ID = r.id()
		case "j":
			x.Journey = r.text()
		case "v":
			x.Version = int(r.integer())
		case "k":
			x.Key = r.text()
		case "n":
			x.Node = r.text()
		case "t":
			x.Since = r.time()
		case "d":
			x.Due = r.time()
		case "e":
			x.Entered = r.time()
		case "st":
			x.Steps = int(r.integer())
		case "pa":
			x.Paused = r.flag()
		case "m":
			x.Message = r.id()
		case "x":
			x.Vars = r.value()
		case "g":
			x.Goal = r.time()
		default:
			r.skip()
		}
	}
}

func readRan(r *docReader) (x heed.Ran) {
	if !r.enter('{') {
		return x
	}
	for r.more('}') {
		switch r.key() {
		case "n":
			x.N = int(r.integer())
		case "t":
			x.Last = r.time()
		default:
			r.skip()
		}
	}
	return x
}

func readCase(r *docReader, c *heed.OpenCase) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "i":
			c.ID = r.text()
		case "ti":
			c.Title = r.text()
		case "o":
			c.Opened = r.time()
		case "c":
			c.Closed = r.time()
		default:
			r.skip()
		}
	}
}

func readMoment(r *docReader, m *heed.Moment) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "t":
			m.At = r.time()
		case "g":
			m.Good = r.flag()
		case "n":
			m.Name = r.text()
		case "to":
			m.Topic = r.text()
		default:
			r.skip()
		}
	}
}

func readPromise(r *docReader, p *heed.Promise) {
	if !r.enter('{') {
		return
	}
	for r.more('}') {
		switch r.key() {
		case "i":
			p.ID = r.text()
		case "x":
			p.Text = r.text()
		case "m":
			p.Made = r.time()
		case "d":
			p.Due = r.time()
		case "b":
			p.By = r.text()
		default:
			r.skip()
		}
	}
}
