package load

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// join lets n people come in and wait in a journey until due, or go on at once when due has passed.
func (b *Bench) join(ctx context.Context, s *Server, n int, due time.Time) (time.Duration, error) {
	began := time.Now()
	_, err := WholePath(ctx, s, Config{Addr: s.Addr, WriteKey: WriteKey, Clients: 16, People: n, EachPerson: true, Joining: true, Due: due, Seed: 7})
	if err != nil {
		return 0, err
	}
	err = CatchUp(ctx, s)
	return time.Since(began), err
}

const waitingJourney = `kind: journey
name: waiting
trigger: {event: Joined}
entry: {limit: 1}
nodes:
  - {id: rest, wait: {trait: due_at}}
  - {id: done, update: {set: {woken: true}}}
`

func benchWaiting(ctx context.Context, b *Bench, s *Server) error {
	if err := b.start(ctx, s, waitingJourney); err != nil {
		return err
	}
	// Time enough for everybody to come in, to look at the idle server, and to start it again.
	due := time.Now().Add(time.Duration(float64(b.Million)/5_000*float64(time.Second)) + 75*time.Second)
	took, err := b.join(ctx, s, b.Million, due)
	if err != nil {
		return err
	}
	b.say("waiting", "%d people came in (identify and track each) in %s: %.0f people/s", b.Million, took.Round(time.Millisecond), float64(b.Million)/took.Seconds())
	if err := benchBriefs(ctx, b, s); err != nil {
		return err
	}
	s.Stop()
	start, err := s.Start(ctx)
	if err != nil {
		return err
	}
	time.Sleep(20 * time.Second) // what starting took is given back once nothing has happened for a while
	b.say("waiting", "start with %d people: %s; idle: %d MB", b.Million, start.Round(time.Millisecond), s.Usage().Resident>>20)
	if wait := time.Until(due); wait > 0 {
		time.Sleep(wait)
	} else {
		b.say("waiting", "(they fell due %s before this)", (-wait).Round(time.Second))
	}
	before, began := 0.0, time.Now()
	for {
		m, err := s.Metrics()
		if err != nil {
			return err
		}
		if n := m.Sum("heed_people_woken_total"); n >= float64(b.Million) {
			break
		} else if n == before && time.Since(began) > 5*time.Minute {
			return fmt.Errorf("%.0f of %d people were woken, and no more come", n, b.Million)
		} else {
			before = n
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.say("waiting", "%d waiting journey runs that fell due together: worked off in %s", b.Million, time.Since(began).Round(100*time.Millisecond))
	return nil
}

// How many briefs of how many people are read, and how often: within the rate limit of one API key.
const (
	briefPeople = 500
	briefs      = 1500
	briefEvery  = 12 * time.Millisecond
)

// benchBriefs reads briefs while events come in.
func benchBriefs(ctx context.Context, b *Bench, s *Server) error {
	load, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() {
		_, failed = checked(Run(load, Config{Addr: s.Addr, WriteKey: WriteKey, Clients: 4, People: b.Million, Rate: 5000, Duration: 20 * time.Second, Seed: 9}))
	})
	var ids []string
	for i := range briefPeople {
		var p struct{ ID string }
		id := fmt.Sprintf("user_id:u%09d", i*(b.Million/briefPeople))
		if err := s.Get("/api/v1/people?identifier="+url.QueryEscape(id), &p); err != nil {
			return err
		}
		ids = append(ids, p.ID)
	}
	var all []time.Duration
	pace := time.NewTicker(briefEvery)
	defer pace.Stop()
	for range briefs {
		<-pace.C
		one := time.Now()
		if err := s.Get("/api/v1/people/"+ids[len(all)%len(ids)]+"/brief", nil); err != nil {
			return err
		}
		all = append(all, time.Since(one))
	}
	stop()
	wg.Wait()
	slices.Sort(all)
	b.say("waiting", "brief among %d people while 5,000 events/s come in: p50 %s, p99 %s", b.Million, ms(all[len(all)/2]), ms(all[len(all)*99/100]))
	return failed
}

const mailJourney = `kind: journey
name: mailing
trigger: {event: Joined}
entry: {limit: 1}
nodes:
  - {id: rest, wait: {trait: due_at}}
  - {id: mail, message: {channel: email, purpose: orders, template: mail}}
`

func benchMails(ctx context.Context, b *Bench, s *Server) error {
	sink, err := NewMailSink()
	if err != nil {
		return err
	}
	defer sink.Close()
	s.env = append(s.env, "HEED_SMTP_URL=smtp://"+sink.Addr+"?tls=none&pool=8&reuse=100000")
	if err := b.start(ctx, s, mailJourney); err != nil {
		return err
	}
	due := time.Now().Add(time.Duration(float64(b.Mails)/4_000*float64(time.Second)) + 10*time.Second)
	if _, err := b.join(ctx, s, b.Mails, due); err != nil {
		return err
	}
	if wait := time.Until(due); wait > 0 {
		time.Sleep(wait)
	}
	began := time.Now()
	for last, still := int64(0), time.Now(); sink.Count() < int64(b.Mails); time.Sleep(20 * time.Millisecond) {
		if n := sink.Count(); n != last {
			last, still = n, time.Now()
		} else if time.Since(still) > time.Minute {
			return fmt.Errorf("%d of %d mails came, and no more come", n, b.Mails)
		}
	}
	took := time.Since(began)
	b.say("mails", "%d governed sends, each decided, reserved, recorded: %s, %.0f messages/s", b.Mails, took.Round(10*time.Millisecond), float64(b.Mails)/took.Seconds())
	return nil
}

func benchImport(ctx context.Context, b *Bench, s *Server) error {
	file, mapping, err := writePeople(s.Dir, importPeople)
	if err != nil {
		return err
	}
	took, _, err := b.runImport(ctx, s, file, mapping)
	if err != nil {
		return err
	}
	b.say("import", "%d people from a CSV file, folded and in history: %s, %.0f people/s", importPeople, took.Round(10*time.Millisecond), importPeople/took.Seconds())
	if b.Import == "" {
		b.say("import", "no other file: name one with --import and its mapping with --map")
		return nil
	}
	took, said, err := b.runImport(ctx, s, b.Import, b.Mapping)
	if err != nil {
		return err
	}
	b.say("import", "%s, folded and in history: %s (%s)", filepath.Base(b.Import), took.Round(10*time.Millisecond), said)
	return nil
}

// runImport imports a file into a data folder of its own and returns how long that took, start and stop included, and the
// last line that heed said.
func (b *Bench) runImport(ctx context.Context, s *Server, file, mapping string) (time.Duration, string, error) {
	dir, err := os.MkdirTemp(s.Dir, "import-")
	if err != nil {
		return 0, "", err
	}
	began := time.Now()
	out, err := s.Alone(ctx, "import", file, "--map", mapping, "--data", filepath.Join(dir, "data"), "--rejects", filepath.Join(dir, "rejects.csv"))
	if err != nil {
		return 0, "", err
	}
	said := strings.TrimSpace(out)
	return time.Since(began), strings.TrimSpace(said[strings.LastIndexAny(said, "\r\n")+1:]), nil
}

// benchLong compares the CPU cost of an event when many are stored with that when few are.
func benchLong(ctx context.Context, b *Bench, s *Server) error {
	if b.Long == 0 {
		b.say("long", "left out: name the number of stored events with --long 20000000")
		return nil
	}
	if err := b.start(ctx, s); err != nil {
		return err
	}
	var first Sustained
	c := Config{Addr: s.Addr, WriteKey: WriteKey, Clients: 16, People: b.People, Duration: 10 * time.Second}
	for seed := uint64(1); ; seed++ {
		c.Seed = seed
		r, err := WholePath(ctx, s, c)
		if err != nil {
			return err
		}
		m, err := s.Metrics()
		if err != nil {
			return err
		}
		stored := m.Sum("heed_worker_events_total")
		if first.CPU == 0 && stored >= float64(b.Long)/20 {
			first = r
			b.say("long", "at %.0f stored events: %s CPU an event", stored, r.CPU.Round(100*time.Nanosecond))
		}
		if stored >= float64(b.Long) {
			b.say("long", "at %.0f stored events: %s CPU an event, %.2f times as much", stored, r.CPU.Round(100*time.Nanosecond), float64(r.CPU)/float64(first.CPU))
			return nil
		}
	}
}
