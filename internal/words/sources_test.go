package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// Where the sentences of the API are made: an argument of a function ("name/which"), a field of a literal ("Name:"),
// what is given to a variable or field ("name="), what a function returns ("name()"), or everything in a file.

// everywhere are those of all folders.
var everywhere = []string{"heed.Errorf/1", "heed.FieldErrorf/1", "Errorf/1", "FieldErrorf/1", "Message:", "Text:", "Detail:", "Reason:", "Note:", "Text=", "Detail=", "Note="}

// speakers are those of a folder besides.
var speakers = map[string][]string{
	".":                {"MessageOf()", "ParseID/0"},
	"api":              {"missing/0"},
	"app":              {"people.go", "deliverability.go", "check()", "add/2", "Reason:", "Move/4", "MoveExport/3", "detail=", "found=", "Errorf/0"},
	"broadcast":        {"failf/1", "check.go", "reason=", "note=", "Errorf/0"},
	"channel":          {"Failed/2", "Unknown/2", "Later/3", "release/2", "lastError="},
	"channel/email":    {"bad/0", "bad/1", "fmt.Errorf/0", "errors.New/0", "text:", "Unknown/2", "Later/3", "channel.Later/3", "channel.Unknown/2"},
	"channel/template": {"bad/1", "at/1", "add/3", "fmt.Errorf/0", "errors.New/0", "inspect.go"},
	"channel/webhook":  {"fmt.Errorf/0", "errors.New/0", "Failed/2", "channel.Failed/2", "channel.Later/3"},
	"collect":          {"refuse/2", "fail/1", "text:", "kindNames="},
	"collect/feedback": {"bad/1"},
	"collect/importer": {"bad/0", "fail/1", "fmt.Errorf/0", "errors.New/0", "missing()", "kindOf()"},
	"decide":           {"drop/2", "hold/3", "fmt.Errorf/0", "first/1", "Reasons()", "sentences()"},
	"decide/ledger":    {"sentence()", "why=", "missing/1"},
	"insight":          {"summary.go"},
	"internal/account": nil,
	"internal/spec":    {"fail/1", "fmt.Errorf/0", "errors.New/0", "String()", "Summary()"},
	"journey":          {"failf/1", "why()", "text=", "Why=", "fmt.Errorf/0"},
	"profile":          {"reject/4", "brief.go"},
	"rule":             {"bad/1", "fail/0", "syntaxError/2", "syntaxError/3", "Error()", "Sprintf:true", "got="},
	"segment":          {"builder.go"},
	"stream":           {"fmt.Errorf/0"}, "identity": nil, "insight/duckdb": nil, "insight/clickhouse": nil, "internal/desk": nil,
}

// silent are files whose sentences are not the API's: they are said at the start, on the command line, in answers to the
// programs that send events and reports, or on pages for customers.
var silent = []string{
	"api/client.go", "app/config.go", "app/lock.go", "app/restore.go", "app/backup.go", "app/rebuild.go", "app/bounces.go", "app/proxies.go",
	"app/demo.go", "app/http.go", "app/offline.go", "app/doctor.go", "app/virtual.go", "app/virtual_past.go", "app/virtual_told.go", "app/sending.go", "app/history_store.go", "app/bench.go",
	"channel/store.go", "channel/mailbox/smtp.go", "collect/answer.go", "collect/browser.go", "collect/handler.go", "collect/body.go",
	"collect/feedback/ses.go", "insight/clickhouse/target.go", "insight/clickhouse/schema.go", "insight/clickhouse/open.go", "insight/duckdb/open.go", "insight/duckdb/raw.go",
	"internal/spec/export.go", "stream/embedded.go", "stream/rebuild.go", "stream/snapshot.go",
}

// source is one sentence of the code, as the format that makes it.
type source struct{ file, text string }

