package rule_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
)

// testdata/eval.txt is about one person at a time:
//
//	person {json}                 begins one, with the document that is given
//	event TYPE "Name" {json} AGE  what happened to them, in the order in which it arrives; AGE such as 3d
//	now {json}                    the event that the rules after it are asked about
//	yes RULE / no RULE            the answer
//	next AGE RULE                 when the answer can change; never, or how long from now
func TestEvalScript(t *testing.T) {
	text, err := os.ReadFile("testdata/eval.txt")
	if err != nil {
		t.Fatal(err)
	}
	now := heed.Time(1_780_272_000_000_000) // 2026-06-01
	var p *heed.Person
	var asked *heed.Event
	var past []heed.Event
	cases, n := 0, 0
	for line := range strings.Lines(string(text)) {
		n++
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "", "#":
			continue
		case "person":
			p, past, asked = &heed.Person{}, nil, nil
			if err := json.Unmarshal([]byte(rest), p); err != nil {
				t.Fatalf("line %d: %v", n, err)
			}
			continue
		case "event":
			past = append(past, eventOf(t, n, rest, now))
			continue
		case "now":
			e := eventOf(t, n, rest+" 0s", now)
			asked = &e
			continue
		}
		cases++
		age := ""
		if word == "next" {
			age, rest, _ = strings.Cut(rest, " ")
		}
		r, err := rule.Parse(rest)
		if err != nil {
			t.Errorf("line %d: %v", n, err)
			continue
		}
		q := *p
		q.Counters = nil
		x := rule.NewIndex(r.Counters())
		for i := range past {
			x.Fold(&q, &past[i], nil)
		}
		if word == "next" {
			want := heed.Never
			if age != "never" {
				d, err := rule.ParseDuration(age)
				if err != nil {
					t.Fatal(err)
				}
				want = now + heed.Time(d)
			}
			if got := r.NextChange(&q, now); got != want {
				t.Errorf("line %d: %s: next change at %v, want %v", n, rest, got, want)
			}
		} else if got := r.Eval(&q, asked, now); got != (word == "yes") {
			t.Errorf("line %d: %s: %v", n, rest, got)
		}
	}
	if cases < 60 {
		t.Errorf("only %d cases were read", cases)
	}
}

func eventOf(t *testing.T, n int, text string, now heed.Time) heed.Event {
	typ, text, _ := strings.Cut(text, " ")
	e := heed.Event{Type: heed.ParseType(typ), Timestamp: now, Channel: "web"}
	i := strings.LastIndexByte(text, ' ')
	if age := text[i+1:]; age != "0s" {
		d, err := rule.ParseDuration(age)
		if err != nil || e.Type == 0 {
			t.Fatalf("line %d: %v", n, err)
		}
		e.Timestamp = now.Add(-time.Duration(d) * time.Microsecond)
	}
	text = text[:i]
	if j := strings.IndexByte(text, '{'); j >= 0 {
		e.Properties, text = heed.RawJSON(text[j:]), text[:j]
	}
	e.Name = strings.Trim(strings.TrimSpace(text), `"`)
	return e
}

func TestFoldInAnyOrder(t *testing.T) {
	times := []heed.Time{50, 10, 40, 40, 20, 30, 60, 5}
	s := rule.CounterSpec{Depth: 3}
	for range 20 {
		var c heed.Counter
		for _, ts := range times {
			s.Fold(&c, ts)
		}
		if c.N != 8 || c.First != 5 || c.Last != 60 || !slices.Equal(c.Recent, []heed.Time{60, 50, 40}) {
			t.Fatalf("%v: %+v", times, c)
		}
		times = append(times[1:], times[0])
	}
}

func TestMergeAndDeepen(t *testing.T) {
	a := heed.Counter{N: 2, First: 10, Last: 40, Recent: []heed.Time{40, 10}}
	b := heed.Counter{N: 3, First: 5, Last: 50, Recent: []heed.Time{50, 40, 5}}
	rule.Merge(&a, &b, 4)
	if a.N != 5 || a.First != 5 || a.Last != 50 || !slices.Equal(a.Recent, []heed.Time{50, 40, 40, 10}) {
		t.Errorf("merged: %+v", a)
	}
	rule.Merge(&a, nil, 4)
	// Two were kept so far; history knows five up to 30, two of them at one moment.
	c := heed.Counter{N: 7, First: 1, Last: 50, Recent: []heed.Time{50, 40}}
	rule.Deepen(&c, []heed.Time{40, 40, 20, 10, 1}, 5)
	if c.N != 7 || !slices.Equal(c.Recent, []heed.Time{50, 40, 40, 20, 10}) {
		t.Errorf("deepened: %+v", c)
	}
}

func TestCountersAreShared(t *testing.T) {
	a, err := rule.Parse(`did "A" at least 3 times within 9d and first "A" within 30d and did not "A" at most 5 times within 2d`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := rule.Parse(`"A" then "B" where properties.x = 1 within 1d`)
	if err != nil {
		t.Fatal(err)
	}
	if c := a.Counters(); len(c) != 1 || c[0].Depth != 6 || c[0].Text != `"A"` {
		t.Errorf("%+v", c)
	}
	all := rule.Union(a.Counters(), b.Counters())
	if len(all) != 3 {
		t.Errorf("%d counters, want A, B and the sequence", len(all))
	}
	for _, c := range all {
		back, err := rule.CountersOf(c.Text, c.Depth)
		if err != nil || !slices.ContainsFunc(back, func(x rule.CounterSpec) bool { return x.ID == c.ID && x.Depth == c.Depth }) {
			t.Errorf("%s reads back as %+v, %v", c.Text, back, err)
		}
	}
	for _, bad := range []string{"", `trait x exists`, `"A" at least 3 times) or (known`} {
		if got, err := rule.CountersOf(bad, 1); err == nil {
			t.Errorf("%q is a counter: %+v", bad, got)
		}
	}
}
