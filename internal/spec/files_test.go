package spec_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

const two = `kind: brand
name: lumen
title: Lumen & Loom
zone_chain: [person, country, brand]
---
# a journey
kind: journey
name: welcome
trigger: {event: Signed Up}
nodes:
  - {id: hello, message: {channel: email, purpose: newsletter}}
  - {id: pause, wait: 2d}
`

func TestParseKeepsOrderAndTypes(t *testing.T) {
	set, err := spec.Read("a.yaml", []byte(two))
	if err != nil {
		t.Fatal(err)
	}
	j, ok := set.Get(spec.Journey, "welcome")
	if !ok || len(set) != 2 {
		t.Fatalf("got %v", set)
	}
	want := `{"trigger":{"event":"Signed Up"},"nodes":[{"id":"hello","message":{"channel":"email","purpose":"newsletter"}},{"id":"pause","wait":"2d"}]}`
	if string(j.Body) != want {
		t.Errorf("got  %s\nwant %s", j.Body, want)
	}
	if got := j.Origin.Locate("nodes[1].wait"); got != "a.yaml:12:23" {
		t.Errorf("nodes[1].wait is at %s", got)
	}
	if got := j.Origin.Locate("nodes[7].wait"); !strings.HasPrefix(got, "a.yaml:1") {
		t.Errorf("the nearest thing around nodes[7].wait is at %s", got)
	}
}

func TestParseSaysWhatAndWhere(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"syntax":        {"kind: brand\nname: [a", "f.yaml:2:7"},
		"no kind":       {"name: x\n", "f.yaml:1:1: every document needs a kind and a name"},
		"name a number": {"kind: segment\nname: 5\n", "f.yaml:2:7: name must be text"},
		"not an object": {"- a\n- b\n", "want an object"},
		"twice a key":   {"kind: segment\nname: a\nrule: x\nrule: y\n", "f.yaml:4:1"},
		"alias":         {"kind: segment\nname: a\nx: &a [1]\ny: *a\n", "anchors, aliases"},
		"merge key":     {"kind: segment\nname: a\nx: {<<: {a: 1}}\n", "merge keys"},
		"infinity":      {"kind: segment\nname: a\nx: .inf\n", "cannot be stored"},
		"brackets":      {"kind: segment\nname: a\nx: " + strings.Repeat("[", 5000), "f.yaml:3:1: is nested too deeply"},
		"dashes":        {strings.Repeat("- ", 100000) + "a", "f.yaml:1:1: is nested too deeply"},
		"levels":        {"kind: segment\nname: a\nx: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested too deeply"},
		"large":         {"kind: segment\nname: a\nx: " + strings.Repeat("y", spec.MaxBody+1), "has 262"},
		"second":        {"kind: segment\nname: a\n---\nkind: segment\n", "f.yaml:4:1"},
		"same twice":    {"kind: segment\nname: a\n---\nkind: segment\nname: a\n", "f.yaml:5:7: segment a: is defined twice, the first time at f.yaml:2:7"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := spec.Read("f.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), strings.Replace(c.want, "f.yaml:5:7: segment a", "f.yaml:5:7: segment a", 1)) {
				t.Fatalf("got %v\nwant ...%s...", err, c.want)
			}
			if heed.CodeOf(err) != heed.Invalid {
				t.Errorf("code %s", heed.CodeOf(err))
			}
		})
	}
}

func TestReadFilesReportsEveryFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("brand.yaml", two)
	write("more/seg.yml", "kind: segment\nname: a\n")
	write("more/x.json", `{"kind":"cap","name":"c","max":3}`)
	write("more/readme.md", "not: [a spec")
	write(".git/x.yaml", "not: [a spec")
	set, err := spec.ReadFiles(dir)
	if err != nil || len(set) != 4 {
		t.Fatalf("got %v, %v", set, err)
	}
	write("bad1.yaml", "kind: [")
	write("bad2.yaml", "name: x")
	_, err = spec.ReadFiles(dir)
	if err == nil || !strings.Contains(err.Error(), "bad1.yaml") || !strings.Contains(err.Error(), "bad2.yaml") {
		t.Fatalf("got %v", err)
	}
	if _, err := spec.ReadFiles(filepath.Join(dir, "nowhere")); heed.CodeOf(err) != heed.NotFound {
		t.Fatalf("got %v", err)
	}
}

