package profile

import "github.com/heedcx/heed"

func (r *docReader) person(p *heed.Person) {
	if !r.enter('{') {
		r.fail(errNoDocument)
		return
	}
	for r.more('}') {
		switch r.key() {
		case "fs":
			p.FirstSeen = r.time()
		case "ls":
			p.LastSeen = r.time()
		case "kn":
			p.Known = r.time()
		case "st":
			p.Stage = r.text()
		case "sts":
			p.StageSince = r.time()
		case "stp":
			p.StagePath = readList(r, 4, readStage)
		case "t":
			p.Traits = readMap(r, readTrait)
		case "c":
			p.Consents = readMap(r, readConsent)
		case "b":
			p.Blocked = readMap(r, readBlocked)
		case "n":
			p.Counters = readMap(r, readCounter)
		case "g":
			p.Segments = readMap(r, readMember)
		case "nr":
			p.Counted = r.integer()
		case "p":
			readPreferences(r, &p.Preferences)
		case "o":
			readOrders(r, &p.Orders)
		case "h":
			p.Head = readList(r, heed.HeadSize, readInteraction)
		case "m":
			p.Contacts = readList(r, 4, readContact)
		case "mp":
			p.Pending = readList(r, 1, readPending)
		case "r":
			p.Runs = readList(r, 2, readRun)
		case "rp":
			p.Past = readMap(r, readRan)
		case "jt":
			p.Timers = readMap(r, (*docReader).time)
		case "k":
			p.Cases = readList(r, 1, readCase)
		case "mo":
			p.Moments = readList(r, 4, readMoment)
		case "pr":
			p.Promises = readList(r, 1, readPromise)
		case "tg":
			p.Gone = readMap(r, (*docReader).time)
		default:
			r.skip()
		}
	}
	if r.bad == nil && r.peek() != 0 {
		r.fail(errNoDocument)
	}
}
