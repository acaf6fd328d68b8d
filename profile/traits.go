package profile

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// Limits of memory.
const (
	MaxTraits     = 200
	MaxTraitName  = 100
	MaxTraitValue = 4 << 10 // bytes of JSON
)

// traits folds what an identify says of the person. The newest wins for each trait by when it was said; of two said at
// the same moment the larger text. null takes a trait back, and goes before whatever was said at that moment.
func (s *Stage) traits(p *heed.Person, e *heed.Event, prefix string) {
	if len(e.Properties) < 3 { // {}
		return
	}
	gjson.ParseBytes(e.Properties).ForEach(func(k, v gjson.Result) bool {
		name := k.Str
		switch {
		case prefix != "":
			name = prefix + name
		case name == "timezone" || name == "time_zone":
			s.sayZone(p, e, v)
		case name == "locale" || name == "language":
			s.sayLocale(p, e, v)
		}
		s.trait(p, e, name, v)
		return true
	})
}

func (s *Stage) trait(p *heed.Person, e *heed.Event, name string, v gjson.Result) {
	raw := heed.RawValue(unique(v.Raw))
	old, has := p.Traits[name]
	switch {
	case name == "" || len(name) > MaxTraitName || !plainName(name):
		s.reject(p, e, "trait_rejected", name, "a trait's name has 1 to "+strconv.Itoa(MaxTraitName)+" bytes and no control characters")
		return
	case len(raw) > MaxTraitValue:
		s.reject(p, e, "trait_rejected", name, "its value has more than "+strconv.Itoa(MaxTraitValue)+" bytes")
		return
	case has && (e.Timestamp < old.At || e.Timestamp == old.At && v.Type != gjson.Null && raw <= old.Value):
		return
	case len(p.Gone) > 0 && e.Timestamp <= p.Gone["trait:"+name]:
		return
	case v.Type == gjson.Null:
		delete(p.Traits, name)
		gone(p, "trait:"+name, e.Timestamp)
		if has && sought(name) {
			s.seek(p)
		}
		return
	case !has && len(p.Traits) >= MaxTraits:
		s.reject(p, e, "trait_rejected", name, "the person has "+strconv.Itoa(MaxTraits)+" traits already")
		return
	}
	if p.Traits == nil {
		p.Traits = make(map[string]heed.Trait, 8)
	}
	p.Traits[name] = heed.Trait{Value: raw, At: e.Timestamp, Source: e.Source}
	if len(p.Gone) > 0 {
		delete(p.Gone, "trait:"+name)
	}
	if raw != old.Value && sought(name) {
		s.seek(p)
	}
}

func plainName(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// maxGone is how many marks of what was taken back a person's memory keeps: the latest.
const maxGone = 64

// gone marks that something was taken back or done at t.
func gone(p *heed.Person, key string, t heed.Time) {
	if p.Gone == nil {
		p.Gone = map[string]heed.Time{}
	}
	p.Gone[strings.Clone(key)] = max(p.Gone[key], t)
	for len(p.Gone) > maxGone {
		oldest := ""
		for k, at := range p.Gone {
			if oldest == "" || at < p.Gone[oldest] || at == p.Gone[oldest] && k < oldest {
				oldest = k
			}
		}
		delete(p.Gone, oldest)
	}
}

// group folds the account that the person belongs to: its id, and its traits with "account_" before the name.
func (s *Stage) group(p *heed.Person, e *heed.Event) {
	if e.GroupID != "" {
		id := gjson.Parse(strconv.Quote(e.GroupID))
		s.trait(p, e, "account_id", id)
	}
	s.traits(p, e, "account_")
}

// said notes that the person has told us one of their preferences at e's time, and says whether that is news.
func said(p *heed.Person, e *heed.Event, key string, larger bool) bool {
	at := p.Preferences.Said[key]
	if e.Timestamp < at || e.Timestamp == at && !larger {
		return false
	}
	if p.Preferences.Said == nil {
		p.Preferences.Said = map[string]heed.Time{}
	}
	p.Preferences.Said[key] = e.Timestamp
	return true
}

func (s *Stage) sayZone(p *heed.Person, e *heed.Event, v gjson.Result) {
	z := text(v)
	if z == "" {
		return
	}
	if !s.zone(z) {
		s.reject(p, e, "zone_rejected", z, "there is no time zone of this name; want one such as Europe/Lisbon")
		return
	}
	if said(p, e, "zone", z > p.Preferences.Zone) {
		p.Preferences.Zone = z
	}
}

func (s *Stage) sayLocale(p *heed.Person, e *heed.Event, v gjson.Result) {
	if l := text(v); locale(l) && said(p, e, "locale", l > p.Preferences.Locale) {
		p.Preferences.Locale = l
	}
}
