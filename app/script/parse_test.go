package script

import (
	"encoding/json"
	"testing"
)

func TestParseLine(t *testing.T) {
	s, err := parseLine(3, `track ana+anonymous_id:a1 "Order Completed" revenue=40 id="40" note=a=b empty= tags=["x y", 2] o={"a": {"b": 1}} text~"so \"it\" is" # done`)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.words) != 3 || s.words[2] != "Order Completed" || s.words[1] != "ana+anonymous_id:a1" {
		t.Errorf("words %q", s.words)
	}
	want := `{"revenue":40,"id":"40","note":"a=b","empty":"","tags":["x y", 2],"o":{"a": {"b": 1}},"text":"so \"it\" is"}`
	if got := string(object(s.props)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if last := s.props[len(s.props)-1]; !last.like || last.plain() != `so "it" is` {
		t.Errorf("got %+v", last)
	}
}

func TestParseBlocks(t *testing.T) {
	list, err := parse("specs\r\n  kind: a\r\n\r\n    name: b\n# between\n\nwait 2d\n\ttabs\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || len(list[0].block) != 3 || list[0].block[2].text != "  name: b" || list[0].block[2].line != 4 || list[1].line != 7 {
		t.Errorf("got %+v", list)
	}
	if _, err := parse("specs\n    a\n  b\n"); err == nil {
		t.Error("a block may not lose its margin")
	}
}

// FuzzParse: whatever a file says, it is read or refused by line, and values are JSON.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"track ana \"x\" a=1", "a=b", "x [", "x a=[1", "x a=\"", "together\n  send a b=c\n", "10m ago track ana Start a={}", "\tx", "x\n \n y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parse(text)
		if err != nil {
			if _, ok := err.(*lineError); !ok {
				t.Fatalf("no line: %v", err)
			}
			return
		}
		for _, s := range list {
			if len(s.words) == 0 || s.line == 0 {
				t.Fatalf("%+v", s)
			}
			if o := object(s.props); !json.Valid(o) {
				t.Fatalf("%q is no JSON", o)
			}
		}
	})
}
