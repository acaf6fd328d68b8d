package testx

import (
	"flag"
	"os"
	"testing"
)

// Seeded runs the tests of a package that has property tests; call it from TestMain. In CI they draw the same cases
// every time: a red build must mean that this change broke something, not that luck found something older in a change
// that has nothing to do with it. Luck does its work on laptops, where every run draws other cases, and in
// `go test ./test/rules -rapid.checks=2000`. Whoever gives a seed (-rapid.seed or RAPID_SEED) gets that one.
func Seeded(m *testing.M) {
	flag.Parse()
	seed := flag.Lookup("rapid.seed")
	if os.Getenv("CI") == "true" && seed.Value.String() == "0" {
		if err := seed.Value.Set("20260101"); err != nil {
			panic(err)
		}
	}
	m.Run()
}
