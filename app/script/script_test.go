package script_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed/app/script"
	"github.com/heedcx/heed/internal/testx"
)

func play(t *testing.T, path string, o script.Options) script.Result {
	t.Helper()
	r := script.Run(t.Context(), path, o)
	for _, f := range r.Failures {
		t.Error(f)
	}
	return r
}

func scripts(t *testing.T, dir string) []string {
	t.Helper()
	list, err := script.Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func name(path string) string { return strings.TrimSuffix(filepath.Base(path), ".txt") }

// TestCases plays the cases of journeys and decisions that must hold whatever a brand writes, on both state engines.
func TestCases(t *testing.T) {
	for _, path := range scripts(t, "testdata/cases") {
		t.Run(name(path)+"/sqlite", func(t *testing.T) {
			t.Parallel()
			play(t, path, script.Options{})
		})
		t.Run(name(path)+"/postgres", func(t *testing.T) {
			t.Parallel()
			play(t, path, script.Options{DatabaseURL: testx.NewPostgres(t)})
		})
	}
}

// TestLumen plays the scripts of the example brand, as its owner would.
func TestLumen(t *testing.T) {
	for _, path := range scripts(t, "../../examples/lumen/tests") {
		t.Run(name(path), func(t *testing.T) {
			t.Parallel()
			play(t, path, script.Options{})
		})
	}
}
