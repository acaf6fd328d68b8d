package rules

import (
	"context"
	"fmt"
	"testing"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

// What segment's Builder and Previewer ask of history, asked of DuckDB.
func TestSQLHistory(t *testing.T) {
	h := openHistory(t)
	key := func(i int) heed.ID { return heed.MakeID(now, [10]byte{byte(i)}) }
	for i := 1; i <= 5; i++ {
		exec(t, h, "INSERT INTO keymap VALUES (?, ?)", key(i).String(), key(i/2).String()) // 2 and 3 are one, 4 and 5
		for seq := 1; seq <= i; seq++ {
			exec(t, h, "INSERT INTO event VALUES (?, ?, 'track', 'A', '', '', '', '', '', '{\"n\":1}', 0, ?, 0)", key(i).String(), int64(now)-int64(seq), seq)
		}
	}
	exec(t, h, "INSERT INTO event VALUES (?, ?, 'track', 'A', '', '', '', '', '', NULL, -1, 1, 0)", key(1).String(), int64(now)) // a derived fact
	exec(t, h, "INSERT INTO event VALUES (NULL, ?, 'track', 'A', '', '', '', '', '', NULL, 0, 1, 0)", int64(now))                // of nobody
	history := segment.SQLHistory{
		Dialect: rule.DuckDB,
		Query: func(ctx context.Context, sql string, args []any, row func(scan func(dest ...any) error) error) error {
			rows, err := h.QueryContext(ctx, sql, args...)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				err := row(func(dest ...any) error {
					var id duckdb.UUID
					to := dest[0].(*heed.ID)
					dest[0] = &id
					err := rows.Scan(dest...)
					*to = heed.ID(id)
					return err
				})
				if err != nil {
					return err
				}
			}
			return rows.Err()
		},
		Position: func(context.Context) (stream.Position, error) { return stream.Position{0: 5}, nil },
	}
	ctx := context.Background()
	r, err := rule.Parse(`did "A" at least 2 times within 1d where properties.n = 1`)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for c, err := range history.Counters(ctx, r.Counters(), stream.Position{0: 3}, key(2)) {
		if err != nil {
			t.Fatal(err)
		}
		got += fmt.Sprintf("%d:%d%v ", c.Key[6]&15, c.N, len(c.Recent))
	}
	if want := "3:32 4:32 5:32 "; got != want { // three events up to the position, two times kept
		t.Errorf("got %q, want %q", got, want)
	}
	for range history.Counters(ctx, r.Counters(), stream.Position{0: 3}, heed.ID{}) {
		break // whoever has seen enough may stop
	}
	n, sample, err := history.People(ctx, r, now, 1)
	if err != nil || n != 2 || len(sample) != 1 || sample[0] != key(1) {
		t.Errorf("people: %d %v %v", n, sample, err)
	}
}
