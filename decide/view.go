package decide

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/heedcx/heed"
)

// view is one look at one person at one moment.
type view struct {
	o        *Policy
	p        *heed.Person
	now      heed.Time
	expires  heed.Time
	loc      *time.Location
	looked   bool
	recorded map[string]ruled // replay: what the brand's rules said then
	told     *[]ruled         // when set, what the brand's rules say is noted there
	today    *heed.Person     // rehearsal: asked where nothing is on record
	guessed  bool             // rehearsal: it was asked
}

// ruled is what one of the brand's rules said.
type ruled struct {
	Name    string    `json:"n"`
	Forbids bool      `json:"f,omitempty"`
	Next    heed.Time `json:"x,omitempty"` // 0: time alone does not change it
	Broken  bool      `json:"b,omitempty"` // it could not be evaluated
}

func (v *view) zone() *time.Location {
	if !v.looked {
		v.loc, v.looked = v.o.Zone(v.p), true
	}
	return v.loc
}

// forbids asks one of the brand's rules, and until when its answer holds. A rule that cannot be evaluated, or of which a
// replay finds nothing on record, says no.
func (v *view) forbids(r *relation, p *heed.Person, now heed.Time) ruled {
	if v.recorded != nil {
		if was, ok := v.recorded[r.name]; ok {
			return was
		}
		if v.today != nil {
			v.guessed = true
			return answer(r, v.today, now)
		}
		return ruled{Name: r.name, Forbids: true, Broken: true}
	}
	a := answer(r, p, now)
	if v.told != nil {
		*v.told = append(*v.told, a)
	}
	return a
}

func answer(r *relation, p *heed.Person, now heed.Time) ruled {
	a := ruled{Name: r.name, Forbids: true, Broken: r.forbid == nil}
	if r.forbid != nil {
		if a.Forbids = r.forbid.Eval(p, now); a.Forbids {
			if a.Next = r.forbid.NextChange(p, now); a.Next >= heed.Never {
				a.Next = 0
			}
		}
	}
	return a
}

func (v *view) drop(reason, rule, why string) heed.Decision {
	return heed.Decision{Outcome: heed.Drop, Reason: reason, Rule: rule, Text: "dropped: " + why}
}

// hold makes the decision to wait until the next moment at which it could be right; heed.Never when only an event can
// change the answer. What is stale is not held any longer.
func (v *view) hold(reason, rule string, until heed.Time, why string) heed.Decision {
	if v.now >= v.expires && v.expires > 0 {
		return heed.Decision{Outcome: heed.Drop, Reason: Expired, Rule: first(rule, reason),
			Text: "dropped: it is stale since " + v.when(v.expires) + "; it was held because " + why}
	}
	if until <= v.now || until >= heed.Never {
		return heed.Decision{Outcome: heed.Hold, Reason: reason, Rule: rule, Text: "held: " + why}
	}
	return heed.Decision{Outcome: heed.Hold, Reason: reason, Rule: rule, Until: until, Text: "held until " + v.when(until) + ": " + why}
}

// when writes a moment as the person's clock and calendar show it, in UTC when nobody knows their zone.
func (v *view) when(t heed.Time) string {
	loc, mark := time.UTC, " UTC"
	if v.p != nil {
		if z := v.zone(); z != nil {
			loc, mark = z, ""
		}
	}
	if s := t.Sub(v.now); s > 6*24*time.Hour || s < -24*time.Hour {
		return t.Std().In(loc).Format("15:04" + mark + " on 2 January 2006")
	}
	return t.Std().In(loc).Format("15:04" + mark + " Monday")
}

// city names a zone as people do: Europe/Lisbon is Lisbon.
func city(loc *time.Location) string {
	name := loc.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

// words turns a code such as hard_bounce into words.
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

// plain reads a JSON string; without escapes, the common case, it does not copy.
func plain(v heed.RawValue) string {
	if len(v) < 2 || v[0] != '"' {
		return ""
	}
	s := string(v[1 : len(v)-1])
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	if json.Unmarshal([]byte(v), &s) != nil {
		return ""
	}
	return s
}
