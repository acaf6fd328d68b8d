package insight_test

import (
	"math"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

func TestCursorsReadBack(t *testing.T) {
	for _, c := range []insight.Cursor{{}, {At: 1}, {At: -5, Part: insight.FactsPart, Seq: math.MaxInt64, Idx: 499}, {At: heed.Never, Part: 7, Seq: 1}} {
		got, err := insight.ParseCursor(c.String())
		if err != nil || got != c {
			t.Errorf("%+v came back as %+v, %v", c, got, err)
		}
	}
	for _, bad := range []string{"x", "!!", "AA", "AAAAAAAAAA", c64, "' OR 1=1"} {
		if _, err := insight.ParseCursor(bad); heed.CodeOf(err) != heed.Invalid {
			t.Errorf("%q went through: %v", bad, err)
		}
	}
}

const c64 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestSummary(t *testing.T) {
	for _, x := range []struct {
		typ, name, channel, touchpoint, props, want string
	}{
		{"track", "Order Completed", "shop", "Store till", "", "Order Completed (Store till)"},
		{"track", "", "", "", "", "track"},
		{"page", "Home", "web", "Home", "", "Viewed Home"},
		{"identify", "", "web", "", "", "Told us who they are"},
		{"stage_changed", "loyal", "", "", "", "Became loyal"},
		{"message_decided", "send", "email", "", `{"purpose":"newsletter","reason":"OK"}`, "Email message newsletter: goes out"},
		{"message_decided", "drop", "email", "", `{"purpose":"newsletter","reason":"CAP","text":"three a week are enough."}`, "Email message newsletter: not sent, three a week are enough."},
		{"feedback", "delivered", "email", "", "", "Email message delivered"},
		{"run_changed", "entered", "", "", `{"journey":"welcome"}`, "Journey welcome: entered"},
		{"task_wanted", "Call back", "", "", "", "Task: Call back"},
	} {
		e := insight.Entry{Interaction: heed.Interaction{Type: x.typ, Name: x.name, Channel: x.channel, Touchpoint: x.touchpoint}, Properties: heed.RawValue(x.props)}
		if got := insight.Summary(&e); got != x.want {
			t.Errorf("%s %s: got %q, want %q", x.typ, x.name, got, x.want)
		}
	}
}
