package db_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

// One form of each statement runs for one, the other for many; on SQLite there is only the first.
const manyQueries = `
-- name: many.put
INSERT INTO person_note (person, at, kind, name, detail) VALUES ($1, $2, $3, $4, 'one');
-- name: many.put (postgres, many)
INSERT INTO person_note (person, at, kind, name, detail) SELECT *, 'many' FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[]);
-- name: many.get
SELECT person, at, name, detail FROM person_note WHERE at = $1 ORDER BY name;
-- name: many.get (postgres, many)
SELECT v.n, p.person, p.at, p.name, p.detail FROM unnest($1::bigint[]) WITH ORDINALITY v (at, n) JOIN person_note p USING (at) ORDER BY v.n, p.name;
-- name: many.count
SELECT count(*) FROM person_note WHERE detail = $1;
`

func TestManyAtOnceAreAsOneByOne(t *testing.T) {
	testx.Each(t, []string{manyQueries}, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		who := heed.NewID(1)
		for _, n := range []int{0, 1, 2500} { // of which 2,500 travel in pieces
			err := d.Write(ctx, func(tx db.Tx) error {
				args := make([]any, 4)
				err := tx.ExecEach(ctx, "many.put", 2*n, func(i int) []any { // two for each even time, none for an odd one
					args[0], args[1], args[2], args[3] = who, heed.Time(i/2*2+10*n), "kind", fmt.Sprint(i%2, `,"{}\`)
					return args
				})
				if err != nil {
					return err
				}
				var got []string
				err = tx.Each(ctx, "many.get", n, func(i int) []any { return append(args[:0], heed.Time(i+10*n)) }, func(i int, r db.Row) error {
					var id heed.ID
					var at heed.Time
					var name, detail string
					if err := r.Scan(&id, &at, &name, &detail); err != nil {
						return err
					}
					if id != who || at != heed.Time(i+10*n) {
						return fmt.Errorf("row %d is of %v at %d", i, id, at)
					}
					got = append(got, fmt.Sprint(i, name))
					return nil
				})
				if err != nil {
					return err
				}
				var want []string
				for i := 0; i < n; i += 2 {
					want = append(want, fmt.Sprint(i, `0,"{}\`), fmt.Sprint(i, `1,"{}\`))
				}
				if !slices.Equal(got, want) {
					t.Errorf("of %d: got %d rows, want %d: %.200s", n, len(got), len(want), fmt.Sprint(got))
				}
				return nil
			})
			if err != nil {
				t.Fatal(n, err)
			}
		}
		var one int
		err := d.Read(ctx, func(q db.Querier) error { return q.QueryRow(ctx, "many.count", "one").Scan(&one) })
		if err != nil || d.Dialect() == db.SQLite && one == 0 || d.Dialect() == db.Postgres && one > 2 {
			t.Errorf("%d rows were put one by one, %v", one, err)
		}
	})
}
