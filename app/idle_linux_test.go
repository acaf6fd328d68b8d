package app

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// The program goes on after its pages were let go of, and has fewer of them.
func TestTheProgramLetsGoOfItsPages(t *testing.T) {
	before := mapped(t)
	if err := letGoOfProgram(); err != nil {
		t.Fatal(err)
	}
	if after := mapped(t); after > before/2 {
		t.Errorf("%d kB of files are mapped, were %d", after, before)
	}
}

// mapped is how many kilobytes of files are resident.
func mapped(t *testing.T) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "RssFile:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
