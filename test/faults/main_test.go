package faults_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// heedBin is the binary under test: HEED_TEST_BIN, which `make test` sets, or one that TestMain builds.
var heedBin string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	heedBin = os.Getenv("HEED_TEST_BIN")
	if heedBin == "" {
		dir, err := os.MkdirTemp("", "heed-faults")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		heedBin = filepath.Join(dir, "heed")
		if err := build(heedBin, "github.com/heedcx/heed/cmd/heed"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

func build(bin, pkg string) error {
	if out, err := exec.Command("go", "build", "-o", bin, pkg).CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// missing skips on a laptop and fails in CI: what a test needs is not there.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf("SKIPPED, "+format, args...)
}

// rounds is n, or as many times n as HEED_FAULT_ROUNDS is of 50.
func rounds(t *testing.T, n int) int {
	t.Helper()
	if s := os.Getenv("HEED_FAULT_ROUNDS"); s != "" {
		want, err := strconv.Atoi(s)
		if err != nil || want < 1 {
			t.Fatalf("HEED_FAULT_ROUNDS is %q: want a number of rounds", s)
		}
		return max(1, n*want/50)
	}
	if testing.Short() {
		return max(1, n/10)
	}
	return n
}

// dice makes the choices of a test repeatable: HEED_FAULT_SEED, or a fresh seed that the log names.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv("HEED_FAULT_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("HEED_FAULT_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// until asks every 50 ms, and fails when the answer is still no after the time.
func until(t *testing.T, patience time.Duration, what string, ok func() (yes bool, how string)) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		yes, how := ok()
		if yes {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain for: %s; it stands at: %s", patience, what, how)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