// sources collects the sentences of the code.
func sources(t *testing.T) (out []source) {
	t.Helper()
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if rel == "web" || rel == "test" || d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && rel != "." {
				return filepath.SkipDir
			}
			return nil
		}
		own, speaks := speakers[filepath.Dir(rel)]
		if !speaks || filepath.Ext(rel) != ".go" || strings.HasSuffix(rel, "_test.go") || slices.Contains(silent, rel) {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		c := collector{file: rel, places: append(slices.Clone(own), everywhere...), all: slices.Contains(own, filepath.Base(rel))}
		ast.Inspect(f, c.visit)
		out = append(out, c.found...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type collector struct {
	file   string
	places []string
	all    bool
	found  []source
}

func (c *collector) at(place string) bool { return slices.Contains(c.places, place) }

// take notes an expression that is a sentence.
func (c *collector) take(e ast.Expr) {
	if text, ok := format(e); ok && sentenceLike(text) && !strings.HasPrefix(text, filepath.Base(filepath.Dir(c.file))+": ") {
		c.found = append(c.found, source{c.file, text})
	}
}

func (c *collector) visit(n ast.Node) bool {
	switch x := n.(type) {
	case *ast.Field, *ast.ImportSpec:
		return false
	case *ast.FuncDecl:
		if c.at(x.Name.Name+"()") && x.Body != nil {
			ast.Inspect(x.Body, (&every{c}).visit)
		}
	case *ast.CallExpr:
		name, full := callee(x)
		if slices.Contains([]string{"Debug", "Info", "Warn", "Error", "Log"}, name) && len(x.Args) > 0 {
			return false // for the log
		}
		for i, arg := range x.Args {
			which := "/" + strconv.Itoa(i)
			if c.at(name+which) || c.at(full+which) {
				c.take(arg)
			}
		}
	case *ast.KeyValueExpr:
		if id, ok := x.Key.(*ast.Ident); ok && c.at(id.Name+":") {
			c.take(x.Value)
		}
	case *ast.AssignStmt:
		for i, to := range x.Lhs {
			if i < len(x.Rhs) && c.at(called(to)+"=") {
				c.take(x.Rhs[i])
			}
		}
	}
	if e, ok := n.(ast.Expr); ok && c.all {
		if _, ok := format(e); ok {
			c.take(e)
			return false
		}
	}
	return true
}

// every takes all sentences below a node.
type every struct{ c *collector }

func (e *every) visit(n ast.Node) bool {
	if x, ok := n.(ast.Expr); ok {
		if _, ok := format(x); ok {
			e.c.take(x)
			return false
		}
	}
	return true
}

func callee(x *ast.CallExpr) (name, full string) {
	switch f := x.Fun.(type) {
	case *ast.Ident:
		return f.Name, f.Name
	case *ast.SelectorExpr:
		full = f.Sel.Name
		if id, ok := f.X.(*ast.Ident); ok {
			full = id.Name + "." + full
			if slices.Contains([]string{"fmt", "errors", "heed", "channel"}, id.Name) {
				return "", full
			}
		}
		return f.Sel.Name, full
	}
	return "", ""
}

func called(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.IndexExpr:
		return called(x.X)
	}
	return ""
}

// format gives a text or a sum of texts as a format; what is no literal is %s.
func format(e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		if x.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(x.Value)
		return s, err == nil
	case *ast.ParenExpr:
		return format(x.X)
	case *ast.BinaryExpr:
		if x.Op != token.ADD {
			return "", false
		}
		a, first := format(x.X)
		b, second := format(x.Y)
		if !first {
			a = "%s"
		}
		if !second {
			b = "%s"
		}
		return a + b, first || second
	case *ast.CallExpr:
		if _, full := callee(x); full == "fmt.Sprintf" {
			return format(x.Args[0])
		}
	}
	return "", false
}

// sentenceLike leaves out what has no words to say: separators, names, codes, records of a domain, layouts of dates.
func sentenceLike(text string) bool {
	bare := strings.TrimSpace(verb.ReplaceAllString(text, ""))
	if !strings.Contains(strings.TrimSpace(text), " ") || strings.HasPrefix(bare, "v=") || strings.Contains(bare, "2006") {
		return false
	}
	return strings.IndexFunc(bare, unicode.IsLower) >= 0
}
