// Package archtest holds the direction of imports: docs/architecture.md in executable form.
package archtest

import (
	"encoding/json"
	"io"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/heedcx/heed"

type pkg struct {
	ImportPath string
	Imports    []string
}

// stages may not import each other.
var stages = []string{"collect", "stream", "identity", "profile", "rule", "segment", "signal", "journey", "broadcast", "decide", "channel", "listen", "community", "insight"}

// foundations may be imported by every stage.
var foundations = []string{"", "rule", "db", "stream", "internal"}

func TestImportsGoOneWay(t *testing.T) {
	for _, p := range load(t) {
		from := rel(p.ImportPath)
		for _, imp := range p.Imports {
			if why := forbidden(from, imp); why != "" {
				t.Errorf("%s imports %s: %s", from, imp, why)
			}
		}
	}
}

func forbidden(from, imp string) string {
	top, _, _ := strings.Cut(from, "/")
	if !strings.HasPrefix(imp, module) {
		switch {
		case from == "" && strings.Contains(strings.Split(imp, "/")[0], "."):
			return "the vocabulary imports the standard library only"
		case drivers[imp] != "" && drivers[imp] != top && !(top == "internal" && from == "internal/testx"):
			return "only " + drivers[imp] + " imports this driver"
		case strings.HasPrefix(imp, "github.com/nats-io/") && top != "stream":
			return "only stream imports NATS"
		case imp == "net/http" && !slices.Contains([]string{"collect", "api", "channel", "web", "app", "cmd", "test", "internal"}, top):
			return "only the doors (collect, api, channel, web) speak HTTP"
		case (top == "rule" || from == "decide") && slices.Contains([]string{"os", "net", "database/sql", "io/fs"}, imp):
			return "rule and decide do no I/O"
		}
		return ""
	}
	to := rel(imp)
	toTop, _, _ := strings.Cut(to, "/")
	switch {
	case toTop == "app" && top != "cmd" && top != "test" && top != "app":
		return "only cmd and tests import app"
	case top == "app" || top == "cmd" || top == "test":
		return ""
	case from == "rule" && to != "":
		return "rule imports the vocabulary only"
	case top == toTop && strings.HasPrefix(to, from+"/") && slices.Contains(stages, top):
		return "children import parents, not the reverse"
	case slices.Contains(stages, top) && slices.Contains(stages, toTop) && top != toTop && !slices.Contains(foundations, toTop):
		return "a stage does not import another stage: declare the interface and let app adapt"
	case top == "internal" && from != "internal/demo" && slices.Contains(stages, toTop) && toTop != "rule" && toTop != "stream":
		return "plumbing does not know the stages"
	}
	return ""
}

var drivers = map[string]string{
	"github.com/mattn/go-sqlite3":     "db",
	"github.com/jackc/pgx/v5":         "db",
	"github.com/jackc/pgx/v5/pgxpool": "db",
	"github.com/jackc/pgx/v5/stdlib":  "db",
	"github.com/duckdb/duckdb-go/v2":  "insight",

	"github.com/ClickHouse/clickhouse-go/v2": "insight",
}

func rel(p string) string { return strings.TrimPrefix(strings.TrimPrefix(p, module), "/") }

func load(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 5 {
		t.Fatalf("only %d packages: is this the right module?", len(pkgs))
	}
	return pkgs
}

var clockUse = regexp.MustCompile(`\btime\.(Now|Since|Until)\(`)

func TestPureStagesReadNoClock(t *testing.T) {
	for _, dir := range []string{"rule", "decide", "identity", "profile", "segment", "journey", "broadcast"} {
		out, _ := exec.Command("git", "grep", "-nE", `time\.(Now|Since|Until)\(`, "--", ":(top)"+dir+"/*.go").Output()
		for line := range strings.Lines(string(out)) {
			file, _, _ := strings.Cut(line, ":")
			if !strings.HasSuffix(file, "_test.go") && clockUse.MatchString(line) && path.Ext(file) == ".go" {
				t.Errorf("a stage reads the machine's clock: %s", strings.TrimSpace(line))
			}
		}
	}
}
