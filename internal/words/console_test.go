package words

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// The console says codes in words of its own: what the code can answer with, its catalogues must know.
func TestTheConsoleHasAWordForEveryCode(t *testing.T) {
	codes := map[string][]string{
		"reason":  {},
		"kind":    {},
		"role":    {},
		"outcome": append(constants(t, "message.go", "MessageState", ""), constants(t, "message.go", "Outcome", "")...),
		"end":     constants(t, "journey/registry.go", "", "reason"),
		"review":  constants(t, "identity/review.go", "", "review"),
		"stage":   ladder(t),
	}
	for code := range decide.Reasons() {
		codes["reason"] = append(codes["reason"], code)
	}
	for _, kind := range spec.Kinds {
		codes["kind"] = append(codes["kind"], string(kind))
	}
	for _, role := range account.Roles {
		codes["role"] = append(codes["role"], string(role))
	}
	for _, tag := range []string{"en", "de"} {
		words := catalogue(t, "words", tag)
		for what, list := range codes {
			if len(list) < 2 {
				t.Errorf("%s: only %q found: they have moved", what, list)
			}
			for _, code := range list {
				if words[what+"."+code] == "" {
					t.Errorf("web/src/words/%s.json: there is no %s.%s", tag, what, code)
				}
			}
		}
	}
}

// The audit log says what was done in the console's words too.
func TestTheConsoleHasAWordForEveryActionOfTheAuditLog(t *testing.T) {
	done := map[string]bool{}
	for _, change := range constants(t, "internal/spec/plan.go", "Action", "") {
		done["spec."+change] = change != string(spec.Unchanged)
	}
	action := regexp.MustCompile(`^(backup|[a-z_]+\.[a-z_]+)$`)
	take := func(n ast.Expr) {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && action.MatchString(unquote(t, lit)) {
			done[unquote(t, lit)] = true
		}
	}
	for _, folder := range []string{"api", "internal/account"} {
		files, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			ast.Inspect(read(t, strings.TrimPrefix(file, "../../")), func(n ast.Node) bool {
				switch x := n.(type) {
				case *ast.KeyValueExpr:
					if key, ok := x.Key.(*ast.Ident); ok && (key.Name == "audit" || key.Name == "Action") {
						take(x.Value)
					}
				case *ast.CallExpr: // post(path, id, summary, about, audit)
					if _, ok := x.Fun.(*ast.Ident); ok && len(x.Args) > 3 {
						take(x.Args[len(x.Args)-1])
					}
				}
				return true
			})
		}
	}
	if len(done) < 40 {
		t.Errorf("only %v found: they have moved", done)
	}
	for _, tag := range []string{"en", "de"} {
		words := catalogue(t, "settings", tag)
		for code, logged := range done {
			if logged && words["audit.action."+code] == "" {
				t.Errorf("web/src/settings/%s.json: there is no audit.action.%s", tag, code)
			}
		}
	}
}

// catalogue reads the texts of one folder of the console.
func catalogue(t *testing.T, folder, tag string) (words map[string]string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../web/src", folder, tag+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

// constants gives the texts of the constants of a file that have the type, or whose name begins with the prefix.
func constants(t *testing.T, file, typ, prefix string) (out []string) {
	t.Helper()
	ast.Inspect(read(t, file), func(n ast.Node) bool {
		x, ok := n.(*ast.ValueSpec)
		if !ok || len(x.Values) != 1 {
			return true
		}
		id, _ := x.Type.(*ast.Ident)
		if typ != "" && (id == nil || id.Name != typ) || !strings.HasPrefix(x.Names[0].Name, prefix) {
			return true
		}
		if lit, ok := x.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			out = append(out, unquote(t, lit))
		}
		return true
	})
	return out
}

// ladder gives the stages that a brand begins with.
func ladder(t *testing.T) (out []string) {
	t.Helper()
	ast.Inspect(read(t, "segment/spec.go"), func(n ast.Node) bool {
		f, ok := n.(*ast.FuncDecl)
		if !ok || f.Name.Name != "defaultLadder" {
			return true
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if rung, ok := n.(*ast.CompositeLit); ok && rung.Type == nil && len(rung.Elts) == 2 {
				out = append(out, unquote(t, rung.Elts[0].(*ast.BasicLit)))
			}
			return true
		})
		return false
	})
	return out
}

func read(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func unquote(t *testing.T, lit *ast.BasicLit) string {
	t.Helper()
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
