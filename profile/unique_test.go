package profile

import (
	"testing"

	"github.com/heedcx/heed"
)

func TestKeysThatComeTwice(t *testing.T) {
	for in, want := range map[string]string{
		`"a"`: `"a"`, `1`: `1`, ``: ``, `{}`: `{}`, `[]`: `[]`,
		`{"a":1, "b" : [ {"c":1} ]}`:         `{"a":1, "b" : [ {"c":1} ]}`, // as it came
		`{"a":1,"a":2}`:                      `{"a":1}`,
		`{"a":1,"\u0061":2,"b":{}}`:          `{"a":1,"b":{}}`,
		`[1,{"a":{"b":[],"b":1,"c":"x,}"}}]`: `[1,{"a":{"b":[],"c":"x,}"}}]`,
		`{"a":{"x":1},"b":{"x":1,"x":{}}}`:   `{"a":{"x":1},"b":{"x":1}}`,
	} {
		if got := unique(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	p := foldAll(stage(t, ""), ev(heed.Identify, 1, "", `{"address":{"city":"Porto","city":"Lisbon"}}`))
	if got := p.Traits["address"].Value; got != `{"city":"Porto"}` {
		t.Errorf("folded %s", got)
	}
}
