package ledger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/stream"
)

// rig is the ledger between a small profile and a journey that only listens, on a virtual clock.
type rig struct {
	t       testing.TB
	d       db.DB
	clock   *clock.Virtual
	led     *ledger.Ledger
	eng     *stream.Engine
	prof    *profile
	notices []heed.Event

	mu      sync.Mutex
	decided []heed.Event
}

// noon is a Wednesday in winter, when Lisbon keeps UTC.
var noon = heed.At(time.Date(2026, 1, 14, 12, 0, 0, 0, time.UTC))

func queries() []string { return []string{stream.Queries, ledger.Queries} }

// clear empties the store for the next case: a database of its own for each would take longer than all cases.
func (r *rig) clear() {
	for _, table := range []string{"message", "decision", "spec", "stream_fact", "test_person"} {
		r.exec("DELETE FROM " + table)
	}
	r.exec("UPDATE spec_revision SET revision = 0")
}

func newRig(t testing.TB, d db.DB, c *clock.Virtual) *rig {
	r := &rig{t: t, d: d, clock: c, prof: &profile{do: map[string]func(*heed.Person){}}}
	r.exec(`CREATE TABLE IF NOT EXISTS test_person (id ` + blob(d) + ` PRIMARY KEY, wake BIGINT NOT NULL, doc TEXT NOT NULL)`)
	r.restart("one")
	return r
}

func blob(d db.DB) string {
	if d.Dialect() == db.Postgres {
		return "BYTEA"
	}
	return "BLOB"
}

// restart makes everything anew, as after a crash.
func (r *rig) restart(owner string) {
	r.led = ledger.New(ledger.Options{DB: r.d, Clock: r.clock, People: people{}, Owner: owner, Notify: func(_ context.Context, e []heed.Event) error {
		r.notices = append(r.notices, e...)
		return nil
	}})
	r.eng = &stream.Engine{DB: r.d, Clock: r.clock, Stages: []stream.Stage{r.prof, listener{r}, r.led.Stage()}, Sleepers: people{}}
}

func (r *rig) exec(sql string, args ...any) {
	r.t.Helper()
	err := r.d.Write(context.Background(), func(tx db.Tx) error { return run(tx, sql, args...) })
	if err != nil {
		r.t.Fatal(err)
	}
}

