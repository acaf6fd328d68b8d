package segment

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// refresh brings the stage up to what is stored. The first worker that sees a new revision of the specs registers
// what it needs, in its own transaction; all others find it done. A tick counts every change of it.
func (s *Stage) refresh(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	var revision, tick, cutting int64
	if err := tx.QueryRow(ctx, "segment.state").Scan(&revision, &tick, &cutting); err != nil {
		return err
	}
	claimed := int64(0)
	if revision < b.Revision {
		var err error
		if claimed, err = tx.Exec(ctx, "segment.claim", b.Revision); err != nil {
			return err
		}
		if claimed > 0 {
			if err := s.register(ctx, tx, b); err != nil {
				return err
			}
		}
		if err := tx.QueryRow(ctx, "segment.state").Scan(&revision, &tick, &cutting); err != nil {
			return err
		}
	}
	for s.set == nil || s.tick != tick {
		set, err := s.load(ctx, tx, b.Rebuild)
		if err != nil {
			return err
		}
		s.set, s.tick = set, tick
		s.dirty = make([]uint64, len(set.all))
		// On PostgreSQL each statement sees what has been committed by then. What was loaded counts only if it is
		// from one moment: otherwise we would count what we have made no cut for.
		if err := tx.QueryRow(ctx, "segment.state").Scan(&revision, &tick, &cutting); err != nil {
			return err
		}
	}
	if claimed > 0 {
		s.tick = -1 // this transaction may be rolled back, and its tick come to mean something else: read again
	}
	if cutting > 0 {
		return cut(ctx, tx, b)
	}
	return nil
}

// cut notes, for the builds that begin, from where on this worker counts live: from the first event of the batch.
func cut(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	first := map[int]uint64{}
	for _, e := range b.Events {
		if e.Seq == 0 || e.Type.Derived() {
			continue
		}
		if seq, ok := first[e.Partition]; !ok || e.Seq < seq {
			first[e.Partition] = e.Seq
		}
	}
	for part, seq := range first {
		if _, err := tx.Exec(ctx, "segment.cut", part, seq-1); err != nil {
			return err
		}
	}
	return nil
}

// wanted is what the specs of the moment ask for.
type wanted struct {
	nodes    []node
	counters []rule.CounterSpec
	known    map[string]bool
}

func (s *Stage) wanted(ctx context.Context, q db.Querier) (*wanted, error) {
	w := &wanted{known: map[string]bool{}}
	segments, err := spec.Latest(ctx, q, spec.Segment)
	if err != nil {
		return nil, err
	}
	for _, sp := range segments {
		w.known[sp.Name] = true
		body, err := spec.Decode[Spec](sp)
		if err != nil || body.Rule == nil || body.Rule.Deps().Triggering { // stored before it was checked
			s.log.Error("a segment stands still: its spec cannot be used", "segment", sp.Name, "error", err)
			continue
		}
		w.nodes = append(w.nodes, node{name: sp.Name, rule: body.Rule, loud: body.EnterExisting, deps: body.Rule.Deps()})
		w.counters = append(w.counters, body.Rule.Counters()...)
	}
	ladder, err := s.ladder(ctx, q)
	if err != nil {
		return nil, err
	}
	n := node{rungs: ladder.Stages}
	for _, r := range ladder.Stages {
		d := r.Rule.Deps()
		n.deps.Counters = append(n.deps.Counters, d.Counters...)
		n.deps.Traits = append(n.deps.Traits, d.Traits...)
		n.deps.Segments = append(n.deps.Segments, d.Segments...)
		n.deps.Aspects |= d.Aspects &^ rule.AspectStage
		n.deps.Timed = n.deps.Timed || d.Timed
		w.counters = append(w.counters, r.Rule.Counters()...)
	}
	w.nodes = append(w.nodes, n)
	for _, src := range s.sources {
		more, err := src.Counters(ctx, q)
		if err != nil {
			return nil, err
		}
		w.counters = append(w.counters, more...)
	}
	w.counters = rule.Union(w.counters)
	return w, nil
}

func (s *Stage) ladder(ctx context.Context, q db.Querier) (Ladder, error) {
	own, err := spec.Latest(ctx, q, spec.Lifecycle)
	if err != nil || len(own) == 0 {
		return DefaultLadder(), err
	}
	body, err := spec.Decode[Ladder](own[0])
	usable := err == nil && len(body.Stages) > 0
	for _, r := range body.Stages {
		usable = usable && r.Rule != nil && r.Name != "" && !r.Rule.Deps().Triggering
	}
	if !usable {
		s.log.Error("the lifecycle cannot be used; the shipped one is", "lifecycle", own[0].Name, "error", err)
		return DefaultLadder(), nil
	}
	return body, nil
}

// text is what tells whether a node means the same as before.
func (n *node) text() string {
	if n.rule != nil {
		return n.rule.String()
	}
	t := ""
	for _, r := range n.rungs {
		t += r.Name + ": " + r.Rule.String() + "\n"
	}
	return t
}

func (n *node) kind() string {
	if n.rule == nil {
		return spec.Lifecycle
	}
	return spec.Segment
}

