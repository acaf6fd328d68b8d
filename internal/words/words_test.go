package words

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/spec"
)

func deutsch(t *testing.T) *Language {
	t.Helper()
	l := New().For("de-AT,de;q=0.9,en;q=0.8")
	if l == nil {
		t.Fatal("German is not spoken")
	}
	return l
}

// catalogued gives the formats of the catalogue and the file that each is in.
func catalogued(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := files.ReadDir("de")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := files.ReadFile(path.Join("de", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var said map[string]string
		if err := json.Unmarshal(text, &said); err != nil {
			t.Fatal(err)
		}
		for format, sentence := range said {
			if strings.TrimSpace(sentence) == "" {
				t.Errorf("%s: %q is empty", e.Name(), format)
			}
			if e.Name() == wordsFile {
				continue
			}
			if other, twice := all[format]; twice {
				t.Errorf("%q is in %s and in %s", format, e.Name(), other)
			}
			all[format] = e.Name()
		}
	}
	return all
}

func TestEverySentenceOfTheCodeIsSaid(t *testing.T) {
	have, used := catalogued(t), map[string]bool{}
	made := append(sources(t), validator(t)...)
	if len(made) < 700 {
		t.Fatalf("only %d sentences found: the places where they are made have moved", len(made))
	}
	for _, s := range made {
		if _, ok := have[s.text]; !ok && !used[s.text] {
			t.Errorf("%s: nobody says in German: %q", s.file, s.text)
		}
		used[s.text] = true
	}
	for format, file := range have {
		if !used[format] {
			t.Errorf("de/%s: the code does not make this sentence any more: %q", file, format)
		}
	}
}

// validator are the sentences of the library that validates requests.
func validator(t *testing.T) (out []source) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/danielgtaylor/huma/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	read := func(file string) *ast.File {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	c := collector{file: "validator", places: []string{"errors.New/0", "Add/2", "Msg:"}}
	ast.Inspect(read("huma.go"), c.visit)
	out = c.found
	ast.Inspect(read("validation/messages.go"), func(n ast.Node) bool {
		if x, ok := n.(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(x.Value); err == nil {
				out = append(out, source{"validator", text})
			}
		}
		return true
	})
	return out
}

func TestEveryReasonIsSaid(t *testing.T) {
	l := deutsch(t)
	for code, sentence := range decide.Reasons() {
		if l.Say(sentence) == sentence {
			t.Errorf("%s: nobody says in German: %q", code, sentence)
		}
	}
	for _, kind := range spec.Kinds {
		if _, ok := l.words[string(kind)]; !ok {
			t.Errorf("there is no German word for the kind %s", kind)
		}
	}
}

func TestSay(t *testing.T) {
	l := deutsch(t)
	for english, want := range map[string]string{
		"held until 08:00 Tuesday: quiet hours in Lisbon":                                                                      "gehalten bis Dienstag 08:00: Ruhezeit in Lisbon",
		"held until 08:00 UTC on 2 March 2027: our people speak to you":                                                        "gehalten bis 2. März 2027, 08:00 UTC: our people speak to you",
		"dropped: they have not asked for Stories and offers by email":                                                         "verworfen: die Person hat nicht um Stories and offers per E-Mail gebeten",
		"dropped: their email is blocked (hard bounce)":                                                                        "verworfen: gesperrt für E-Mail (dauerhaft unzustellbar)",
		"sent because it is service-critical; any other message would have been held until 07:00 Monday: quiet hours in Porto": "gesendet, weil servicekritisch; eine andere Nachricht wäre: gehalten bis Montag 07:00: Ruhezeit in Porto",
		"Until 08:00 Tuesday no News or Offers by email, sms or push: quiet hours in Lisbon.":                                  "Bis Dienstag 08:00 nichts zu News oder Offers per E-Mail, SMS oder Push: Ruhezeit in Lisbon.",
		"Dropped: nobody is known by that.":                                                                                    "Verworfen: darunter ist niemand bekannt.",
		"We promised a new handle by 2 Jan 2026.":                                                                              "Versprochen: a new handle, fällig am 2. Januar 2026.",
		"Blocked: email:ann@example.com (hard bounce).":                                                                        "Gesperrt: email:ann@example.com (dauerhaft unzustellbar).",
		`nodes[2].then: there is no segment "vip"`:                                                                             `nodes[2].then: das Segment "vip" gibt es nicht`,
		`There is no journey "x".`:                                                                                             `Den Ablauf "x" gibt es nicht.`,
		`name: expected length <= 64`:                                                                                          `name: höchstens 64 Zeichen`,
		"at 1:5: expected a number, found the end of the rule":                                                                 "Zeile 1, Zeichen 5: erwartet: eine Zahl; gefunden: das Ende der Regel",
		"something that nobody has a sentence for":                                                                             "something that nobody has a sentence for",
		"": "",
	} {
		if got := l.Say(english); got != want {
			t.Errorf("%q\n got %q\nwant %q", english, got, want)
		}
	}
}

func TestSayParts(t *testing.T) {
	l := deutsch(t)
	for english, want := range map[string]string{
		"Ann Lee, at risk, with us since January 2026, bought 3 times for €1,234.50, last 12 days ago.": "Ann Lee, gefährdet, bei uns seit Januar 2026, hat 3-mal gekauft für 1.234,50 €, zuletzt vor 12 Tagen.",
		"A visitor we do not know, anonymous, last seen today.":                                         "Ein Besucher, den wir nicht kennen, anonym, zuletzt gesehen heute.",
		"Loyal, loyal, last seen yesterday.":                                                            "Loyal, treu, zuletzt gesehen gestern.",
	} {
		if got := l.parts(english); got != want {
			t.Errorf("%q\n got %q\nwant %q", english, got, want)
		}
	}
}

func TestFor(t *testing.T) {
	c := New()
	for accept, want := range map[string]string{"": "", "en": "", "en-GB,de;q=0.5": "", "fr": "", "*": "", "de": "de", "de-CH, en;q=0.8": "de", "fr;q=0.9,de;q=0.4": "de", "\x00": ""} {
		got := ""
		if l := c.For(accept); l != nil {
			got = l.Tag()
		}
		if got != want {
			t.Errorf("Accept-Language %q: got %q, want %q", accept, got, want)
		}
	}
}

func TestAnswer(t *testing.T) {
	type line struct {
		Text  string `say:"sentence"`
		Other string
	}
	type answer struct {
		Do    []string `say:"sentence"`
		Head  string   `say:"parts"`
		Lines []line
		One   *line
		Name  string
		mine  string
	}
	english := &answer{Do: []string{"We promised tea."}, Head: "Ann, loyal.", Lines: []line{{"sent: nothing speaks against it", "sent: nothing speaks against it"}}, One: &line{Text: "is missing"}, Name: "is missing", mine: "kept"}
	l := deutsch(t)
	got := l.Answer(english).(*answer)
	if got.Do[0] != "Versprochen: tea." || got.Head != "Ann, treu." || got.Lines[0].Text != "gesendet: nichts spricht dagegen" || got.One.Text != "fehlt" {
		t.Errorf("not said: %+v %+v", got, got.One)
	}
	if got.Lines[0].Other != english.Lines[0].Other || got.Name != "is missing" || got.mine != "kept" {
		t.Errorf("said what is no sentence of ours: %+v", got)
	}
	if english.Do[0] != "We promised tea." || english.Lines[0].Text != "sent: nothing speaks against it" || english.One.Text != "is missing" {
		t.Errorf("what was answered with has changed: %+v", english)
	}
	if s := (&struct{ A int }{1}); l.Answer(s) != any(s) {
		t.Error("an answer without sentences was copied")
	}
}

func BenchmarkSay(b *testing.B) {
	l := New().For("de")
	for b.Loop() {
		l.Say("held until 08:00 Tuesday: quiet hours in Lisbon")
	}
}
