package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

// The network takes a PostgreSQL away without a word: a transaction ends with its deadline, and the next ones do not wait
// for what is left of the old connections.
func TestACutWireHoldsNobody(t *testing.T) {
	t.Parallel() // it waits
	wire, url := testx.NewWire(t, testx.NewPostgres(t))
	d, err := db.Open(context.Background(), url, db.Options{Queries: []string{spec.Queries}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	put := func(ctx context.Context, name string, within func()) error {
		return d.Write(ctx, func(tx db.Tx) error {
			within()
			_, err := spec.Put(ctx, tx, spec.Spec{Kind: spec.Segment, Name: name})
			return err
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	began := time.Now()
	err = put(ctx, "lost", wire.Cut)
	if took := time.Since(began); err == nil || took > 3*time.Second {
		t.Errorf("the transaction on the cut wire ended after %s with %v", took, err)
	}
	if !db.Trouble(err) || !db.Slow(err) {
		t.Errorf("%v is the store's trouble", err)
	}
	began = time.Now()
	if err := put(context.Background(), "kept", func() {}); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("the next one took %s, %v", time.Since(began), err)
	}
	// A connection that was used a moment ago is not asked before it is used again. Reading may take long, beginning may not.
	wire.Cut()
	began = time.Now()
	err = d.Read(context.Background(), func(db.Querier) error { return nil })
	if took := time.Since(began); err == nil || !db.Slow(err) || took > time.Minute {
		t.Errorf("a reader on the cut wire began after %s with %v", took, err)
	}
}

// The server lets go of the locks of a process that it does not hear of any more, and nobody waits for a lock for ever.
func TestSessionsAreBounded(t *testing.T) {
	text := `-- name: t.settings
SELECT name, setting FROM pg_settings WHERE name IN ('lock_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout') ORDER BY name;`
	url := testx.NewPostgres(t)
	for _, c := range []struct{ url, want string }{
		{url, "idle_in_transaction_session_timeout=10000 lock_timeout=15000 statement_timeout=bounded "},
		{url + "&lock_timeout=7000&statement_timeout=5000", "idle_in_transaction_session_timeout=10000 lock_timeout=7000 statement_timeout=5000 "},
	} {
		d, err := db.Open(context.Background(), c.url, db.Options{Queries: []string{text}})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = d.Read(context.Background(), func(q db.Querier) error {
			rows, err := q.Query(context.Background(), "t.settings")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var name, value string
				if err := rows.Scan(&name, &value); err != nil {
					return err
				}
				if name == "statement_timeout" && len(value) == 6 { // what is left of ten minutes
					value = "bounded"
				}
				got += name + "=" + value + " "
			}
			return rows.Err()
		})
		if err != nil || got != c.want {
			t.Errorf("%v: got %s, want %s", err, got, c.want)
		}
		_ = d.Close()
	}
}