func TestReadJSON(t *testing.T) {
	s, err := spec.ReadJSON(spec.Cap, "c", []byte(` {"name":"c", "max": 3, "per":"7d"}`))
	if err != nil || string(s.Body) != `{"max":3,"per":"7d"}` || s.Kind != spec.Cap || s.Name != "c" {
		t.Fatalf("got %+v, %v", s, err)
	}
	if s, err = spec.ReadJSON(spec.Cap, "c", []byte(`{}`)); err != nil || string(s.Body) != `{}` {
		t.Fatalf("got %s, %v", s.Body, err)
	}
	for _, bad := range []string{``, `null`, `[]`, `{"kind":"segment"}`, `{"name":5}`, `{"a":1} x`, `{"a":1,"a":2}`} {
		if _, err := spec.ReadJSON(spec.Cap, "c", []byte(bad)); heed.CodeOf(err) != heed.Invalid {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

func TestExportRoundTrip(t *testing.T) {
	set, err := spec.Read("a.yaml", []byte(two))
	if err != nil {
		t.Fatal(err)
	}
	odd, err := spec.ReadJSON(spec.Template, "odd", []byte(`{"html":"<p>\n  {{ person.first_name | default: 'friend' }}: yes # no\n</p>\n","yes":"no","n":"007","d":"2024-01-01","t":"tab\there","nl":"\n\n x\n\n","big":12345678901234567890,"f":1.0,"e":1e3,"z":null,"empty":"","u":"e\u0301\u2028 \ud83d\ude00","k: y":{"- x":[]}}`))
	if err != nil {
		t.Fatal(err)
	}
	set = set.With(odd)
	files, err := spec.Export(set)
	if err != nil {
		t.Fatal(err)
	}
	back := spec.Set{}
	for name, text := range files {
		s, err := spec.Read(name, text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		back = back.With(s.All()...)
	}
	for _, c := range spec.Plan(set, back, true) {
		if c.Action != spec.Unchanged {
			t.Errorf("after a round trip: %s", c)
		}
	}
	if got := string(files["journey.yaml"]); !strings.HasPrefix(got, "kind: journey\nname: welcome\ntrigger:\n  event: Signed Up\nnodes:\n") {
		t.Errorf("the order of fields is lost:\n%s", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(two))
	f.Add([]byte(`{"kind":"cap","name":"c","max":3}`))
	f.Add([]byte("kind: segment\nname: a\nrule: |\n  did \"X\"\n---\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		specs, err := spec.Parse("f", text)
		if err != nil {
			return
		}
		for _, s := range specs {
			out, err := spec.YAML(s)
			if err != nil {
				t.Fatalf("%s cannot be written: %v", s.Body, err)
			}
			back, err := spec.Parse("g", out)
			if err != nil || len(back) != 1 {
				t.Fatalf("%s\n%s\n%v", s.Body, out, err)
			}
			if d := spec.Diff(s.Body, back[0].Body); len(d) > 0 {
				t.Fatalf("changed on the way: %v", d)
			}
		}
	})
}

func TestNumbersStayWhatTheyAre(t *testing.T) {
	set, err := spec.Read("f.yaml", []byte("kind: cap\nname: c\na: 1e3\nb: \"1e3\"\nc: 1.50\nd: 0x1f\ne: 12345678901234567890123\nf: -0\ng: yes\nh: 007\ni: true\nj: ~\nk: .5\n5: five\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := set.Get(spec.Cap, "c")
	want := `{"a":1e3,"b":"1e3","c":1.50,"d":31,"e":12345678901234567890123,"f":-0,"g":"yes","h":7,"i":true,"j":null,"k":0.5,"5":"five"}`
	if string(c.Body) != want {
		t.Errorf("got  %s\nwant %s", c.Body, want)
	}
	s, err := spec.ReadJSON(spec.Cap, "c", []byte(`{"a":1e3,"b":-1.5E-2,"c":"x"}`))
	if err != nil || string(s.Body) != `{"a":1e3,"b":-1.5E-2,"c":"x"}` {
		t.Errorf("got %s, %v", s.Body, err)
	}
	for _, bad := range []string{"kind: cap\nname: c\na: 1e400\n", "kind: cap\nname: c\na: -.inf\n", "kind: cap\nname: c\n1: a\n\"1\": b\n", "kind: cap\nname: c\n? [a]\n: b\n"} {
		if _, err := spec.Read("f.yaml", []byte(bad)); heed.CodeOf(err) != heed.Invalid || !strings.HasPrefix(err.Error(), "f.yaml:") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := spec.ReadJSON(spec.Cap, "c", []byte(`{"a":1e400}`)); heed.CodeOf(err) != heed.Invalid {
		t.Errorf("got %v", err)
	}
}
