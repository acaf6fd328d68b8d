package importer

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// An interrupted import goes on in a rejects file that somebody has moved away or cut: no gap is filled with zero bytes.
func TestRejectsGoOnWithoutAGap(t *testing.T) {
	const head = "line,reason,raw\n"
	for name, c := range map[string]struct {
		there string // "": no file
		size  int64
		want  string
	}{
		"as it was left":            {head + "1,a,b\n", int64(len(head)) + 6, head + "1,a,b\n7,no,x\n"},
		"more than was noted":       {head + "1,a,b\n2,c,d\n", int64(len(head)) + 6, head + "1,a,b\n7,no,x\n"},
		"moved away":                {"", 4000, head + "7,no,x\n"},
		"shorter than it should be": {head + "1,a,b\n", 4000, head + "1,a,b\n7,no,x\n"},
		"from the beginning":        {"", 0, head + "7,no,x\n"},
	} {
		path := filepath.Join(t.TempDir(), "r.csv")
		if c.there != "" {
			if err := os.WriteFile(path, []byte(c.there), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r, err := openRejects(path, c.size)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.write([]refusal{{7, "no", []byte("x")}}); err != nil {
			t.Fatal(err)
		}
		if err := r.close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != c.want || bytes.ContainsRune(got, 0) || r.size != int64(len(got)) {
			t.Errorf("%s: %q (%d), %v", name, got, r.size, err)
		}
	}
}
