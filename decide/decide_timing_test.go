package decide_test

import (
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
)

// busy is a policy with every kind of rule, and a person about whom there is much to look at.
func busy(t testing.TB) (*decide.Policy, *heed.Person, heed.Time) {
	o, errs := decide.Compile([]decide.Doc{
		{Kind: "brand", Name: "lumen", Body: []byte(`{"zone_chain":["person","country"]}`)},
		{Kind: "purpose", Name: "newsletter", Body: []byte(`{"class":"marketing","consent":"opt_in","selling":true}`)},
		{Kind: "quiet_hours", Name: "nights", Body: []byte(`{"from":"21:00","to":"08:00"}`)},
		{Kind: "cap", Name: "week", Body: []byte(`{"max":5,"per":"7d","channel":"email"}`)},
		{Kind: "cap", Name: "day", Body: []byte(`{"max":2,"calendar":"day"}`)},
		{Kind: "rule", Name: "vips", Body: []byte(`{"selling":true,"forbid":"in segment \"vip\" or did \"Complained\" within 30d"}`)},
	}, decide.Rules)
	if errs != nil {
		t.Fatal(errs)
	}
	now := heed.At(time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC))
	p := &heed.Person{
		Traits:      map[string]heed.Trait{"email": {Value: `"ana@example.org"`}, "country": {Value: `"DE"`}},
		Consents:    map[string]heed.Consent{"newsletter/email": {State: heed.Granted, At: 1}, "other/": {State: heed.Denied, At: 1}},
		Segments:    map[string]heed.Member{"regulars": {Since: 1}},
		Preferences: heed.Preferences{Zone: "Europe/Berlin", Topics: []string{"chairs"}},
		Moments:     []heed.Moment{{At: now.Add(-48 * time.Hour), Good: true, Name: "Review Posted"}},
	}
	for i := range 12 {
		p.Contacts = append(p.Contacts, heed.Contact{At: now.Add(time.Duration(i-14) * 36 * time.Hour), Message: heed.ID{byte(i + 1)}, Channel: "email", Purpose: "newsletter", Class: "marketing"})
	}
	return o, p, now
}

func intent(now heed.Time) *heed.Intent {
	return &heed.Intent{ID: heed.ID{99}, Channel: "email", Purpose: "newsletter", Topic: "chairs", Template: "news", Asked: now}
}

// TestDecideDoesNotAllocate: the budget of the hot path.
func TestDecideDoesNotAllocate(t *testing.T) {
	o, p, now := busy(t)
	in := intent(now)
	if d := o.Decide(in, p, now); d.Outcome != heed.Send {
		t.Fatal(d)
	}
	if n := testing.AllocsPerRun(200, func() { _ = o.Decide(in, p, now) }); n > 2 {
		t.Errorf("a decision to send allocates %v times, want at most 2", n)
	}
	night := now.Add(12 * time.Hour)
	if n := testing.AllocsPerRun(200, func() { _ = o.Decide(in, p, night) }); n > 10 {
		t.Errorf("a decision to hold allocates %v times, want at most 10", n)
	}
}

func BenchmarkDecide(b *testing.B) {
	o, p, now := busy(b)
	in := intent(now)
	for _, c := range []struct {
		name string
		now  heed.Time
	}{{"send", now}, {"hold", now.Add(12 * time.Hour)}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_ = o.Decide(in, p, c.now)
				}
			})
		})
	}
	b.Run("inputs", func(b *testing.B) {
		b.ReportAllocs()
		c := &decide.Candidate{Intent: in}
		for b.Loop() {
			_ = o.Inputs(c, p, now)
		}
	})
}
