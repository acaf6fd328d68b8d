package ledger_test

import (
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/spec"
)

func TestCheckSpec(t *testing.T) {
	all := spec.SetOf(
		spec.Spec{Kind: spec.Purpose, Name: "news", Body: heed.RawJSON(`{"class":"marketing","consent":"opt_in"}`)},
		spec.Spec{Kind: spec.Purpose, Name: "broken", Body: heed.RawJSON(`{"class":"x"}`)},
		spec.Spec{Kind: spec.Segment, Name: "vip", Body: heed.RawJSON(`{}`)},
	)
	for _, c := range []struct{ kind, body, field, text string }{
		{spec.Purpose, `{"class":"marketing","consent":"opt_in","selling":true}`, "", ""},
		{spec.Purpose, `{"class":"loud","consent":"opt_in"}`, "class", "is not a class"},
		{spec.Purpose, `{"class":"service"}`, "consent", "use opt_in, opt_out or none"},
		{spec.Purpose, `{"class":"service","consent":"none","selling":true}`, "selling", "cannot sell"},
		{spec.Purpose, `{"class":"service","consent":"none","sellling":true}`, "", "sellling"},
		{spec.Rule, `{"selling":true,"forbid":"has open case or case closed within 7d","then":"hold","text":"no"}`, "", ""},
		{spec.Rule, `{"purposes":["news"],"forbid":"in segment \"vip\""}`, "", ""},
		{spec.Rule, `{"forbid":"in segment \"gone\""}`, "forbid", "gone"},
		{spec.Rule, `{"forbid":"has has"}`, "forbid", ""},
		{spec.Rule, `{}`, "forbid", "missing"},
		{spec.Rule, `{"forbid":"in segment \"vip\"","purposes":["olds"]}`, "purposes", "olds"},
		{spec.Rule, `{"forbid":"in segment \"vip\"","then":"explode"}`, "then", "hold or drop"},
		{spec.Cap, `{"max":3,"per":"7d","channel":"email"}`, "", ""},
		{spec.Cap, `{"max":3,"calendar":"week"}`, "", ""},
		{spec.Cap, `{"max":3}`, "per", "either"},
		{spec.Cap, `{"max":3,"per":"7d","calendar":"day"}`, "per", "either"},
		{spec.Cap, `{"max":0,"per":"7d"}`, "max", "1 to 1000"},
		{spec.Cap, `{"max":1,"calendar":"year"}`, "calendar", "day, week or month"},
		{spec.Cap, `{"max":1,"per":"7x"}`, "", "not a duration"},
		{spec.Cap, `{"max":1,"per":"9999999999999d"}`, "", "not a duration"},
		{spec.QuietHours, `{"from":"21:00","to":"08:00","channels":["email"],"days":["sat","Sunday"]}`, "", ""},
		{spec.QuietHours, `{"from":"25:00","to":"08:00"}`, "from", "time of day"},
		{spec.QuietHours, `{"from":"08:00","to":"08:00"}`, "to", "always"},
		{spec.QuietHours, `{"from":"21:00","to":"08:00","days":["someday"]}`, "days", "someday"},
		{spec.Brand, `{"zone":"Europe/Lisbon","zone_chain":["person","country","brand"],"currency":"EUR","arbitration":{"window":"15m"}}`, "", ""},
		{spec.Brand, `{"zone":"Mars/Phobos"}`, "zone", "IANA"},
		{spec.Brand, `{"zone_chain":["person","brand"]}`, "zone_chain", "not set"},
		{spec.Brand, `{"zone_chain":["moon"]}`, "zone_chain", "moon"},
		{spec.Brand, `{"arbitration":{"then":"fight"}}`, "arbitration.then", "fight"},
		{spec.Brand, `{"arbitration":{"classes":["service_critical"]}}`, "arbitration.classes", "compete"},
	} {
		errs := ledger.CheckSpec(spec.Spec{Kind: c.kind, Name: "x", Body: heed.RawJSON(c.body)}, all)
		if (c.field == "" && c.text == "") != (len(errs) == 0) {
			t.Errorf("%s %s: %v", c.kind, c.body, errs)
			continue
		}
		if len(errs) == 0 {
			continue
		}
		e, ok := errs[0].(*heed.Error)
		if !ok || e.Field != c.field || !strings.Contains(e.Message, c.text) {
			t.Errorf("%s %s: %v (field %q), want field %q and %q", c.kind, c.body, errs[0], e.Field, c.field, c.text)
		}
	}
}
