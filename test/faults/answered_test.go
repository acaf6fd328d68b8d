package faults_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel/token"
	"github.com/heedcx/heed/db"
)

// TestAnOptOutThatWasAnsweredOutlivesTheStoresCrash kills Heed the moment its page has said "done", and PostgreSQL, which
// flushes by itself only every ten seconds here, right after it. Nobody folds the stream again before we look: what was
// answered must be there, or a sender that is quicker than the worker would not know of it.
func TestAnOptOutThatWasAnsweredOutlivesTheStoresCrash(t *testing.T) {
	c := newCluster(t, "wal_writer_delay=10s", "wal_writer_flush_after=1GB")
	n := newNode(t, t.TempDir(), "--smtp-url", newSink(t).url(), "--database-url", c.url())
	n.start()
	n.apply(brand)
	if err := introduce(n.addr, 1); err != nil {
		t.Fatal(err)
	}
	id := n.person(0)
	n.settled()
	person, err := heed.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.New([]byte(strings.Repeat("s", 32)))
	if err != nil {
		t.Fatal(err)
	}
	link := "/u/" + keys.Make(token.Unsubscribe, token.Claims{Person: person, Purpose: "news", Channel: "email"})
	status, err := post(n.http, n.addr, link, "List-Unsubscribe=One-Click")
	n.kill()
	if err != nil || status != http.StatusOK {
		t.Fatalf("the page answers %d, %v", status, err)
	}
	c.run("pg_ctl", append(slices.Clone(c.start), "-m", "immediate", "restart")...)
	if got := remembered(t, c.url(), person); got != heed.Denied {
		t.Errorf("the memory says %q of what was answered as done", got)
	}
}

// remembered reads from the state store what a person's memory says of news by e-mail.
func remembered(t *testing.T, url string, person heed.ID) heed.ConsentState {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{Queries: []string{"-- name: faults.person\nSELECT doc FROM person WHERE id = $1;\n"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var doc heed.RawJSON
	if err := d.Read(ctx, func(q db.Querier) error { return q.QueryRow(ctx, "faults.person", person).Scan(&doc) }); err != nil {
		t.Fatal(err)
	}
	var p heed.Person
	if err := json.Unmarshal(doc, &p); err != nil {
		t.Fatal(err)
	}
	return p.Consents[heed.ConsentKey("news", "email")].State
}
