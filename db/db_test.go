package db_test

import (
	"context"
	"errors"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

func TestWriteIsAtomicAndReadable(t *testing.T) {
	testx.Each(t, nil, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		put := func(name string, fail error) error {
			return d.WriteDurable(ctx, func(tx db.Tx) error {
				if _, err := spec.Put(ctx, tx, spec.Spec{Kind: spec.Segment, Name: name, Body: heed.RawJSON(`{"a":1}`), MadeAt: 7}); err != nil {
					return err
				}
				return fail
			})
		}
		if err := put("kept", nil); err != nil {
			t.Fatal(err)
		}
		if err := put("kept", nil); err != nil {
			t.Fatal(err)
		}
		stop := errors.New("stop")
		if err := put("lost", stop); !errors.Is(err, stop) {
			t.Fatalf("got %v", err)
		}
		err := d.Read(ctx, func(q db.Querier) error {
			got, err := spec.Latest(ctx, q, spec.Segment)
			if err != nil {
				return err
			}
			if len(got) != 1 || got[0].Name != "kept" || got[0].Version != 2 || got[0].MadeAt != 7 {
				t.Errorf("got %+v", got)
			}
			rev, err := spec.Revision(ctx, q)
			if rev != 2 {
				t.Errorf("revision %d, want 2", rev)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Stages have bugs; the store goes on when the arguments of many runs panic half-way.
func TestArgumentsThatPanicLeaveTheStoreWell(t *testing.T) {
	testx.Each(t, []string{manyQueries}, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		put := func(n, bad int) (panicked any) {
			defer func() { panicked = recover() }()
			err := d.Write(ctx, func(tx db.Tx) error {
				return tx.ExecEach(ctx, "many.put", n, func(i int) []any {
					if i == bad {
						panic("a stage has a bug")
					}
					return []any{heed.NewID(1), heed.Time(i), "kind", "name"}
				})
			})
			if err != nil {
				t.Error(err)
			}
			return nil
		}
		if put(200, 150) == nil {
			t.Error("the panic was swallowed")
		}
		if p := put(3, -1); p != nil {
			t.Error(p)
		}
		var n int
		err := d.Read(ctx, func(q db.Querier) error {
			rows, err := q.QuerySQL(ctx, "SELECT count(*) FROM person_note")
			if err != nil {
				return err
			}
			defer rows.Close()
			rows.Next()
			return rows.Scan(&n)
		})
		if err != nil || n != 3 {
			t.Errorf("%d rows, want those of the second time only; %v", n, err)
		}
	})
}
