package faults_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// disk is a small file system of its own.
type disk struct {
	t    *testing.T
	path string
}

// newDisk mounts a tmpfs, which takes root.
func newDisk(t *testing.T, mib int) *disk {
	t.Helper()
	if os.Getuid() != 0 {
		missing(t, "mounting a small disk takes root")
	}
	d := &disk{t, t.TempDir()}
	if err := syscall.Mount("tmpfs", d.path, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0755", mib)); err != nil {
		missing(t, "mounting a small disk is not allowed here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.path, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", d.path, err)
		}
	})
	return d
}

func (d *disk) free() int64 {
	d.t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.path, &fs); err != nil {
		d.t.Fatal(err)
	}
	return int64(fs.Bavail) * fs.Bsize
}

func (d *disk) filler() string { return filepath.Join(d.path, "filler") }

// fill leaves about so many bytes free; 0 fills it to the last one.
func (d *disk) fill(leave int64) {
	d.t.Helper()
	f, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	block := make([]byte, 64<<10)
	for {
		n := min(d.free()-leave, int64(len(block)))
		if n <= 0 && leave > 0 {
			return
		}
		if _, err := f.Write(block[:max(n, 1)]); err != nil { // full
			return
		}
	}
}

// empty gives the space back.
func (d *disk) empty() {
	d.t.Helper()
	if err := os.Remove(d.filler()); err != nil {
		d.t.Fatal(err)
	}
}

// TestDiskFull fills the disk under load: first so that the reserve is touched, then to the last byte at one blow. The
// door says 503 and when to come back, /readyz says why, and with space everything goes on by itself.
func TestDiskFull(t *testing.T) {
	rnd := dice(t)
	d, s := newDisk(t, 192), newSink(t)
	n := newNode(t, d.path, "--smtp-url", s.url(), "--min-free-mb", "32", "--cache-mb", "8", "--history-mb", "64")
	n.start()
	n.apply(brand)
	const people = 60
	if err := introduce(n.addr, people); err != nil {
		t.Fatal(err)
	}
	b := newBook()
	c := &crowd{book: b, addrs: []string{n.addr}, people: people, clients: 3, batch: 10, every: 30 * time.Millisecond, mails: 0.1, seed: rnd.Uint64()}
	c.start()
	until(t, 20*time.Second, "1,000 events", func() (bool, string) { return b.ackedCount() > 1000, fmt.Sprint(b.ackedCount()) })

	d.fill(20 << 20)
	expectFull(t, n)
	d.empty()
	expectGoesOn(t, n, b, "after the reserve was touched")

	// To the last byte, faster than anybody looks; whatever is being written breaks off.
	d.fill(0)
	expectFull(t, n)
	time.Sleep(time.Duration(500+rnd.IntN(1500)) * time.Millisecond)
	d.empty()
	expectGoesOn(t, n, b, "after the disk was full")

	// So shortly that nobody looks meanwhile.
	d.fill(0)
	time.Sleep(time.Duration(100+rnd.IntN(200)) * time.Millisecond)
	d.empty()
	expectGoesOn(t, n, b, "after the disk was full for a moment")

	// And killed while it is full.
	d.fill(0)
	expectFull(t, n)
	n.kill()
	d.empty()
	n.start()
	expectGoesOn(t, n, b, "after it was killed on a full disk")
	finish(t, c)
	n.settled()
	messages, m := n.messages(""), n.memory(people)
	n.stop()
	exactlyOnce(t, b, m, readHistory(t, n.dir), messages, s)
}

// expectFull waits until the door is closed for want of space, and looks at how it says so.
func expectFull(t *testing.T, n *node) {
	t.Helper()
	until(t, 20*time.Second, "503 with Retry-After at the door", func() (bool, string) {
		res, err := http.Post("http://"+n.addr+"/v1/track?writeKey="+writeKey, "application/json",
			strings.NewReader(`{"event":"Looked","anonymousId":"somebody"}`))
		if err != nil {
			return false, err.Error()
		}
		defer func() { _ = res.Body.Close() }()
		text, _ := io.ReadAll(res.Body)
		return res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != "", fmt.Sprintf("%s %s", res.Status, text)
	})
	until(t, 20*time.Second, "/readyz says that the disk is nearly full", func() (bool, string) {
		status, body := n.readyz()
		ok, detail := n.check("stream")
		return status == http.StatusServiceUnavailable && !ok && strings.Contains(detail, "disk is nearly full"), body
	})
}

// expectGoesOn waits until the process is ready and takes events again.
func expectGoesOn(t *testing.T, n *node, b *book, when string) {
	t.Helper()
	began := time.Now()
	n.ready(30 * time.Second)
	had := b.ackedCount()
	until(t, 30*time.Second, "events are taken again "+when, func() (bool, string) {
		return b.ackedCount() > had+100, fmt.Sprintf("%d more", b.ackedCount()-had)
	})
	t.Logf("goes on %s: %s", when, time.Since(began).Round(10*time.Millisecond))
}

// TestDiskFullAtStart starts on a nearly full disk: the log must not keep to what was free then once there is space.
func TestDiskFullAtStart(t *testing.T) {
	d := newDisk(t, 128)
	n := newNode(t, d.path, "--min-free-mb", "24", "--cache-mb", "8", "--history-mb", "64", "--roles", "collect,work,api")
	d.fill(30 << 20)
	n.start()
	d.fill(20 << 20)
	expectFull(t, n)
	d.empty()
	n.ready(20 * time.Second)
	noise := make([]byte, 8<<10)
	for i := range 80 { // 40 MB that do not pack
		var body bytes.Buffer
		body.WriteString(`{"batch":[`)
		for j := range 28 {
			if j > 0 {
				body.WriteByte(',')
			}
			_, _ = rand.Read(noise)
			fmt.Fprintf(&body, `{"type":"track","event":"Big","anonymousId":"big","messageId":"big-%d-%d","properties":{"x":%q}}`, i, j, hex.EncodeToString(noise))
		}
		body.WriteString(`]}`)
		status, err := post(http.DefaultClient, n.addr, "/v1/batch", body.String())
		if err != nil || status != http.StatusOK {
			_, ready := n.readyz()
			t.Fatalf("request %d of 80 after space came free: %d, %v; %d MiB free; %s", i, status, err, d.free()>>20, ready)
		}
	}
}
