package faults_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	writeKey = "faults-write-key"
	apiKey   = "faults-api-key-0123456789abcdef"
)

// node is one heed process with its data folder. It keeps its address over restarts.
type node struct {
	t    *testing.T
	dir  string // holds data/ and log
	addr string
	args []string
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
	http *http.Client
}

// newNode prepares a process; args are added to `heed serve`.
func newNode(t *testing.T, dir string, args ...string) *node {
	t.Helper()
	n := &node{t: t, dir: dir, addr: freeAddr(t), args: args, http: &http.Client{Timeout: 30 * time.Second}}
	t.Cleanup(func() {
		if t.Failed() {
			n.explain()
		}
		n.kill()
	})
	return n
}

// explain shows the last lines of the process's log and keeps the whole of it, with what its goroutines do.
func (n *node) explain() {
	path := filepath.Join(n.dir, "log")
	text, err := os.ReadFile(path)
	if err != nil {
		n.t.Log(err)
		return
	}
	if n.cmd != nil {
		_ = n.cmd.Process.Signal(syscall.SIGQUIT)
		select {
		case <-n.gone:
		case <-time.After(5 * time.Second):
		}
	}
	all, _ := os.ReadFile(path)
	keep, err := os.CreateTemp("", "heed-faults-*.log")
	if err != nil {
		n.t.Log(err)
		return
	}
	_, _ = keep.Write(all)
	_ = keep.Close()
	n.t.Logf("the whole log of %s is in %s; its last lines:\n%s", n.addr, keep.Name(), text[max(0, len(text)-3000):])
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// launch starts the process and does not wait for it.
func (n *node) launch() {
	n.t.Helper()
	log, err := os.OpenFile(filepath.Join(n.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	args := append([]string{"serve", "--data", filepath.Join(n.dir, "data"), "--addr", n.addr, "--log-level", "warn", "--public-url", "http://" + n.addr,
		"--bootstrap-write-key", writeKey, "--bootstrap-api-key", apiKey, "--secret", strings.Repeat("s", 32)}, n.args...)
	cmd, gone := exec.Command(heedBin, args...), make(chan struct{})
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.cmd, n.gone = cmd, gone
	go func() { defer close(gone); _ = cmd.Wait() }()
}

// start starts the process and waits until it is ready.
func (n *node) start() {
	n.t.Helper()
	n.launch()
	n.ready(60 * time.Second)
}

func (n *node) ready(patience time.Duration) {
	n.t.Helper()
	until(n.t, patience, n.addr+" is ready", func() (bool, string) {
		select {
		case <-n.gone:
			n.t.Fatalf("the process ended by itself: %v", n.cmd.ProcessState)
		default:
		}
		status, body := n.readyz()
		return status == http.StatusOK, fmt.Sprint(status, " ", body)
	})
}

// readyz asks /readyz; status 0 means that nobody answers.
func (n *node) readyz() (status int, body string) {
	res, err := n.http.Get("http://" + n.addr + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text)
}

// check is what /readyz says of one part.
func (n *node) check(name string) (ok bool, detail string) {
	_, body := n.readyz()
	var v struct {
		Checks []struct {
			Name, Detail string
			OK           bool
		}
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		return false, body
	}
	for _, c := range v.Checks {
		if c.Name == name {
			return c.OK, c.Detail
		}
	}
	return false, "there is no such part"
}

// kill ends the process at once, as kill -9 does.
func (n *node) kill() {
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Signal(syscall.SIGKILL)
	<-n.gone
	n.cmd = nil
}

// stop asks the process to stop, waits, and fails when it does not stop well.
func (n *node) stop() {
	n.t.Helper()
	_ = n.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-n.gone:
	case <-time.After(time.Minute):
		n.t.Error("the process does not stop")
		n.kill()
		return
	}
	if !n.cmd.ProcessState.Success() {
		n.t.Errorf("the process stopped with %v", n.cmd.ProcessState)
	}
	n.cmd = nil
}

// statusError is an answer that is not 2xx.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return fmt.Sprintf("%d %s", e.status, e.text) }

// statusOf is the HTTP status in err; 0 when there was no answer.
func statusOf(err error) int {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status
	}
	return 0
}

// call asks the API. in and out may be nil.
func (n *node) call(method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, "http://"+n.addr+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := n.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return &statusError{res.StatusCode, string(text)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// must is call that may not fail.
func (n *node) must(method, path string, in, out any) {
	n.t.Helper()
	if err := n.call(method, path, in, out); err != nil {
		n.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// apply publishes specs.
func (n *node) apply(specs string) {
	n.t.Helper()
	n.must(http.MethodPost, "/api/v1/specs/apply", map[string]any{"files": map[string]string{"faults.yaml": specs}}, nil)
}

// metric adds up a metric of /metrics over its labels.
func (n *node) metric(name string) (sum float64) {
	n.t.Helper()
	res, err := n.http.Get("http://" + n.addr + "/metrics")
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for in := bufio.NewScanner(res.Body); in.Scan(); {
		line := in.Text()
		if at := strings.LastIndexByte(line, ' '); at > 0 && (strings.HasPrefix(line, name+"{") || line[:at] == name) {
			v, _ := strconv.ParseFloat(line[at+1:], 64)
			sum += v
		}
	}
	return sum
}
