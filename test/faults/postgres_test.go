package faults_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cluster is a PostgreSQL of the test's own.
type cluster struct {
	t     *testing.T
	bin   string
	dir   string
	port  string
	as    *syscall.SysProcAttr // initdb refuses to run as root
	start []string
}

// newCluster starts it; settings are added to the server's, such as "fsync=off".
func newCluster(t *testing.T, settings ...string) *cluster {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		missing(t, "PostgreSQL's programs are not there: run scripts/deps")
	}
	slices.Sort(found)
	_, port, _ := net.SplitHostPort(freeAddr(t))
	// Not in t.TempDir: the user postgres could not reach it.
	dir, err := os.MkdirTemp("", "heed-faults-postgres")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	c := &cluster{t: t, bin: filepath.Dir(found[len(found)-1]), dir: dir, port: port}
	if os.Getuid() == 0 {
		c.becomePostgres()
	}
	c.run("initdb", "-D", c.dir, "-U", "heed", "-A", "trust", "-E", "UTF8", "--no-sync")
	// fsync stays on: what is lost with a crash of PostgreSQL is what asynchronous commits lose.
	options := "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=64MB"
	for _, one := range settings {
		options += " -c " + one
	}
	c.start = []string{"-D", c.dir, "-w", "-l", filepath.Join(c.dir, "log"), "-o", options}
	c.run("pg_ctl", append(c.start, "start")...)
	t.Cleanup(func() { c.run("pg_ctl", "-D", c.dir, "-m", "immediate", "-w", "stop") })
	return c
}

func (c *cluster) becomePostgres() {
	c.t.Helper()
	u, err := user.Lookup("postgres")
	if err != nil {
		missing(c.t, "there is no user postgres: run scripts/deps")
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(c.dir, uid, gid); err != nil {
		c.t.Fatal(err)
	}
	c.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func (c *cluster) run(program string, args ...string) {
	c.t.Helper()
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.SysProcAttr, cmd.Dir = c.as, "/"
	// A file: the server that pg_ctl leaves behind would keep a pipe open.
	out, err := os.Create(filepath.Join(c.t.TempDir(), "out"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		c.t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, said)
	}
}

func (c *cluster) url() string {
	return "postgres://heed@127.0.0.1:" + c.port + "/postgres?sslmode=disable"
}

// TestPostgresRestarted crashes PostgreSQL under load, in the middle of batches: what it had not flushed yet is gone, and
// must come again from the stream. Then it is away for a while: events are taken all the same.
func TestPostgresRestarted(t *testing.T) {
	rnd := dice(t)
	c, s := newCluster(t), newSink(t)
	s.pause = 5 * time.Millisecond
	n := newNode(t, t.TempDir(), "--smtp-url", s.url(), "--database-url", c.url())
	n.start()
	n.apply(brand)
	const people = 80
	if err := introduce(n.addr, people); err != nil {
		t.Fatal(err)
	}
	n.settled()
	b := newBook()
	load := &crowd{book: b, addrs: []string{n.addr}, people: people, clients: 4, batch: 15, every: 40 * time.Millisecond, mails: 0.2, faulty: true, seed: rnd.Uint64()}
	load.start()
	for range rounds(t, 4) {
		time.Sleep(time.Duration(300+rnd.IntN(1200)) * time.Millisecond)
		c.run("pg_ctl", append(slices.Clone(c.start), "-m", "immediate", "restart")...)
	}

	c.run("pg_ctl", "-D", c.dir, "-m", "immediate", "-w", "stop")
	until(t, 20*time.Second, "/readyz names the state store", func() (bool, string) {
		status, body := n.readyz()
		ok, detail := n.check("state store")
		return status == 503 && !ok && detail != "", body
	})
	acked := b.ackedCount()
	until(t, 20*time.Second, "events are taken without the state store", func() (bool, string) {
		return b.ackedCount() > acked+500, fmt.Sprint(b.ackedCount() - acked)
	})
	c.run("pg_ctl", append(slices.Clone(c.start), "start")...)
	began := time.Now()
	n.ready(30 * time.Second)
	t.Logf("ready %s after PostgreSQL was back", time.Since(began).Round(10*time.Millisecond))
	finish(t, load)
	n.settled()
	messages, m := n.messages(""), n.memory(people)
	n.stop()
	exactlyOnce(t, b, m, readHistory(t, n.dir), messages, s)
}
