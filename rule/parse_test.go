package rule_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
)

// testdata/syntax.txt: a rule, then "= canonical text", or "! part of the error".
func TestSyntaxScript(t *testing.T) {
	text, err := os.ReadFile("testdata/syntax.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	var in string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "#"), line == "":
		case strings.HasPrefix(line, "= "):
			cases++
			roundTrip(t, in, strings.TrimPrefix(line, "= "))
		case strings.HasPrefix(line, "! "):
			cases++
			want := strings.TrimPrefix(line, "! ")
			_, err := rule.Parse(in)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s\n got error %v\nwant it to say %s", in, err, want)
			}
			if heed.CodeOf(err) != heed.Invalid && err != nil {
				t.Errorf("%s: code %s", in, heed.CodeOf(err))
			}
		default:
			in = line
		}
	}
	if cases < 40 {
		t.Errorf("only %d cases were read", cases)
	}
}

func roundTrip(t *testing.T, in, want string) {
	t.Helper()
	if want == "same" {
		want = in
	}
	r, err := rule.Parse(in)
	if err != nil {
		t.Errorf("%s\n%v", in, err)
		return
	}
	if r.String() != want {
		t.Errorf("%s\n got %s\nwant %s", in, r, want)
	}
	again, err := rule.Parse(r.String())
	if err != nil || again.String() != r.String() {
		t.Errorf("%s does not read back: %v, %v", r, again, err)
	}
	js, err := json.Marshal(r.Expr())
	if err != nil {
		t.Fatal(err)
	}
	var back rule.Rule
	if err := json.Unmarshal(js, &back); err != nil {
		t.Errorf("%s\n%s\n%v", in, js, err)
		return
	}
	if back.String() != want {
		t.Errorf("%s\n%s\n got %s\nwant %s", in, js, &back, want)
	}
}

func TestSyntaxErrorHasItsPlace(t *testing.T) {
	_, err := rule.Parse("known and\n  did \"X\" at least many times")
	e, ok := errors.AsType[*rule.SyntaxError](err)
	if !ok || e.Line != 2 || e.Col != 20 || e.Got != "many" {
		t.Fatalf("got %#v", err)
	}
	if _, err := rule.Parse(" \n"); err == nil || err.Error() != "at 1:1: expected a condition, found an empty rule" {
		t.Fatalf("who has written nothing yet is told %v", err)
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/syntax.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f.Add(strings.TrimSpace(line))
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := rule.Parse(in)
		if err != nil {
			if c := heed.CodeOf(err); c != heed.Invalid && c != heed.TooLarge {
				t.Fatalf("%q: %v has the code %q", in, err, c)
			}
			return
		}
		again, err := rule.Parse(r.String())
		if err != nil || again.String() != r.String() {
			t.Fatalf("%q became %q, which does not read back: %v", in, r, err)
		}
		js, err := json.Marshal(r.Expr())
		if err != nil {
			t.Fatal(err)
		}
		var back rule.Rule
		if err := json.Unmarshal(js, &back); err != nil || back.String() != r.String() {
			t.Fatalf("%q: the tree %s does not read back: %v", in, js, err)
		}
		// Whatever it is, it can be asked.
		r.Eval(&heed.Person{}, nil, 1)
	})
}
