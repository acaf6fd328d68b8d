package words

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
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
		raw, err := os.ReadFile(filepath.Join("../../web/src/words", tag+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(raw, &words); err != nil {
			t.Fatal(err)
		}
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
