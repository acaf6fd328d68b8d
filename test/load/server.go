package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Keys of a server under load.
const (
	WriteKey = "load-write-key"
	APIKey   = "load-api-key-0123456789abcdef"
)

// Server is a heed process under load.
type Server struct {
	Addr string
	Dir  string
	bin  string
	env  []string
	cmd  *exec.Cmd
	log  *os.File
	http *http.Client
}

// NewServer prepares a server of the binary in an empty folder dir. env is added to its environment.
func NewServer(bin, dir string, env ...string) (*Server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	return &Server{Addr: addr, Dir: dir, bin: bin, env: env, http: &http.Client{Timeout: time.Minute}}, nil
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

// Start starts the process and returns how long it took until it was ready.
func (s *Server) Start(ctx context.Context) (time.Duration, error) {
	var err error
	if s.log, err = os.OpenFile(filepath.Join(s.Dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return 0, err
	}
	s.cmd = exec.Command(s.bin, "serve", "--data", filepath.Join(s.Dir, "data"), "--addr", s.Addr, "--log-level", "warn")
	s.cmd.Env = append(os.Environ(), "HEED_BOOTSTRAP_WRITE_KEY="+WriteKey, "HEED_BOOTSTRAP_API_KEY="+APIKey, "HEED_PUBLIC_URL=http://"+s.Addr)
	s.cmd.Env = append(s.cmd.Env, s.env...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, err
	}
	gone := make(chan error, 1)
	go func() { gone <- s.cmd.Wait() }()
	for {
		select {
		case err := <-gone:
			return 0, fmt.Errorf("the server ended at once: %v; see %s", err, s.log.Name())
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
		if res, err := s.http.Get("http://" + s.Addr + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		if time.Since(began) > 2*time.Minute {
			return 0, fmt.Errorf("the server is not ready after two minutes; see %s", s.log.Name())
		}
	}
}

// Kill ends the process as a power cut would end it; Stop lets it drain.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop asks the process to stop and waits.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

func (s *Server) end(sig syscall.Signal) {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(sig)
	for range 6000 { // Wait runs in Start's goroutine
		if syscall.Kill(s.cmd.Process.Pid, 0) != nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	_ = s.log.Close()
	s.cmd = nil
}

// Run runs another command of the binary against the server.
func (s *Server) Run(ctx context.Context, args ...string) (string, error) {
	return s.run(ctx, args, "HEED_URL=http://"+s.Addr, "HEED_API_KEY="+APIKey)
}

// Alone runs another command of the binary with no server beside it.
func (s *Server) Alone(ctx context.Context, args ...string) (string, error) { return s.run(ctx, args) }

func (s *Server) run(ctx context.Context, args []string, env ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.bin, args...)
	cmd.Env = slices.Concat(os.Environ(), env, s.env)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("heed %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), err
}

// Get asks the API and decodes the answer into v.
func (s *Server) Get(path string, v any) error {
	return s.call(http.MethodGet, path, nil, v)
}

// Post sends body as JSON and decodes the answer into v, if any.
func (s *Server) Post(path string, body, v any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return s.call(http.MethodPost, path, text, v)
}

func (s *Server) call(method, path string, body []byte, v any) error {
	req, err := http.NewRequest(method, "http://"+s.Addr+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+APIKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if v == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, v)
}

// Metrics is a reading of /metrics: name with labels -> value.
type Metrics map[string]float64

// Metrics reads the server's metrics.
func (s *Server) Metrics() (Metrics, error) {
	res, err := s.http.Get("http://" + s.Addr + "/metrics")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/metrics answers %s", res.Status)
	}
	m := Metrics{}
	for in := bufio.NewScanner(res.Body); in.Scan(); {
		line := in.Text()
		if i := strings.LastIndexByte(line, ' '); i > 0 && line[0] != '#' {
			if v, err := strconv.ParseFloat(line[i+1:], 64); err == nil {
				m[line[:i]] = v
			}
		}
	}
	return m, nil
}

// Sum adds up a metric over its labels.
func (m Metrics) Sum(name string) float64 {
	var sum float64
	for k, v := range m {
		if k == name || strings.HasPrefix(k, name+"{") {
			sum += v
		}
	}
	return sum
}

// Quantile is the q-quantile of a histogram over what it counted since before.
func (m Metrics) Quantile(name string, q float64, before Metrics) time.Duration {
	counts := map[float64]float64{}
	for k, v := range m {
		if rest, ok := strings.CutPrefix(k, name+"_bucket{"); ok {
			_, le, _ := strings.Cut(rest, `le="`)
			le, _, _ = strings.Cut(le, `"`)
			if bound, err := strconv.ParseFloat(strings.Replace(le, "+Inf", "Inf", 1), 64); err == nil {
				counts[bound] += v - before[k]
			}
		}
	}
	bounds := make([]float64, 0, len(counts))
	for b := range counts {
		bounds = append(bounds, b)
	}
	slices.Sort(bounds)
	if len(bounds) == 0 {
		return 0
	}
	want := counts[bounds[len(bounds)-1]] * q
	for _, b := range bounds {
		if counts[b] >= want && !math.IsInf(b, 1) {
			return time.Duration(b * float64(time.Second))
		}
	}
	return time.Duration(bounds[max(0, len(bounds)-2)] * float64(time.Second))
}

// Usage is what the process has used so far.
type Usage struct {
	CPU      time.Duration
	Resident int64 // bytes
}

// Usage reads the process's CPU time and memory.
func (s *Server) Usage() Usage {
	var u Usage
	pid := s.cmd.Process.Pid
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		user, _ := strconv.ParseInt(f[11], 10, 64)
		system, _ := strconv.ParseInt(f[12], 10, 64)
		u.CPU = time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100 on Linux
	}
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid)); err == nil {
		pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
		u.Resident = pages * int64(os.Getpagesize())
	}
	return u
}

// FsyncLatency measures how long a 4 KiB write and fsync take in dir: median and 99th percentile of 200.
func FsyncLatency(dir string) (p50, p99 time.Duration, err error) {
	f, err := os.CreateTemp(dir, "fsync")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = f.Close(); _ = os.Remove(f.Name()) }()
	block := make([]byte, 4096)
	var all []time.Duration
	for range 200 {
		began := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, 0, err
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return all[len(all)/2], all[len(all)*99/100], nil
}
