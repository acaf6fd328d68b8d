package journey

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for text, want := range map[string]Span{
		"2d": {Days: 2}, "1w": {Days: 7}, "36h": {Rest: 36 * time.Hour}, "1d12h": {1, 12 * time.Hour}, "-3d": {Days: -3},
		"90m": {Rest: 90 * time.Minute}, "1h30m5s": {Rest: time.Hour + 30*time.Minute + 5*time.Second}, "0d": {},
	} {
		got, err := ParseSpan(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
		if again, err := ParseSpan(got.String()); err != nil || again != got {
			t.Errorf("%s is written as %s, which reads as %+v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "-", "d", "2", "2 d", "2x", "d2", "9999999999d", "4000d", "1.5h", "--1d", "+1d", "1d-2h"} {
		if got, err := ParseSpan(text); err == nil {
			t.Errorf("%q reads as %+v, want an error", text, got)
		}
	}
}