func run(tx db.Tx, sql string, args ...any) error {
	rows, err := tx.QuerySQL(context.Background(), sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// specs puts documents in force: "kind name" -> body.
func (r *rig) specs(docs map[string]string) {
	r.t.Helper()
	err := r.d.Write(context.Background(), func(tx db.Tx) error {
		for k, body := range docs {
			var kind, name string
			_, _ = fmt.Sscan(k, &kind, &name)
			if _, err := spec.Put(context.Background(), tx, spec.Spec{Kind: kind, Name: name, Body: heed.RawJSON(body), MadeAt: r.clock.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// basics are the purposes of most tests.
func (r *rig) basics(more map[string]string) {
	docs := map[string]string{
		"purpose news":     `{"class":"marketing","consent":"opt_in"}`,
		"purpose offers":   `{"class":"marketing","consent":"none","selling":true}`,
		"purpose orders":   `{"class":"service","consent":"none"}`,
		"purpose security": `{"class":"service_critical","consent":"none"}`,
	}
	for k, v := range more {
		docs[k] = v
	}
	r.specs(docs)
}

// put stores a person.
func (r *rig) put(p *heed.Person) {
	r.t.Helper()
	err := r.d.Write(context.Background(), func(tx db.Tx) error { return people{}.Save(context.Background(), tx, []*heed.Person{p}) })
	if err != nil {
		r.t.Fatal(err)
	}
}

// ana is reachable and has asked for news by email.
func ana(id byte) *heed.Person {
	return &heed.Person{ID: heed.ID{id},
		Traits:      map[string]heed.Trait{"email": {Value: `"ana@example.org"`}, "phone": {Value: `"+351900000000"`}},
		Consents:    map[string]heed.Consent{"news/email": {State: heed.Granted, At: 1}},
		Preferences: heed.Preferences{Zone: "Europe/Lisbon"},
	}
}

func (r *rig) person(id heed.ID) *heed.Person {
	r.t.Helper()
	var p *heed.Person
	err := r.d.Write(context.Background(), func(tx db.Tx) error {
		got, err := people{}.Load(context.Background(), tx, []heed.ID{id})
		p = got[id]
		return err
	})
	if err != nil || p == nil {
		r.t.Fatal("no such person", err)
	}
	return p
}

func (r *rig) process(events ...*heed.Event) {
	r.t.Helper()
	if err := r.eng.Process(context.Background(), events, nil); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) wakeAll() {
	r.t.Helper()
	for range 100 {
		n, err := r.eng.WakeDue(context.Background(), r.clock.Now(), 1000)
		if err != nil {
			r.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	r.t.Fatal("somebody is woken again and again")
}

func (r *rig) at(t time.Time) { r.clock.Set(heed.At(t)); r.wakeAll() }

// wanted is a MessageWanted event for one message.
func wanted(p heed.ID, id byte, channel, purpose string, more ...func(*heed.Intent)) *heed.Event {
	in := &heed.Intent{ID: heed.ID{0xaa, id}, Person: p, Channel: channel, Purpose: purpose, By: "journey"}
	for _, f := range more {
		f(in)
	}
	return &heed.Event{Type: heed.MessageWanted, Person: p, Ref: in.ID, Intent: in}
}

func mid(id byte) heed.ID { return heed.ID{0xaa, id} }

func (r *rig) claim(channel string) []heed.Claimed {
	r.t.Helper()
	got, err := r.led.Claim(context.Background(), channel, 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

func (r *rig) state(id heed.ID) heed.MessageState {
	r.t.Helper()
	s, err := r.led.Story(context.Background(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return s.Message.State
}

// expect checks a message's state and the reason of its latest decision.
func (r *rig) expect(id heed.ID, state heed.MessageState, reason string) {
	r.t.Helper()
	s, err := r.led.Story(context.Background(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	last := ledger.Row{}
	if len(s.Decisions) > 0 {
		last = s.Decisions[len(s.Decisions)-1]
	}
	if s.Message.State != state || s.Message.Reason != reason || last.Reason != reason {
		r.t.Errorf("message %s is %s (%s, latest decision %s %q), want %s (%s)", id, s.Message.State, s.Message.Reason, last.Reason, last.Text, state, reason)
	}
}

// listener notes what journeys would hear.
type listener struct{ r *rig }

func (listener) Name() string                                      { return "listener" }
func (listener) Begin(context.Context, db.Tx, *stream.Batch) error { return nil }
func (listener) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }
func (l listener) Apply(_ *stream.Batch, _ *heed.Person, e *heed.Event) {
	if e.Type == heed.MessageDecided {
		l.r.mu.Lock()
		l.r.decided = append(l.r.decided, *e)
		l.r.mu.Unlock()
	}
}

// profile keeps documents in a table of its own. A Track event does what do has under its name.
type profile struct{ do map[string]func(*heed.Person) }

func (*profile) Name() string { return "profile" }

func (*profile) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	var ids []heed.ID
	for _, e := range b.Events {
		for _, id := range []heed.ID{e.Person, e.Loser} {
			if !id.IsZero() {
				ids = append(ids, id)
			}
		}
	}
	got, err := people{}.Load(ctx, tx, ids)
	for _, id := range ids {
		p := got[id]
		if p == nil {
			p = &heed.Person{ID: id}
		}
		b.People[id] = p
	}
	return err
}

func (f *profile) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	switch e.Type {
	case heed.Wake:
		p.Wake, p.Dirty = 0, true
	case heed.Track:
		if do := f.do[e.Name]; do != nil && p != nil {
			do(p)
			p.Dirty = true
		}
	case heed.PeopleMerged:
		loser := b.People[e.Loser]
		for k, c := range loser.Consents {
			if c.State == heed.Denied {
				p.Consents[k] = c
			}
		}
		p.Dirty = true
	case heed.PersonErased:
		p.Traits, p.Pending, p.Contacts, p.Dirty = nil, nil, nil, true
	}
}

func (*profile) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	var dirty []*heed.Person
	for _, p := range b.People {
		if p.Dirty {
			dirty = append(dirty, p)
		}
	}
	return people{}.Save(ctx, tx, dirty)
}

type people struct{}

func (people) Load(ctx context.Context, tx db.Tx, ids []heed.ID) (map[heed.ID]*heed.Person, error) {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	sql := "SELECT id, wake, doc FROM test_person WHERE id IN (SELECT decode(v, 'hex') FROM jsonb_array_elements_text($1::text::jsonb) AS t(v)) ORDER BY id FOR UPDATE"
	if tx.Dialect() == db.SQLite {
		sql = "SELECT id, wake, doc FROM test_person WHERE id IN (SELECT unhex(value) FROM json_each($1))"
	}
	rows, err := tx.QuerySQL(ctx, sql, db.JSON(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[heed.ID]*heed.Person{}
	for rows.Next() {
		p := &heed.Person{}
		var id heed.ID
		var wake heed.Time
		var doc string
		if err := rows.Scan(&id, &wake, &doc); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(doc), p); err != nil {
			return nil, err
		}
		p.ID, p.Wake, p.Rev = id, wake, 1
		out[id] = p
	}
	return out, rows.Err()
}

func (people) Save(_ context.Context, tx db.Tx, ps []*heed.Person) error {
	slices.SortFunc(ps, func(a, b *heed.Person) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for _, p := range ps {
		doc, err := json.Marshal(p)
		if err != nil {
			return err
		}
		err = run(tx, "INSERT INTO test_person (id, wake, doc) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET wake = excluded.wake, doc = excluded.doc",
			p.ID, p.Wake, string(doc))
		if err != nil {
			return err
		}
	}
	return nil
}

func (people) Due(ctx context.Context, tx db.Tx, now heed.Time, limit int) ([]heed.ID, error) {
	lock := ""
	if tx.Dialect() == db.Postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	return db.IDs(tx.QuerySQL(ctx, "SELECT id FROM test_person WHERE wake > 0 AND wake <= $1 ORDER BY wake LIMIT $2"+lock, now, limit))
}
