package decide_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"time"

	"github.com/goccy/go-yaml"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
)

// TestScripts runs testdata/*.txt. A script is made of blocks; indented lines belong to the block above.
//
//	policy                     YAML documents with kind and name
//	person                     one fact per line: zone, trait, granted, denied, pending, blocked, contact, case, good,
//	                           bad, mute, wants, prefers (see fact below)
//	at TIME                    sets the clock (RFC 3339)
//	ask CHANNEL/PURPOSE k=v .. > OUTCOME REASON [until=TIME] [rule=NAME] [text="..."]
//	round                      asks that are decided together, in every order
//	avoid                      what not to do now, sentence by sentence
//
// Every ask is also replayed from its inputs.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts in testdata", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			s := &script{t: t, file: f, p: &heed.Person{}}
			s.run(strings.Split(string(text), "\n"))
			if s.asked == 0 {
				t.Error("the script asks nothing")
			}
		})
	}
}

type script struct {
	t     *testing.T
	file  string
	line  int
	o     *decide.Policy
	p     *heed.Person
	now   heed.Time
	asked int
}

func (s *script) fatalf(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: %s", s.file, s.line, fmt.Sprintf(format, args...))
}

func (s *script) run(lines []string) {
	for i := 0; i < len(lines); {
		head := lines[i]
		s.line = i + 1
		i++
		if strings.TrimSpace(head) == "" || head[0] == '#' {
			continue
		}
		from := i
		var body []string
		for i < len(lines) && (strings.HasPrefix(lines[i], "  ") || strings.TrimSpace(lines[i]) == "") {
			body = append(body, lines[i])
			i++
		}
		word, rest, _ := strings.Cut(head, " ")
		switch word {
		case "policy":
			s.policy(body)
		case "person":
			s.p = &heed.Person{Traits: map[string]heed.Trait{}, Consents: map[string]heed.Consent{}, Blocked: map[string]heed.Blocked{}}
			for n, l := range body {
				s.line = from + n + 1
				if strings.TrimSpace(l) != "" {
					s.fact(strings.Fields(l))
				}
			}
		case "at":
			s.now = s.time(rest)
		case "ask":
			s.ask(rest)
		case "round":
			s.round(from, body)
		case "avoid":
			s.asked++
			if got, want := strings.Join(s.o.Avoid(s.p, s.now), "\n"), strings.TrimSpace(unindent(body)); got != want {
				s.t.Errorf("%s:%d: avoid\n%s\nwant\n%s", s.file, s.line, got, want)
			}
		default:
			s.fatalf("unknown block %q", word)
		}
	}
}

func (s *script) policy(body []string) {
	var docs []decide.Doc
	for _, part := range strings.Split(unindent(body), "\n---\n") {
		var fields map[string]any
		if err := yaml.Unmarshal([]byte(part), &fields); err != nil {
			s.fatalf("%v", err)
		}
		d := decide.Doc{Kind: fields["kind"].(string), Name: fields["name"].(string)}
		delete(fields, "kind")
		delete(fields, "name")
		var err error
		if d.Body, err = json.Marshal(fields); err != nil {
			s.fatalf("%v", err)
		}
		docs = append(docs, d)
	}
	o, errs := decide.Compile(docs, decide.Rules)
	for _, err := range errs {
		s.t.Logf("%s:%d: %v", s.file, s.line, err)
	}
	if len(errs) > 0 && !strings.Contains(s.file, "broken") {
		s.fatalf("the policy has errors")
	}
	s.o = o
}

func unindent(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.TrimPrefix(l, "  ") + "\n")
	}
	return b.String()
}

func (s *script) time(text string) heed.Time {
	text = strings.TrimSpace(text)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		s.fatalf("%v", err)
	}
	return heed.At(t)
}

func (s *script) fact(w []string) {
	arg := func(i int) string {
		if i >= len(w) {
			s.fatalf("%s: too few words", w[0])
		}
		return w[i]
	}
	opt := func(i int) string {
		if i < len(w) {
			return w[i]
		}
		return ""
	}
	p := s.p
	switch w[0] {
	case "zone":
		p.Preferences.Zone = arg(1)
	case "trait":
		b, _ := json.Marshal(strings.Join(w[2:], " "))
		p.Traits[arg(1)] = heed.Trait{Value: heed.RawValue(b)}
	case "granted", "denied", "pending": // PURPOSE/CHANNEL [TIME]
		c := heed.Consent{State: heed.ConsentState(w[0]), At: 1}
		if opt(2) != "" {
			c.At = s.time(w[2])
		}
		p.Consents[arg(1)] = c
	case "blocked": // KEY REASON
		p.Blocked[arg(1)] = heed.Blocked{Reason: arg(2), At: 1}
	case "contact": // TIME CHANNEL PURPOSE CLASS
		p.Contacts = append(p.Contacts, heed.Contact{At: s.time(arg(1)), Message: heed.ID{byte(len(p.Contacts) + 100)}, Channel: arg(2), Purpose: arg(3), Class: arg(4)})
	case "case": // OPENED [CLOSED]
		k := heed.OpenCase{ID: "c", Opened: s.time(arg(1))}
		if opt(2) != "" {
			k.Closed = s.time(w[2])
		}
		p.Cases = append(p.Cases, k)
	case "good", "bad": // TIME NAME [TOPIC]
		p.Moments = append(p.Moments, heed.Moment{At: s.time(arg(1)), Good: w[0] == "good", Name: arg(2), Topic: opt(3)})
	case "mute":
		p.Preferences.Muted = append(p.Preferences.Muted, w[1:]...)
	case "wants":
		p.Preferences.Topics = append(p.Preferences.Topics, w[1:]...)
	case "prefers":
		p.Preferences.Channel = arg(1)
	case "segment":
		if p.Segments == nil {
			p.Segments = map[string]heed.Member{}
		}
		p.Segments[arg(1)] = heed.Member{Since: 1}
	default:
		s.fatalf("unknown fact %q", w[0])
	}
}

