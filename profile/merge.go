package profile

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// merge folds the loser's memory into the survivor's. Both documents as they were are kept, so that it can be undone.
func (s *Stage) merge(b *stream.Batch, p *heed.Person, e *heed.Event) {
	l := b.People[e.Loser]
	if l == nil || l == p {
		return
	}
	was, err := s.codec.encode(p)
	if err == nil {
		var lost string
		if lost, err = s.codec.encode(l); err == nil {
			s.merges = append(s.merges, mergeRow{loser: l.ID, survivor: p.ID, at: e.ReceivedAt, loserDoc: lost, survivorDoc: was})
		}
	}
	if err != nil { // a document that cannot be written stops the batch when it is flushed
		s.log.Error("a merge cannot be undone: its snapshot could not be written", "survivor", p.ID, "loser", l.ID, "error", err)
	}
	mergeInto(p, l)
	s.seek(p)
	s.gone = append(s.gone, l.ID)
	s.moved = append(s.moved, [2]heed.ID{l.ID, p.ID})
	delete(b.People, l.ID)
}

// mergeInto adds what l's memory holds to p's. The most restrictive consent wins whatever the time.
func mergeInto(p, l *heed.Person) {
	p.Dirty = true
	p.FirstSeen, p.LastSeen = earlier(p.FirstSeen, l.FirstSeen), max(p.LastSeen, l.LastSeen)
	p.Known = earlier(p.Known, l.Known)
	if l.Wake > 0 {
		p.WakeBy(l.Wake)
	}
	mergeStage(p, l)
	for k, at := range l.Gone {
		if strings.HasPrefix(k, "trait:") {
			if t, has := p.Traits[k[len("trait:"):]]; has && t.At <= at {
				delete(p.Traits, k[len("trait:"):])
			}
		}
		gone(p, k, at)
	}
	mergeTraits(p, l)
	mergeConsents(p, l)
	mergePreferences(&p.Preferences, &l.Preferences)
	mergeOrders(&p.Orders, &l.Orders)
	for k, c := range l.Counters {
		if p.Counters == nil {
			p.Counters = map[string]*heed.Counter{}
		}
		if mine := p.Counters[k]; mine != nil {
			rule.Merge(mine, c, 0) // segment knows the depth and trims
		} else {
			p.Counters[k] = c
		}
	}
	mergeMap(&p.Segments, l.Segments, func(a, b heed.Member) bool { return b.Since < a.Since })
	mergeMap(&p.Timers, l.Timers, func(a, b heed.Time) bool { return b < a })
	mergeRuns(p, l)
	p.Head = union(p.Head, l.Head, heed.HeadSize, func(a, b heed.Interaction) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.Name, b.Name), strings.Compare(a.Type, b.Type))
	})
	p.Contacts = union(p.Contacts, l.Contacts, 0, func(a, b heed.Contact) int {
		return cmp.Or(cmp.Compare(a.At, b.At), slices.Compare(a.Message[:], b.Message[:]))
	})
	p.Pending = union(p.Pending, l.Pending, 0, func(a, b heed.Pending) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), slices.Compare(a.Message[:], b.Message[:]))
	})
	p.Moments = union(p.Moments, l.Moments, maxMoments, func(a, b heed.Moment) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.Name, b.Name), strings.Compare(a.Topic, b.Topic))
	})
	mergeCases(p, l)
	p.Promises = union(p.Promises, l.Promises, maxPromises, func(a, b heed.Promise) int {
		return cmp.Or(cmp.Compare(a.Made, b.Made), strings.Compare(a.ID, b.ID))
	})
	p.Promises = slices.DeleteFunc(p.Promises, func(x heed.Promise) bool { return x.Made <= p.Gone["promise:"+x.ID] })
}

