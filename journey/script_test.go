package journey_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/stream"
)

var update = flag.Bool("update", false, "write what the scripts say now; read the difference before you commit it")

// TestScripts plays the scripts of testdata on both engines. A script is lines: a command, and below it, behind "> ",
// everything that came of it. world_test.go lists the commands; adding a case is adding lines.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			testx.Each(t, []string{stream.Queries, journey.Queries, memoryQueries}, func(t *testing.T, d db.DB) {
				got := play(t, newWorld(t, d), string(text))
				if *update && d.Dialect() == db.SQLite {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				if want, _ := os.ReadFile(file); got != string(want) {
					t.Errorf("%s\n%s", file, firstDifference(string(want), got))
				}
			})
		})
	}
}

// play runs a script and returns it with what came of each command.
func play(t *testing.T, w *world, text string) string {
	t.Helper()
	var out strings.Builder
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, "> ") || line == ">" {
			continue
		}
		fmt.Fprintln(&out, line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var block []string
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  ") {
			i++
			fmt.Fprintln(&out, lines[i])
			block = append(block, lines[i][2:])
		}
		w.do(line, strings.Join(block, "\n"))
		for _, s := range w.said() {
			fmt.Fprintln(&out, "> "+s)
		}
	}
	return out.String()
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "(end)", "(end)"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			context := ""
			for j := i - 1; j >= 0 && j > i-8; j-- {
				context = "      " + b[j] + "\n" + context
			}
			return fmt.Sprintf("line %d:\n%swant: %s\n got: %s", i+1, context, x, y)
		}
	}
	return ""
}

// put publishes the documents of a text.
func (w *world) put(text string) {
	w.t.Helper()
	set, err := spec.Read("script", []byte(text))
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.d.Write(w.ctx, func(tx db.Tx) error {
		for _, s := range set.All() {
			s.MadeAt = w.clock.Now()
			if _, err := spec.Put(w.ctx, tx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.d.Read(w.ctx, func(q db.Querier) error {
		all, err := spec.Current(w.ctx, q)
		if err != nil {
			return err
		}
		for _, s := range set.Of(spec.Journey) {
			for _, err := range journey.CheckSpec(s, all) {
				w.say("! %v", err)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
