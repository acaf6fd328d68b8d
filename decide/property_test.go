package decide_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
)

// TestSendIsNeverWrong holds every decision to send against a second, simpler reading of the rules, on random people,
// and every decision to hold against its own promise: before Until the answer is never "send".
func TestSendIsNeverWrong(t *testing.T) {
	o, errs := decide.Compile([]decide.Doc{
		{Kind: "brand", Name: "lumen", Body: []byte(`{"zone":"Europe/Lisbon","zone_chain":["person","country"],"recovery_window":"3d"}`)},
		{Kind: "purpose", Name: "news", Body: []byte(`{"class":"marketing","consent":"opt_in"}`)},
		{Kind: "purpose", Name: "offers", Body: []byte(`{"class":"marketing","consent":"opt_in","selling":true}`)},
		{Kind: "purpose", Name: "nps", Body: []byte(`{"class":"survey","consent":"opt_out"}`)},
		{Kind: "purpose", Name: "orders", Body: []byte(`{"class":"service","consent":"none"}`)},
		{Kind: "purpose", Name: "security", Body: []byte(`{"class":"service_critical","consent":"none"}`)},
		{Kind: "quiet_hours", Name: "nights", Body: []byte(`{"from":"21:00","to":"08:00","classes":["marketing","survey"]}`)},
		{Kind: "cap", Name: "rolling", Body: []byte(`{"max":2,"per":"1d"}`)},
		{Kind: "cap", Name: "weekly", Body: []byte(`{"max":3,"calendar":"week","class":"marketing"}`)},
		{Kind: "rule", Name: "staff", Body: []byte(`{"classes":["survey"],"forbid":"in segment \"staff\"","then":"drop"}`)},
	}, decide.Rules)
	if errs != nil {
		t.Fatal(errs)
	}
	sent, held := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		now := heed.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).Add(time.Duration(rapid.IntRange(0, 365*24*60).Draw(t, "minute")) * time.Minute)
		p := drawPerson(t, now)
		in := &heed.Intent{ID: heed.ID{1}, Channel: pick(t, "channel", "email", "email", "sms", "fax"),
			Purpose: pick(t, "purpose", "news", "news", "offers", "offers", "nps", "orders", "security", "nothing"),
			Topic:   pick(t, "topic", "", "", "chairs", "lamps"), About: pick(t, "about", "", "chairs"), Asked: now.Add(-time.Duration(rapid.IntRange(0, 80).Draw(t, "age")) * time.Hour)}
		c := &decide.Candidate{Intent: in}
		d := o.DecideOne(c, p, now)
		switch d.Outcome {
		case heed.Send:
			sent++
			if why := forbidden(p, in, now); why != "" {
				t.Fatalf("sent although %s", why)
			}
		case heed.Hold:
			held++
			if d.Until != 0 && d.Until <= now {
				t.Fatalf("held until %s, which is not later than %s", d.Until, now)
			}
			for range 5 {
				if d.Until == 0 {
					break
				}
				before := now.Add(time.Duration(rapid.Int64Range(0, int64(d.Until.Sub(now))-1).Draw(t, "before")))
				if e := o.Decide(in, p, before); e.Outcome == heed.Send {
					t.Fatalf("held until %s (%s), but it could have gone at %s", d.Until, d.Reason, before)
				}
			}
		}
		if again, same, err := decide.Replay(o, o.Inputs(c, p, now)); err != nil || !same || again != d {
			t.Fatalf("replayed as %+v, was %+v (%v)", again, d, err)
		}
	})
	if sent == 0 || held == 0 {
		t.Fatalf("the test has seen %d sent and %d held", sent, held)
	}
}

func pick(t *rapid.T, label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(t, label)
}

