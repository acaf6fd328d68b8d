package main

import (
	"testing"

	"github.com/heedcx/heed"
)

// TestTestCommand plays good scripts and bad ones; a process with an error exits with a code other than 0.
func TestTestCommand(t *testing.T) {
	good := testCmd{Paths: []string{"../../examples/lumen/tests/good-moments.txt"}, Verbose: true}
	if err := good.Run(t.Context()); err != nil {
		t.Error(err)
	}
	bad := testCmd{Paths: []string{"../../examples/lumen/tests/good-moments.txt", "../../app/script/testdata/errors/people.txt"}}
	if err := bad.Run(t.Context()); heed.CodeOf(err) != heed.Conflict || heed.MessageOf(err) != "1 of 2 scripts failed" {
		t.Errorf("got %v", err)
	}
	for _, path := range []string{"nowhere", "../../examples/lumen/brand"} {
		none := testCmd{Paths: []string{path}}
		if err := none.Run(t.Context()); heed.CodeOf(err) != heed.Invalid {
			t.Errorf("%s: got %v", path, err)
		}
	}
}