// load makes the set of the moment from the specs and from where each thing stands.
func (s *Stage) load(ctx context.Context, q db.Querier, rebuild bool) (*set, error) {
	w, err := s.wanted(ctx, q)
	if err != nil {
		return nil, err
	}
	stored, err := statuses(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := counterRows(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range w.nodes {
		n := &w.nodes[i]
		st, ok := stored[spec.Key{Kind: n.kind(), Name: n.name}]
		switch {
		case rebuild:
			n.state = Live
		case !ok || st.Rule != n.text(): // registered by nobody yet, which cannot be; better still than wrong
			n.state = Waiting
		default:
			n.state = st.State
		}
	}
	set := newSet(w.nodes, rule.Union(s.counted(rows)), w.known)
	set.retired, err = loadRetired(ctx, q)
	return set, err
}

// counted are the counters that are registered, and no others: what a spec needs that was put a moment ago is counted
// once it has a build.
func (s *Stage) counted(rows []counterRow) []rule.CounterSpec {
	var out []rule.CounterSpec
	for _, r := range rows {
		more, err := rule.CountersOf(r.text, r.depth)
		if err != nil {
			s.log.Error("a counter is no longer counted", "counter", r.text, "error", err)
			continue
		}
		for _, c := range more {
			if c.ID == r.id { // a sequence's steps have rows of their own
				out = append(out, c)
			}
		}
	}
	return out
}

// register works out what is new and notes it: builds for new or deeper counters, and the state of each segment.
func (s *Stage) register(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	w, err := s.wanted(ctx, tx)
	if err != nil {
		return err
	}
	fresh, err := nobody(ctx, tx)
	if err != nil {
		return err
	}
	fresh = fresh || b.Rebuild
	if err := retire(ctx, tx, b, w.counters); err != nil {
		return err
	}
	if err := registerCounters(ctx, tx, b, w.counters, fresh); err != nil {
		return err
	}
	stored, err := statuses(ctx, tx)
	if err != nil {
		return err
	}
	for i := range w.nodes {
		n := &w.nodes[i]
		key := spec.Key{Kind: n.kind(), Name: n.name}
		st, ok := stored[key]
		delete(stored, key)
		state := Waiting
		if fresh {
			state = Live
		}
		if ok && st.Rule == n.text() && st.State != Removing && !fresh {
			continue
		}
		loud := int64(0)
		if n.loud {
			loud = 1
		}
		if _, err := tx.Exec(ctx, "segment.put_status", key.Kind, key.Name, string(state), n.text(), loud, b.Now); err != nil {
			return err
		}
	}
	for key := range stored { // what is left is no longer wanted
		if key.Kind == spec.Segment && !w.known[key.Name] {
			if _, err := tx.Exec(ctx, "segment.set_state", key.Kind, key.Name, string(Removing), b.Now); err != nil {
				return err
			}
		}
	}
	_, err = tx.Exec(ctx, "segment.tick")
	return err
}

// nobody says whether there is nobody yet: then there is nothing to count and nobody to look at. A batch under way may
// be about to bring the first people, so it is waited for.
func nobody(ctx context.Context, tx db.Tx) (bool, error) {
	var people int64
	err := tx.QueryRow(ctx, "segment.anybody").Scan(&people)
	if err != nil || people > 0 {
		return false, err
	}
	if _, err := stream.LockPositionsAtWork(ctx, tx); err != nil {
		return false, err
	}
	err = tx.QueryRow(ctx, "segment.anybody").Scan(&people)
	return people == 0, err
}

// Modes of a counter in a build.
const (
	modeNew    = "new"    // history is added to what is counted live
	modeDeepen = "deepen" // history gives the times that a shallower counter did not keep
)

func registerCounters(ctx context.Context, tx db.Tx, b *stream.Batch, need []rule.CounterSpec, fresh bool) error {
	rows, err := counterRows(ctx, tx)
	if err != nil {
		return err
	}
	depth := map[string]int{}
	for _, r := range rows {
		depth[r.id] = max(depth[r.id], r.depth)
	}
	state, build := "building", false
	if fresh {
		state = "ready"
	}
	for _, c := range need {
		had, ok := depth[c.ID]
		mode := modeNew
		if ok {
			mode = modeDeepen
		}
		if ok && had >= c.Depth {
			continue
		}
		build = true
		if _, err := tx.Exec(ctx, "segment.put_counter", c.ID, b.Revision, c.Text, c.Depth, mode, state); err != nil {
			return err
		}
	}
	if build && !fresh {
		_, err = tx.Exec(ctx, "segment.put_build", b.Revision, "cutting", b.Now)
	}
	return err
}

type counterRow struct {
	id, text, mode, state string
	build                 int64
	depth                 int
}

func counterRows(ctx context.Context, q db.Querier) ([]counterRow, error) {
	rows, err := q.Query(ctx, "segment.counters")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []counterRow
	for rows.Next() {
		var r counterRow
		if err := rows.Scan(&r.id, &r.build, &r.text, &r.depth, &r.mode, &r.state); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// Status is where a segment (or the lifecycle, under the empty name) stands.
type Status struct {
	Kind  string    `json:"kind"`
	Name  string    `json:"name"`
	State State     `json:"state"`
	Rule  string    `json:"rule"`
	Since heed.Time `json:"since"`
	Loud  bool      `json:"-"`
	swept heed.ID
}

func statuses(ctx context.Context, q db.Querier) (map[spec.Key]Status, error) {
	rows, err := q.Query(ctx, "segment.statuses")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[spec.Key]Status{}
	for rows.Next() {
		var s Status
		var loud int64
		var state string
		if err := rows.Scan(&s.Kind, &s.Name, &state, &s.Rule, &loud, &s.swept, &s.Since); err != nil {
			return nil, err
		}
		s.State, s.Loud = State(state), loud != 0
		out[spec.Key{Kind: s.Kind, Name: s.Name}] = s
	}
	return out, rows.Err()
}