func drawPerson(t *rapid.T, now heed.Time) *heed.Person {
	past := func(label string, hours int) heed.Time {
		return now.Add(-time.Duration(rapid.IntRange(0, hours*60).Draw(t, label)) * time.Minute)
	}
	p := &heed.Person{Traits: map[string]heed.Trait{}, Consents: map[string]heed.Consent{}, Blocked: map[string]heed.Blocked{}, Segments: map[string]heed.Member{}}
	if rapid.IntRange(0, 9).Draw(t, "email") > 0 {
		p.Traits["email"] = heed.Trait{Value: `"Ana@example.org"`}
	}
	if rapid.Bool().Draw(t, "phone") {
		p.Traits["phone"] = heed.Trait{Value: `"+351"`}
	}
	if c := pick(t, "country", "", "DE", "US"); c != "" {
		p.Traits["country"] = heed.Trait{Value: heed.RawValue(`"` + c + `"`)}
	}
	p.Preferences.Zone = pick(t, "zone", "", "Europe/Lisbon", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Mars/Phobos")
	for range rapid.IntRange(0, 3).Draw(t, "consents") {
		k := pick(t, "said on", "news/email", "news/", "offers/email", "offers/", "nps/", "nps/sms", "*/", "*/email")
		p.Consents[k] = heed.Consent{State: heed.ConsentState(pick(t, "said", "granted", "granted", "granted", "denied", "pending")), At: heed.Time(rapid.IntRange(1, 4).Draw(t, "said at"))}
	}
	if rapid.IntRange(0, 5).Draw(t, "blocked") == 0 {
		p.Blocked[pick(t, "block", "email", "email:ana@example.org", "email:Ana@example.org", "sms", "*")] = heed.Blocked{Reason: "complaint"}
	}
	for range rapid.IntRange(0, 4).Draw(t, "contacts") {
		p.Contacts = append(p.Contacts, heed.Contact{At: past("contact", 8*24), Message: heed.ID{2, byte(len(p.Contacts))}, Channel: "email", Purpose: "news", Class: pick(t, "class", "marketing", "service")})
	}
	slices.SortFunc(p.Contacts, func(a, b heed.Contact) int { return int(a.At - b.At) })
	if rapid.IntRange(0, 3).Draw(t, "case") == 0 {
		k := heed.OpenCase{ID: "c", Opened: past("opened", 500)}
		if rapid.Bool().Draw(t, "closed") {
			k.Closed = past("closed at", 120)
		}
		p.Cases = append(p.Cases, k)
	}
	if rapid.IntRange(0, 2).Draw(t, "moment") == 0 {
		p.Moments = append(p.Moments, heed.Moment{At: past("moment", 100), Good: rapid.Bool().Draw(t, "good"), Name: "x", Topic: pick(t, "moment topic", "chairs", "")})
	}
	if rapid.IntRange(0, 3).Draw(t, "mutes") == 0 {
		p.Preferences.Muted = []string{"lamps"}
	}
	if rapid.IntRange(0, 3).Draw(t, "wants") == 0 {
		p.Preferences.Topics = []string{"chairs"}
	}
	p.Preferences.Channel = pick(t, "prefers", "", "", "", "sms")
	if rapid.Bool().Draw(t, "staff") {
		p.Segments["staff"] = heed.Member{Since: 1}
	}
	return p
}

// forbidden reads the rules of the policy above once more, as plainly as can be. "" means that it may go.
func forbidden(p *heed.Person, in *heed.Intent, now heed.Time) string {
	address := map[string]string{"email": "email", "sms": "phone"}[in.Channel]
	if address == "" || p.Traits[address].Value == "" {
		return "there is no address"
	}
	for k := range p.Blocked {
		if k == "*" || k == in.Channel || strings.HasPrefix(k, in.Channel+":") {
			return "they are blocked by " + k
		}
	}
	consent, known := map[string]string{"news": "in", "offers": "in", "nps": "out", "orders": "", "security": ""}[in.Purpose]
	if !known {
		return "there is no such purpose"
	}
	var yes, no heed.Time
	for _, k := range []string{in.Purpose + "/" + in.Channel, in.Purpose + "/", "*/" + in.Channel, "*/"} {
		switch c := p.Consents[k]; c.State {
		case heed.Granted:
			if !strings.HasPrefix(k, "*") {
				yes = max(yes, c.At)
			}
		case heed.Denied:
			no = max(no, c.At)
		}
	}
	if consent == "in" && yes == 0 || consent != "" && no > 0 && no >= yes {
		return fmt.Sprintf("yes was said at %d and no at %d", yes, no)
	}
	if now >= in.Asked.Add(72*time.Hour) {
		return "it is stale"
	}
	marketing := in.Purpose == "news" || in.Purpose == "offers"
	if marketing && in.Topic == "lamps" && len(p.Preferences.Topics) > 0 {
		return "they want other topics"
	}
	if in.Purpose == "security" {
		return ""
	}
	if in.Topic == "lamps" && len(p.Preferences.Muted) > 0 {
		return "they muted the topic"
	}
	if in.Purpose == "nps" && len(p.Segments) > 0 {
		return "they are staff"
	}
	if in.Purpose == "offers" {
		for _, k := range p.Cases {
			if k.Closed == 0 || now.Sub(k.Closed) < 72*time.Hour {
				return "a case is open or fresh"
			}
		}
		for _, m := range p.Moments {
			if !m.Good && now.Sub(m.At) < 72*time.Hour || m.Good && now.Sub(m.At) < 24*time.Hour && (in.About == "" || in.About != m.Topic) {
				return "of a moment"
			}
		}
	}
	if in.Purpose != "orders" {
		zone := p.Preferences.Zone
		if zone == "" || zone == "Mars/Phobos" {
			if zone = ""; p.Traits["country"].Value == `"DE"` {
				zone = "Europe/Berlin"
			}
		}
		loc, err := time.LoadLocation(zone)
		if err != nil || zone == "" {
			return "the zone is unknown"
		}
		if h := now.Std().In(loc).Hour(); h >= 21 || h < 8 {
			return "it is quiet"
		}
		if marketing && weekly(p, now, loc) >= 3 {
			return "the week is full"
		}
	}
	n := 0
	for _, c := range p.Contacts {
		if now.Sub(c.At) < 24*time.Hour {
			n++
		}
	}
	if n >= 2 {
		return "the day is full"
	}
	return ""
}

func weekly(p *heed.Person, now heed.Time, loc *time.Location) (n int) {
	y, w := now.Std().In(loc).ISOWeek()
	for _, c := range p.Contacts {
		if cy, cw := c.At.Std().In(loc).ISOWeek(); cy == y && cw == w && c.Class == "marketing" {
			n++
		}
	}
	return n
}
