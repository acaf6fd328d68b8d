package app

import (
	"regexp"
	"strings"
	"testing"
)

// A statement that is called something else from now on would change nothing for whoever listens.
func TestKindsNameStatementsThatExist(t *testing.T) {
	owners, statements := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^-- name: (\S+)`).FindAllStringSubmatch(strings.Join(queries(), "\n"), -1) {
		owner, _, _ := strings.Cut(m[1], ".")
		owners[owner], statements[m[1]] = true, true
	}
	for s := range kindsByStatement {
		if !statements[s] {
			t.Errorf("there is no statement %s", s)
		}
	}
	for o := range kindsByOwner {
		if !owners[o] {
			t.Errorf("no statement begins with %s", o)
		}
	}
}
