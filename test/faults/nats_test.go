package faults_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/internal/testx"
)

// natsCluster is three nats-server processes with JetStream.
type natsCluster struct {
	t     *testing.T
	bin   string
	dirs  [3]string
	ports [3]string // of clients
	procs [3]*exec.Cmd
}

func newNATS(t *testing.T) *natsCluster {
	t.Helper()
	dir := t.TempDir()
	c := &natsCluster{t: t, bin: filepath.Join(dir, "nats-server")}
	if err := build(c.bin, "github.com/nats-io/nats-server/v2"); err != nil {
		t.Fatal(err)
	}
	var routes [3]string
	for i := range c.procs {
		c.ports[i], routes[i] = freeAddr(t), freeAddr(t)
	}
	for i := range c.procs {
		c.dirs[i] = filepath.Join(dir, fmt.Sprint("n", i))
		if err := os.Mkdir(c.dirs[i], 0o700); err != nil {
			t.Fatal(err)
		}
		config := fmt.Sprintf(`
server_name: n%d
listen: %q
jetstream { store_dir: %q, sync_interval: always, max_mem: 64MB, max_file: 4GB }
cluster { name: faults, listen: %q, routes: ["nats-route://%s"] }
`, i, c.ports[i], filepath.Join(c.dirs[i], "js"), routes[i], strings.Join(routes[:], `", "nats-route://`))
		if err := os.WriteFile(filepath.Join(c.dirs[i], "conf"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		c.start(i)
	}
	t.Cleanup(func() {
		for i := range c.procs {
			c.kill(i)
		}
	})
	return c
}

func (c *natsCluster) start(i int) {
	c.t.Helper()
	log, err := os.OpenFile(filepath.Join(c.dirs[i], "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(c.bin, "-c", filepath.Join(c.dirs[i], "conf"))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.procs[i] = cmd
}

// kill ends a node as kill -9 does.
func (c *natsCluster) kill(i int) {
	if p := c.procs[i]; p != nil {
		_ = p.Process.Kill()
		_ = p.Wait()
		c.procs[i] = nil
	}
}

func (c *natsCluster) url() string {
	return "nats://" + c.ports[0] + ",nats://" + c.ports[1] + ",nats://" + c.ports[2]
}

// TestClusterLosesNodes runs two Heeds on one NATS cluster and one PostgreSQL, and takes away a NATS node, then a Heed,
// under load. Who is left carries on alone.
func TestClusterLosesNodes(t *testing.T) {
	rnd := dice(t)
	database := testx.NewPostgres(t)
	nats, s := newNATS(t), newSink(t)
	s.pause = 5 * time.Millisecond
	var nodes [2]*node
	for i := range nodes {
		nodes[i] = newNode(t, t.TempDir(), "--smtp-url", s.url(), "--database-url", database, "--nats-url", nats.url(), "--partitions", "4")
		nodes[i].launch() // both at once: each finds what the other one has begun to create
	}
	for _, n := range nodes {
		n.ready(60 * time.Second)
	}
	a, z := nodes[0], nodes[1]
	a.apply(brand)
	const people = 80
	if err := introduce(z.addr, people); err != nil {
		t.Fatal(err)
	}
	a.settled()
	b := newBook()
	load := &crowd{book: b, addrs: []string{a.addr, z.addr}, people: people, clients: 4, batch: 8, every: 80 * time.Millisecond, mails: 0.2, faulty: true, seed: rnd.Uint64()}
	more := func(what string, patience time.Duration) {
		t.Helper()
		began, had := time.Now(), b.ackedCount()
		until(t, patience, "events are taken "+what, func() (bool, string) { return b.ackedCount() > had+300, fmt.Sprint(b.ackedCount() - had) })
		t.Logf("300 events %s: %s", what, time.Since(began).Round(10*time.Millisecond))
	}
	load.start()
	more("with all there", 30*time.Second)
	lost := rnd.IntN(3)
	nats.kill(lost)
	more("without a NATS node", 60*time.Second)
	followed(t, a, 60*time.Second, "without a NATS node")
	nats.start(lost)
	more("with the NATS node back", 60*time.Second)

	gone, left := a, z // whoever holds partitions dies
	if a.works() < z.works() {
		gone, left = z, a
	}
	gone.kill()
	more("without the other Heed", 60*time.Second)
	followed(t, left, 60*time.Second, "without the other Heed")
	gone.start() // knows what it had in its hands
	more("with both again", 60*time.Second)
	finish(t, load)
	for _, n := range nodes {
		n.settled()
	}
	messages, m := left.messages(""), left.memory(people)
	for _, n := range nodes {
		n.stop()
	}
	for i, n := range nodes {
		t.Logf("the history of Heed %d", i+1)
		exactlyOnce(t, b, m, readHistory(t, n.dir), messages, s)
	}
}

// works is how many events this process has folded.
func (n *node) works() (sum float64) {
	n.t.Helper()
	return n.metric("heed_worker_events_total")
}

// followed waits until a process sees that the workers, wherever they are, have caught up with what is on the stream now.
func followed(t *testing.T, n *node, patience time.Duration, when string) {
	t.Helper()
	type lag struct {
		Consumer string
		Behind   int64
	}
	began := time.Now()
	var last []lag
	until(t, patience, "the workers keep up "+when, func() (bool, string) {
		var v struct{ Lag []lag }
		if err := n.call(http.MethodGet, "/api/v1/overview", nil, &v); err != nil {
			return false, err.Error()
		}
		last = v.Lag
		ok := len(last) > 0
		for _, l := range last {
			if strings.HasPrefix(l.Consumer, "worker") && l.Behind > 40 { // a second's worth, for who looks once a second
				ok = false
			}
		}
		return ok, fmt.Sprint(last)
	})
	t.Logf("the workers keep up %s: %s, %v", when, time.Since(began).Round(10*time.Millisecond), last)
}
