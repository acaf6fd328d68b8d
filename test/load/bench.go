package load

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Bench measures the real binary step by step and prints each result as it comes.
type Bench struct {
	Bin      string // the heed binary
	Dir      string // a folder on the disk to measure
	Out      io.Writer
	Env      []string      // for the server: engines, fsync delay
	Sustain  time.Duration // of each sustained step
	People   int           // in the sessions
	Million  int           // people who wait in a journey, and among whom briefs are read
	Mails    int           // messages that fall due together
	Long     int           // stored events at which the cost of an event is compared with that at a twentieth; 0: not
	Import   string        // a file for heed import, "" for none
	Mapping  string
	Only     []string // names of steps; empty: all
	Keep     bool     // leave the data folders, and say where they are
	failures []string
}

// step is one measurement on a server of its own.
type step struct {
	name string
	run  func(ctx context.Context, b *Bench, s *Server) error
	env  []string
}

var steps = []step{
	{"collect", benchCollect, []string{"HEED_ROLES=collect,api"}},
	{"path", benchPath, nil},
	{"waiting", benchWaiting, nil},
	{"mails", benchMails, nil},
	{"import", benchImport, nil},
	{"long", benchLong, nil},
}

// Steps are the names of all steps.
func Steps() []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.name)
	}
	return out
}

// Run runs the steps. It goes on after one that fails and says so at the end.
func (b *Bench) Run(ctx context.Context) error {
	p50, p99, err := FsyncLatency(b.Dir)
	if err != nil {
		return err
	}
	b.say("disk", "4 KiB write and fsync: p50 %s, p99 %s", p50.Round(time.Microsecond), p99.Round(time.Microsecond))
	for _, st := range steps {
		if len(b.Only) > 0 && !slices.Contains(b.Only, st.name) || ctx.Err() != nil {
			continue
		}
		if err := b.step(ctx, st); err != nil {
			b.failures = append(b.failures, st.name)
			b.say(st.name, "FAILED: %v", err)
		}
	}
	if len(b.failures) > 0 {
		return fmt.Errorf("these steps failed: %s", strings.Join(b.failures, ", "))
	}
	return ctx.Err()
}

func (b *Bench) step(ctx context.Context, st step) error {
	dir, err := os.MkdirTemp(b.Dir, "heed-bench-")
	if err != nil {
		return err
	}
	if b.Keep {
		b.say(st.name, "keeps its data in %s", filepath.Join(dir, "data"))
	} else {
		defer func() { _ = os.RemoveAll(dir) }()
	}
	s, err := NewServer(b.Bin, dir, append(slices.Clone(b.Env), st.env...)...)
	if err != nil {
		return err
	}
	defer s.Stop()
	return st.run(ctx, b, s)
}

func (b *Bench) say(step, format string, args ...any) {
	_, _ = fmt.Fprintf(b.Out, "%-10s %s\n", step, fmt.Sprintf(format, args...))
}

// start starts the server with the brand under load and more documents.
func (b *Bench) start(ctx context.Context, s *Server, more ...string) error {
	if _, err := s.Start(ctx); err != nil {
		return err
	}
	path, err := WriteSpecs(s.Dir, more...)
	if err != nil {
		return err
	}
	if _, err = s.Run(ctx, "apply", path); err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // the doors read specs once a second
	return nil
}

func benchCollect(ctx context.Context, b *Bench, s *Server) error {
	took, err := s.Start(ctx)
	if err != nil {
		return err
	}
	b.say("collect", "start, empty: %s", took.Round(time.Millisecond))
	base := Config{Addr: s.Addr, WriteKey: WriteKey, Clients: 32, People: b.People, Duration: b.Sustain}
	full, err := checked(Run(ctx, base))
	if err != nil {
		return err
	}
	b.say("collect", "acked after fsync, 100 events a request, 32 clients: %.0f events/s, p50 %s, p99 %s", full.Rate(), ms(full.Quantile(0.5)), ms(full.Quantile(0.99)))
	half := base
	half.Rate, half.Seed = full.Rate()/2, 1
	r, err := checked(Run(ctx, half))
	if err != nil {
		return err
	}
	b.say("collect", "at half of that: p50 %s, p99 %s", ms(r.Quantile(0.5)), ms(r.Quantile(0.99)))
	single := base
	single.Single, single.Clients, single.Seed = true, 64, 2
	if r, err = checked(Run(ctx, single)); err != nil {
		return err
	}
	b.say("collect", "one event a request, 64 clients: %.0f requests/s, p50 %s, p99 %s", r.Rate(), ms(r.Quantile(0.5)), ms(r.Quantile(0.99)))
	return nil
}

func checked(r Result, err error) (Result, error) {
	if err == nil && r.Errors > 0 {
		err = fmt.Errorf("%d of %d requests were refused: %s", r.Errors, r.Requests, r.LastError)
	}
	return r, err
}

func ms(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

func benchPath(ctx context.Context, b *Bench, s *Server) error {
	if err := b.start(ctx, s); err != nil {
		return err
	}
	c := Config{Addr: s.Addr, WriteKey: WriteKey, Clients: 16, People: b.People, Duration: b.Sustain}
	all := c
	all.EachPerson, all.Seed = true, 1
	if _, err := WholePath(ctx, s, all); err != nil { // everybody is known before it counts
		return err
	}
	if err := CatchUp(ctx, s); err != nil {
		return err
	}
	c.Seed = 2
	r, err := WholePath(ctx, s, c)
	if err != nil {
		return err
	}
	b.say("path", "to decisions and history, 25 segments, 5 journeys, governor on, %s: %.0f events/s folded, %.0f into history, %s CPU an event, %d MB",
		b.Sustain, r.Folded, r.History, r.CPU.Round(100*time.Nanosecond), r.Resident>>20)
	if err := CatchUp(ctx, s); err != nil {
		return err
	}
	c.Seed, c.Rate, c.Clients = 3, 10_000, 4
	if r, err = WholePath(ctx, s, c); err != nil {
		return err
	}
	b.say("path", "event to decision at 10,000 events/s: p50 %s, p99 %s (receipt to commit)", ms(r.P50), ms(r.P99))
	return nil
}