type expectation struct {
	line int
	c    decide.Candidate
	want heed.Decision
}

// parse reads `CHANNEL/PURPOSE k=v .. > OUTCOME REASON ..`.
func (s *script) parse(text string) expectation {
	left, right, ok := strings.Cut(text, " > ")
	if !ok {
		s.fatalf("want `ask ... > OUTCOME REASON`")
	}
	in := &heed.Intent{ID: heed.ID{1}, Asked: s.now}
	e := expectation{line: s.line, c: decide.Candidate{Intent: in}}
	for i, w := range strings.Fields(left) {
		if i == 0 {
			in.Channel, in.Purpose, _ = strings.Cut(w, "/")
			continue
		}
		k, v, _ := strings.Cut(w, "=")
		switch k {
		case "topic":
			in.Topic = v
		case "about":
			in.About = v
		case "priority":
			in.Priority, _ = strconv.Atoi(v)
		case "id":
			n, _ := strconv.Atoi(v)
			in.ID = heed.ID{byte(n)}
		case "asked":
			in.Asked = s.time(v)
		case "ttl":
			d, err := decide.ParseSpan(v)
			if err != nil {
				s.fatalf("%v", err)
			}
			in.TTL = heed.Time(d)
		case "waited":
			e.c.Waited = true
		default:
			s.fatalf("unknown word %q", w)
		}
	}
	right, quoted, _ := strings.Cut(right, `text="`)
	e.want.Text = strings.TrimSuffix(strings.TrimSpace(quoted), `"`)
	for i, w := range strings.Fields(right) {
		switch k, v, _ := strings.Cut(w, "="); {
		case i == 0:
			e.want.Outcome = heed.Outcome(w)
		case i == 1:
			e.want.Reason = w
		case k == "until":
			e.want.Until = s.time(v)
		case k == "rule":
			e.want.Rule = v
		default:
			s.fatalf("unknown word %q", w)
		}
	}
	return e
}

func (s *script) ask(text string) {
	e := s.parse(text)
	stored := s.o.Inputs(&e.c, s.p, s.now)
	s.check(e, s.o.DecideOne(&e.c, s.p, s.now), stored)
}

func (s *script) check(e expectation, got heed.Decision, stored []byte) {
	s.asked++
	s.line = e.line
	w := e.want
	if got.Outcome != w.Outcome || got.Reason != w.Reason || got.Until != w.Until || w.Rule != "" && got.Rule != w.Rule || w.Text != "" && got.Text != w.Text {
		s.t.Errorf("%s:%d:\n got %s %s until=%s rule=%s %q\nwant %s %s until=%s rule=%s %q", s.file, s.line,
			got.Outcome, got.Reason, got.Until, got.Rule, got.Text, w.Outcome, w.Reason, w.Until, w.Rule, w.Text)
	}
	if got.Text == "" {
		s.t.Errorf("%s:%d: the decision has no sentence", s.file, s.line)
	}
	if _, known := decide.Reasons()[got.Reason]; !known {
		s.t.Errorf("%s:%d: reason %s is not in the list", s.file, s.line, got.Reason)
	}
	again, same, err := decide.Replay(s.o, stored)
	if err != nil || !same || again != got {
		s.t.Errorf("%s:%d: the replay differs (%v, same policy %v):\n got %+v\nwant %+v\nfrom %s", s.file, s.line, err, same, again, got, stored)
	}
}

// round decides its asks together, in the order written and in the reverse.
func (s *script) round(from int, body []string) {
	var es []expectation
	for i, l := range body {
		if l = strings.TrimSpace(l); l != "" {
			s.line = from + i + 1
			es = append(es, s.parse(strings.TrimPrefix(l, "ask ")))
		}
	}
	contacts := slices.Clone(s.p.Contacts)
	for _, reverse := range []bool{false, true} {
		var cs []decide.Candidate
		want := map[heed.ID]expectation{}
		for _, e := range es {
			cs = append(cs, e.c)
			want[e.c.Intent.ID] = e
		}
		if reverse {
			slices.Reverse(cs)
		}
		s.p.Contacts = slices.Clone(contacts)
		s.o.Round(cs, s.p, s.now, func(c *decide.Candidate, d heed.Decision) {
			s.check(want[c.Intent.ID], d, s.o.Inputs(c, s.p, s.now))
			if d.Outcome == heed.Send {
				s.o.Reserve(s.p, c.Intent, s.now)
			}
		})
	}
}
