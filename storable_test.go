package heed

import (
	"encoding/json"
	"testing"
)

func TestStorable(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"x\u0000y"}`:     `{"a":"x\ufffdy"}`,
		`"\ud83d\ude00"`:       `"\ud83d\ude00"`,
		`"\ud83dx"`:            `"\ufffdx"`,
		`"\ude00"`:             `"\ufffd"`,
		`"\ud83d\u0041"`:       `"\ufffd\u0041"`,
		`"\ud83d\ud83d\ude00"`: `"\ufffd\ud83d\ude00"`,
		`"\\u0000 \\\u0000"`:   `"\\u0000 \\\ufffd"`,
		`"\n\"\u00e9"`:         `"\n\"\u00e9"`,
		"\"a\xff\"":            "\"a\ufffd\"",
		`{"\u0000":1}`:         `{"\ufffd":1}`,
		``:                     ``,
	} {
		got := StorableJSON(RawJSON(in))
		if string(got) != want || len(in) > 0 && !json.Valid(got) {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	e := Event{Name: "a\x00b", Touchpoint: "till\xff", Properties: RawJSON(`{"a":"\u0000"}`)}
	e.Storable()
	if e.Name != "a\ufffdb" || e.Touchpoint != "till\ufffd" || string(e.Properties) != `{"a":"\ufffd"}` {
		t.Errorf("%+v", e)
	}
}
