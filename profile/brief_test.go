package profile

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/heedcx/heed"
)

func ana(t testing.TB) (*Stage, *heed.Person) {
	s := stage(t, `{"currency":"EUR","moments":{"bad":[{"event":"Delivery Failed"}]}}`)
	p := foldAll(s,
		ev(heed.Identify, 1, "", `{"first_name":"Ana","last_name":"Silva","plan":"gold"}`),
		ev(heed.Track, 2, "Order Completed", `{"order_id":"1","revenue":80}`), ev(heed.Track, 3, "Order Completed", `{"order_id":"2","revenue":120.5}`),
		ev(heed.Track, 4, "Case Opened", `{"case_id":"7","title":"Broken lamp"}`), ev(heed.Track, 5, "Promise Made", `{"promise_id":"p","text":"a new lamp","due":"2023-11-16"}`),
		ev(heed.Track, 6, "Delivery Failed", `{}`), ev(heed.Track, 7, "Preferences Updated", `{"channel":"email","muted":["sale"],"zone":"Europe/Lisbon"}`),
		ev(heed.Track, 8, "Consent Denied", `{"purpose":"survey","channel":"email"}`), ev(heed.Feedback, 9, "bounced", `{"channel":"sms","hard":true}`),
	)
	p.Known, p.Stage = sec(1), "at_risk"
	p.Runs = []heed.Run{{Journey: "welcome"}}
	return s, p
}

func TestBriefSaysWhatMatters(t *testing.T) {
	s, p := ana(t)
	b := NewBrief(p, sec(3*86400), Extras{Config: s.config, Avoid: []string{"It is night where they are."}})
	for _, want := range []string{"Ana Silva", "at risk", "bought 2 times for €200.50"} {
		if !strings.Contains(b.Headline, want) {
			t.Errorf("the headline %q does not say %q", b.Headline, want)
		}
	}
	for list, wants := range map[string][]string{
		strings.Join(b.Do, "\n"):    {"case is open", "Broken lamp", "We promised a new lamp by 16 Nov 2023 and have not kept it"},
		strings.Join(b.Avoid, "\n"): {"Do not sell: a case is open", "Something went wrong", "said no to survey by email", "nothing about sale", "sms (hard bounce)", "night"},
	} {
		for _, want := range wants {
			if !strings.Contains(list, want) {
				t.Errorf("%q is missing in:\n%s", want, list)
			}
		}
	}
	if b.RFM == nil || b.RFM.Frequency != 2 || b.RFM.Monetary != 200.5 || b.RFM.RecencyDays != 2 || b.RFM.R != 5 || b.RFM.F != 2 || b.RFM.M != 3 || b.RFM.Label == "" {
		t.Errorf("RFM %+v", b.RFM)
	}
	if b.LocalTime == "" || b.Interactions[0].At < b.Interactions[1].At || b.Journeys[0] != "welcome" || len(b.Facts) != 3 {
		t.Errorf("got %+v", b)
	}
	if _, err := json.Marshal(b); err != nil {
		t.Error(err)
	}
	if empty := NewBrief(&heed.Person{}, sec(1), Extras{}); empty.RFM != nil || !strings.Contains(empty.Headline, "do not know") {
		t.Errorf("a stranger's brief: %+v", empty)
	}
}

func TestRFMScores(t *testing.T) {
	s := stage(t, "")
	for _, x := range []struct {
		days  int
		count int64
		money float64
		want  string
	}{
		{1, 73, 280206.02, "champion"}, {2, 1, 20, "new"}, {40, 2, 60, "promising"}, {100, 4, 600, "loyal"}, {120, 1, 30, "needs_attention"},
		{500, 12, 5000, "cannot_lose"}, {300, 4, 600, "at_risk"}, {400, 1, 10, "hibernating"},
	} {
		r := s.config.rfm(&heed.Orders{Count: x.count, Revenue: x.money, Last: sec(0)}, sec(x.days*86400))
		if r.Label != x.want {
			t.Errorf("%d days, %d orders, %.2f: %s %d%d%d, want %s", x.days, x.count, x.money, r.Label, r.R, r.F, r.M, x.want)
		}
	}
}
