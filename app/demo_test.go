package app_test

import (
	"context"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/db"
)

// Its password stands in the source.
func TestTheDemoListensOnThisMachineOnly(t *testing.T) {
	w := boot(t, config(t, "", func(c *app.Config) { c.Addr = "0.0.0.0:0" }))
	if err := w.StartDemo(context.Background()); heed.CodeOf(err) != heed.Invalid {
		t.Errorf("it starts for everybody: %v", err)
	}
}

// The demo brand has a past: people in most stages, and nobody is written to about it.
func TestTheDemoHasAPast(t *testing.T) {
	w := boot(t, config(t, "", nil))
	if err := w.StartDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	people, err := w.PeopleCount(t.Context())
	if err != nil || people < 300 {
		t.Fatalf("%d people, %v", people, err)
	}
	stages, messages := map[string]bool{}, 0
	err = w.DB.Read(t.Context(), func(q db.Querier) error {
		rows, err := q.QuerySQL(t.Context(), "SELECT DISTINCT stage FROM person")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			stages[s] = true
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
		all, err := q.QuerySQL(t.Context(), "SELECT COUNT(*) FROM message")
		if err != nil {
			return err
		}
		defer all.Close()
		if all.Next() {
			return all.Scan(&messages)
		}
		return all.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) < 6 || messages > 20 {
		t.Errorf("stages %v, %d messages", stages, messages)
	}
}
