package app

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
)

// TestKeysThatAreHeldBackAreNamed: a transaction that somebody forgets on the PostgreSQL server keeps history from knowing
// whose new interactions are, though it follows them; the check says so, and since when.
func TestKeysThatAreHeldBackAreNamed(t *testing.T) {
	url := testx.NewPostgres(t)
	d, err := db.Open(t.Context(), url, db.Options{Queries: queries()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	now := heed.At(time.Now())
	at := clock.NewVirtual(now)
	k := &keysHeld{db: d, clock: at}
	key := func() {
		id := heed.NewID(now)
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			_, err := tx.Exec(t.Context(), "identity.put_changes", id[:], id[:], 0)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	said := func() string {
		if err := k.check(t.Context()); err != nil {
			return heed.MessageOf(err)
		}
		return ""
	}
	key()
	testx.AwaitKeys(t, url) // what other tests do on that server keeps keys back too
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	forgotten, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var began time.Time
	if err := forgotten.QueryRow(t.Context(), "SELECT now() FROM pg_current_xact_id()").Scan(&began); err != nil {
		t.Fatal(err)
	}
	key()
	at.Set(heed.At(began).Add(2 * time.Second))
	if got := said(); got != "" {
		t.Errorf("after two seconds: %s", got)
	}
	at.Set(heed.At(began).Add(6 * time.Second))
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		got := said()
		if strings.Contains(got, "open since "+heed.At(began).String()+":") {
			break
		}
		if !strings.Contains(got, "open since") || time.Now().After(end) { // an older one, of another test, ends by itself
			t.Fatalf("after six seconds: %q, it began at %s", got, heed.At(began))
		}
	}
	if err := forgotten.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	testx.AwaitKeys(t, url)
	for end := time.Now().Add(time.Minute); said() != ""; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("when it is over: %s", said())
		}
	}
}

// Of another role's transaction the server does not say when it began: it counts from when it was first seen.
func TestATransactionOfAnotherRoleCountsFromWhenItWasSeen(t *testing.T) {
	at := clock.NewVirtual(heed.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
	k := &keysHeld{clock: at}
	for _, step := range []struct {
		after time.Duration
		of    int64
		named bool
	}{{0, 7, false}, {4 * time.Second, 7, false}, {2 * time.Second, 7, true}, {time.Second, 8, false}, {6 * time.Second, 8, true}, {time.Second, 0, false}, {time.Second, 8, false}} {
		at.Advance(step.after)
		if err := k.judge(identity.Held{Transaction: step.of}, step.of != 0); (err != nil) != step.named {
			t.Errorf("%s: of %d: %v", at.Now(), step.of, err)
		}
	}
}
