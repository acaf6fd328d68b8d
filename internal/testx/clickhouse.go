package testx

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// ClickHouse is ClickHouse's own engine in a process of its own, behind an HTTP front that answers like a server (folder
// test/clickhouse, installed by `make deps`). Without it a test is skipped on a laptop and fails in CI.
type ClickHouse struct {
	Addr string // host:port
	cmd  *osexec.Cmd
}

// StartClickHouse starts an engine on the data in dir, which it makes if need be. It ends with the test.
func StartClickHouse(t testing.TB, dir string) *ClickHouse {
	t.Helper()
	c, err := startClickHouse(dir)
	missing(t, err)
	t.Cleanup(c.Kill)
	return c
}

// Kill ends the engine at once, as a crash does.
func (c *ClickHouse) Kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// sharedClickHouse ends, and removes its data, when the test process does: its standard input is ours.
var sharedClickHouse = sync.OnceValues(func() (*ClickHouse, error) {
	dir, err := os.MkdirTemp("", "heed-clickhouse-")
	if err != nil {
		return nil, err
	}
	c, err := startClickHouse(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
	}
	return c, err
})

// NewClickHouse returns the URL of an empty database, dropped when the test ends, on an engine that the tests of a
// process share.
func NewClickHouse(t testing.TB) string {
	t.Helper()
	c, err := sharedClickHouse()
	missing(t, err)
	var tail [6]byte
	_, _ = rand.Read(tail[:])
	name := "heed_test_" + hex.EncodeToString(tail[:])
	t.Cleanup(func() {
		r, err := http.Post("http://"+c.Addr+"/", "text/plain", strings.NewReader("DROP DATABASE IF EXISTS "+name))
		if err != nil {
			t.Error(err)
			return
		}
		_ = r.Body.Close()
	})
	return "clickhouse://" + c.Addr + "/" + name
}

func missing(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("ClickHouse's engine does not start: %v; run the tests with `make test`", err)
	}
	t.Skipf("ClickHouse's engine does not start: %v; `make deps` installs it", err)
}

func startClickHouse(dir string) (*ClickHouse, error) {
	_, here, _, _ := runtime.Caller(0)
	cmd := osexec.Command("node", filepath.Join(filepath.Dir(here), "..", "..", "test", "clickhouse", "server.js"), dir)
	cmd.Env = append(os.Environ(), "UV_THREADPOOL_SIZE=16") // questions at once
	var said strings.Builder
	cmd.Stderr = &said
	if _, err := cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, fmt.Errorf("%w: %.300s", err, strings.TrimSpace(said.String()))
	}
	return &ClickHouse{Addr: "127.0.0.1:" + strings.TrimSpace(port), cmd: cmd}, nil
}
