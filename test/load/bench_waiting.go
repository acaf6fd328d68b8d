package load

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"
)

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
