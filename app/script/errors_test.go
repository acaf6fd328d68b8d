package script_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/heedcx/heed/app/script"
)

var update = flag.Bool("update", false, "write what failing scripts say now")

// TestErrors plays scripts that are wrong, or whose expectations are not met, and compares what they say.
func TestErrors(t *testing.T) {
	for _, path := range scripts(t, "testdata/errors") {
		t.Run(name(path), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			for _, f := range script.Run(t.Context(), path, script.Options{}).Failures {
				out.WriteString(f.String() + "\n")
			}
			golden := strings.TrimSuffix(path, ".txt") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if out.String() != string(want) {
				t.Errorf("it says\n%s\nwant\n%s", out.String(), want)
			}
		})
	}
}

// TestTrace plays a script with a trace: the same each time, and with what happened in between.
func TestTrace(t *testing.T) {
	var first string
	for range 2 {
		var out strings.Builder
		play(t, "../../examples/lumen/tests/welcome.txt", script.Options{Trace: &out})
		if first == "" {
			first = out.String()
		}
		if out.String() != first {
			t.Error("a second run is another one")
		}
	}
	for _, want := range []string{
		"> consent ana stories email granted where=/checkout",
		"Mon 2 Mar 2026 10:00       ana enters segment hand-raisers",
		"Thu 5 Mar 2026 10:00       ana, journey welcome: moved bought",
		"Thu 12 Mar 2026 10:00      ana, stories by email: send OK, sent: nothing speaks against it",
		`ana gets come-back by email for stories, "The new colours are in"`,
	} {
		if !strings.Contains(first, want) {
			t.Errorf("the trace does not have %q:\n%s", want, first)
		}
	}
}

// TestFailsWithoutThePromise plays a brand's script against a brand without the cap: it must fail.
func TestFailsWithoutThePromise(t *testing.T) {
	text, err := os.ReadFile("../../examples/lumen/tests/two-a-week.txt")
	if err != nil {
		t.Fatal(err)
	}
	brand, err := os.ReadFile("../../examples/lumen/brand/2-rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"1-brand.yaml", "3-templates.yaml", "4-journeys.yaml"} {
		b, err := os.ReadFile("../../examples/lumen/brand/" + f)
		if err != nil {
			t.Fatal(err)
		}
		put(f, string(b))
	}
	put("2-rules.yaml", strings.Replace(string(brand), "max: 2", "max: 3", 1))
	put("script.txt", strings.Replace(string(text), "specs ../brand", "specs 1-brand.yaml 2-rules.yaml 3-templates.yaml 4-journeys.yaml", 1))
	r := script.Run(t.Context(), dir+"/script.txt", script.Options{})
	if len(r.Failures) == 0 {
		t.Fatal("a cap of three passes the script of two a week")
	}
	if f := r.Failures[0]; f.Line != 13 || !strings.Contains(f.String(), "come-back by email for stories is sent") {
		t.Errorf("got %s", f)
	}
}
