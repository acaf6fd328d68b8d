package journey

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// Row is one run as lists show it.
type Row struct {
	ID      heed.ID   `json:"id"`
	Journey string    `json:"journey"`
	Version int       `json:"version"`
	Person  heed.ID   `json:"person"`
	Key     string    `json:"key,omitempty"`
	Node    string    `json:"node"`
	State   string    `json:"state"` // active, paused, ended
	Entered heed.Time `json:"entered"`
	Since   heed.Time `json:"since,omitempty"`  // at the node since; 0: it has not acted there yet
	Due     heed.Time `json:"due,omitempty"`    // goes on then at the latest
	Exited  heed.Time `json:"exited,omitempty"` // when it ended
	Reason  string    `json:"reason,omitempty"` // why it ended: done, exit, goal, holdout, dropped, merged, ...
	Goal    heed.Time `json:"goal,omitempty"`   // when the goal was reached
	Steps   int       `json:"steps,omitempty"`  // how many nodes it has passed
	// Why says in a sentence what a run that has not ended is waiting for. Only [OfPerson] and [Get] fill it in.
	Why string `json:"why,omitempty"`
}

// NodeCount is how many runs stand at one node.
type NodeCount struct {
	Journey string `json:"journey"`
	Node    string `json:"node"`
	State   string `json:"state"` // active, paused
	Runs    int64  `json:"runs"`
}

// EndCount is how many runs ended for one reason, and how many of those had reached the goal.
type EndCount struct {
	Journey string `json:"journey"`
	Reason  string `json:"reason"`
	Runs    int64  `json:"runs"`
	Goals   int64  `json:"goals"`
}

// Counts tells who stands where and how runs ended since that time (0: ever). An empty journey means all of them.
func Counts(ctx context.Context, q db.Querier, journey string, since heed.Time) (here []NodeCount, ended []EndCount, err error) {
	if here, err = CountHere(ctx, q, journey); err != nil {
		return nil, nil, err
	}
	rows, err := q.Query(ctx, "journey.count_ended", journey, since)
	ended, err = db.List(rows, err, func(r db.Row) (c EndCount, err error) {
		err = r.Scan(&c.Journey, &c.Reason, &c.Runs, &c.Goals)
		return c, err
	})
	return here, ended, err
}

// CountHere tells who stands where. An empty journey means all of them.
func CountHere(ctx context.Context, q db.Querier, journey string) ([]NodeCount, error) {
	rows, err := q.Query(ctx, "journey.count_here", journey)
	return db.List(rows, err, func(r db.Row) (c NodeCount, err error) {
		err = r.Scan(&c.Journey, &c.Node, &c.State, &c.Runs)
		return c, err
	})
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Node  string
	State string // active, paused, ended
}

// MaxPage is the most rows that one page may have.
const MaxPage = 1000

// List returns the runs of a journey, the newest first, those with an id below before (zero: from the newest).
func List(ctx context.Context, q db.Querier, journey string, f Filter, before heed.ID, limit int) ([]Row, error) {
	before, limit = page(before, limit)
	if f.Node != "" && (f.State == StateActive || f.State == StatePaused) {
		return readRows(q.Query(ctx, "journey.list_here", journey, f.Node, f.State, before, limit))
	}
	return readRows(q.Query(ctx, "journey.list_runs", journey, before, f.State, f.Node, limit))
}

// OfPerson returns the runs of a person, the newest first, with what each is waiting for.
func OfPerson(ctx context.Context, q db.Querier, person, before heed.ID, limit int) ([]Row, error) {
	before, limit = page(before, limit)
	out, err := readRows(q.Query(ctx, "journey.runs_of", person, before, limit))
	if err != nil {
		return nil, err
	}
	return out, explain(ctx, q, out)
}

// Get returns one run with what it is waiting for.
func Get(ctx context.Context, q db.Querier, id heed.ID) (Row, error) {
	out, err := readRows(q.Query(ctx, "journey.get_run", id))
	if err != nil {
		return Row{}, err
	}
	if len(out) == 0 {
		return Row{}, heed.Errorf(heed.NotFound, "there is no journey run %s", id)
	}
	err = explain(ctx, q, out)
	return out[0], err
}

func page(before heed.ID, limit int) (heed.ID, int) {
	if before.IsZero() {
		for i := range before {
			before[i] = 0xff
		}
	}
	if limit <= 0 || limit > MaxPage {
		limit = MaxPage
	}
	return before, limit
}

func readRows(rows db.Rows, err error) ([]Row, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		var r Row
		if err := rows.Scan(&r.ID, &r.Journey, &r.Version, &r.Person, &r.Key, &r.Node, &r.State, &r.Entered, &r.Since, &r.Due, &r.Exited, &r.Reason, &r.Goal, &r.Steps); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// explain fills in Why from the versions that the runs are in.
func explain(ctx context.Context, q db.Querier, runs []Row) error {
	plans := map[versionOf]*plan{}
	for i := range runs {
		r := &runs[i]
		if r.State == StateEnded {
			continue
		}
		k := versionOf{r.Journey, r.Version}
		if _, had := plans[k]; !had {
			pl, err := loadVersion(ctx, q, k)
			if err != nil {
				return err
			}
			plans[k] = pl
		}
		r.Why = why(plans[k], r)
	}
	return nil
}

func loadVersion(ctx context.Context, q db.Querier, k versionOf) (*plan, error) {
	all, err := spec.Versions(ctx, q, spec.Journey, k.journey)
	if err != nil {
		return nil, err
	}
	for _, sp := range all {
		if sp.Version == k.version {
			pl, errs := compile(sp, nil)
			return pl, errors.Join(errs...)
		}
	}
	return nil, nil
}

func why(pl *plan, r *Row) string {
	if r.State == StatePaused {
		return "the journey is paused"
	}
	if r.Since == 0 {
		return "goes on here when its turn comes"
	}
	if pl == nil || pl.byID[r.Node] == nil {
		return ""
	}
	text := pl.byID[r.Node].node.why()
	if r.Due > 0 && text != "" {
		text += ", until " + r.Due.String()
	}
	return text
}

// VersionCount is how many runs are under way in one version of a journey.
type VersionCount struct {
	Version int
	Runs    int64
}

// Versions counts the runs under way by the version that they are in, the newest first.
func Versions(ctx context.Context, q db.Querier, journey string) ([]VersionCount, error) {
	rows, err := q.Query(ctx, "journey.count_versions", journey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []VersionCount
	for rows.Next() {
		var v VersionCount
		if err := rows.Scan(&v.Version, &v.Runs); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Here counts the runs under way at each node, of one version or (0) of all.
func Here(ctx context.Context, q db.Querier, journey string, version int) ([]NodeCount, error) {
	rows, err := q.Query(ctx, "journey.count_nodes", journey, version)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []NodeCount
	for rows.Next() {
		c := NodeCount{Journey: journey}
		if err := rows.Scan(&c.Node, &c.State, &c.Runs); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