func earlier(a, b heed.Time) heed.Time {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// union sorts two lists into one, each element once, and keeps the last n (0: all).
func union[T any](a, b []T, n int, compare func(a, b T) int) []T {
	if len(b) == 0 {
		return a
	}
	out := slices.Concat(a, b)
	slices.SortStableFunc(out, compare)
	out = slices.CompactFunc(out, func(x, y T) bool { return compare(x, y) == 0 })
	if n > 0 && len(out) > n {
		out = out[len(out)-n:]
	}
	return out
}

// mergeMap takes over what only from has, and what is better there.
func mergeMap[V any](into *map[string]V, from map[string]V, better func(mine, theirs V) bool) {
	if len(from) > 0 && *into == nil {
		*into = maps.Clone(from)
		return
	}
	for k, v := range from {
		if mine, has := (*into)[k]; !has || better(mine, v) {
			(*into)[k] = v
		}
	}
}

// mergeStage keeps the stage that was entered last; the lifecycle's rules will move the person on from there.
func mergeStage(p, l *heed.Person) {
	if l.Stage == "" {
		return
	}
	if p.Stage == "" || l.StageSince > p.StageSince {
		p.Stage, p.StageSince, p.StagePath = l.Stage, l.StageSince, l.StagePath
	}
}

func mergeTraits(p, l *heed.Person) {
	for k, t := range l.Traits {
		mine, has := p.Traits[k]
		switch {
		case t.At <= p.Gone["trait:"+k]:
		case has && (t.At < mine.At || t.At == mine.At && t.Value <= mine.Value):
		case !has && len(p.Traits) >= MaxTraits:
		default:
			if p.Traits == nil {
				p.Traits = map[string]heed.Trait{}
			}
			p.Traits[k] = t
		}
	}
}

func mergeConsents(p, l *heed.Person) {
	mergeMap(&p.Consents, l.Consents, func(mine, theirs heed.Consent) bool {
		a, b := restriction(mine.State), restriction(theirs.State)
		return b > a || b == a && theirs.At > mine.At
	})
	mergeMap(&p.Blocked, l.Blocked, func(mine, theirs heed.Blocked) bool { return theirs.At < mine.At })
}

// mergePreferences takes the later word on each; refusing to be tracked holds whenever it was said.
func mergePreferences(p, l *heed.Preferences) {
	noTrack := p.NoTrack || l.NoTrack
	if l.Said["channel"] > p.Said["channel"] {
		p.Channel = l.Channel
	}
	if l.Said["topics"] > p.Said["topics"] {
		p.Topics = l.Topics
	}
	p.Muted = union(p.Muted, l.Muted, 0, strings.Compare)
	if l.Said["zone"] > p.Said["zone"] || p.Said["zone"] == 0 && l.ZoneSeen > p.ZoneSeen {
		p.Zone = l.Zone
	}
	if l.Said["locale"] > p.Said["locale"] || p.Said["locale"] == 0 && l.LocaleSeen > p.LocaleSeen {
		p.Locale = l.Locale
	}
	p.ZoneSeen, p.LocaleSeen = max(p.ZoneSeen, l.ZoneSeen), max(p.LocaleSeen, l.LocaleSeen)
	mergeMap(&p.Said, l.Said, func(a, b heed.Time) bool { return b > a })
	p.NoTrack = noTrack
}

// mergeOrders adds up. An order that both have seen lines of counts once.
func mergeOrders(p, l *heed.Orders) {
	if l.Count == 0 {
		return
	}
	p.Count += l.Count
	for _, h := range l.Recent {
		if slices.Contains(p.Recent, h) {
			p.Count--
		} else {
			p.Recent = append(p.Recent, h)
		}
	}
	if n := len(p.Recent) - recentOrders; n > 0 {
		p.Recent = p.Recent[n:]
	}
	p.Revenue = money(p.Revenue + l.Revenue)
	p.First, p.Last = earlier(p.First, l.First), max(p.Last, l.Last)
}

// mergeRuns keeps one run per journey and key: the one that was entered first.
func mergeRuns(p, l *heed.Person) {
	for _, r := range l.Runs {
		i := slices.IndexFunc(p.Runs, func(x heed.Run) bool { return x.Journey == r.Journey && x.Key == r.Key })
		switch {
		case i < 0:
			p.Runs = append(p.Runs, r)
		case r.Entered < p.Runs[i].Entered || r.Entered == p.Runs[i].Entered && string(r.ID[:]) < string(p.Runs[i].ID[:]):
			p.Runs[i] = r
		}
	}
	for k, r := range l.Past {
		if p.Past == nil {
			p.Past = map[string]heed.Ran{}
		}
		mine := p.Past[k]
		p.Past[k] = heed.Ran{N: mine.N + r.N, Last: max(mine.Last, r.Last)}
	}
}

func mergeCases(p, l *heed.Person) {
	for _, c := range l.Cases {
		i := slices.IndexFunc(p.Cases, func(x heed.OpenCase) bool { return x.ID == c.ID })
		if i < 0 {
			p.Cases = append(p.Cases, c)
			continue
		}
		x := &p.Cases[i]
		x.Opened, x.Closed, x.Title = max(x.Opened, c.Opened), max(x.Closed, c.Closed), first(x.Title, c.Title)
		if x.Opened > x.Closed {
			x.Closed = 0
		}
	}
	slices.SortFunc(p.Cases, func(a, b heed.OpenCase) int {
		return cmp.Or(cmp.Compare(max(a.Opened, a.Closed), max(b.Opened, b.Closed)), cmp.Compare(a.ID, b.ID))
	})
}
