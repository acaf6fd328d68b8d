package profile

import (
	"context"
	"fmt"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// The number of open cases stands beside the document, so that home and the rules need not read everybody's.
func TestOpenCasesAreCounted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		opened := func(at int, id string) *heed.Event {
			return ev(heed.Track, at, "Case Opened", fmt.Sprintf(`{"case_id":%q,"title":"Late"}`, id))
		}
		closed := func(at int, id string) *heed.Event {
			return ev(heed.Track, at, "Case Closed", fmt.Sprintf(`{"case_id":%q}`, id))
		}
		between := func(typ heed.Type, at int) *heed.Event {
			return &heed.Event{Type: typ, Person: person("a"), Loser: person("z"), Timestamp: sec(at), ReceivedAt: sec(at)}
		}
		for _, step := range []struct {
			what  string
			event *heed.Event
			a, z  int
		}{
			{"opened", of("a", opened(1, "1")), 1, 0},
			{"another", of("a", opened(2, "2")), 2, 0},
			{"somebody else's", of("z", opened(3, "3")), 2, 1},
			{"closed", of("a", closed(4, "1")), 1, 1},
			{"closed again", of("a", closed(5, "1")), 1, 1},
			{"opened again", of("a", opened(6, "1")), 2, 1},
			{"merged", between(heed.PeopleMerged, 7), 3, 0},
			{"the other's is closed", of("a", closed(8, "3")), 2, 0},
			{"split", between(heed.SplitPerson, 9), 2, 1},
			{"erased", &heed.Event{Type: heed.PersonErased, Person: person("a"), Timestamp: sec(10), ReceivedAt: sec(10)}, 0, 1},
		} {
			b.process(step.event)
			if a, z := b.openCases("a"), b.openCases("z"); a != step.a || z != step.z {
				t.Errorf("%s: %d and %d open cases, want %d and %d", step.what, a, z, step.a, step.z)
			}
		}
	})
}

// openCases reads the column, not the document.
func (b *bench) openCases(user string) (n int) {
	b.t.Helper()
	err := b.d.Read(context.Background(), func(q db.Querier) error {
		rows, err := q.QuerySQL(context.Background(), "SELECT open_cases FROM person WHERE id = $1", person(user))
		if err != nil {
			return err
		}
		defer rows.Close()
		if rows.Next() {
			err = rows.Scan(&n)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}
