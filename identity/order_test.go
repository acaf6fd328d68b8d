package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

var errRollback = errors.New("roll back")

// TestOrderDoesNotMatter gives the same events in many orders, cut into many batches, and compares the graphs: who
// belongs together, the evidence, the flags and what is up for review. It compares them with what canon says of the
// evidence, too.
func TestOrderDoesNotMatter(t *testing.T) {
	d := testx.SQLite(t, spec.Queries, stream.Queries, Queries)
	err := d.Write(context.Background(), func(tx db.Tx) error {
		_, err := spec.Put(context.Background(), tx, spec.Spec{Kind: spec.Brand, Name: "b", MadeAt: 1,
			Body: heed.RawJSON(`{"identity":{"namespaces":{"anonymous_id":{"limit":2},"email":{"limit":2}}}}`)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(drawEvent), 2, 20).Draw(t, "events")
		for i, e := range events {
			e.MessageID = fmt.Sprintf("m%d", i)
			e.ReceivedAt = heed.Time(1_700_000_000_000_000 + i*1_000_000)
		}
		want := ""
		seed := rapid.Uint64().Draw(t, "seed")
		for try := range 4 {
			order := slices.Clone(events)
			r := rand.New(rand.NewPCG(seed, uint64(try)))
			if try > 0 {
				r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			}
			got := picture(t, d, order, func() int { return 1 + r.IntN(4) })
			if want == "" {
				want = got
			} else if got != want {
				t.Fatalf("another order gives another graph:\n%s\n%v\n-- instead of\n%s\n%v", got, describe(order), want, describe(events))
			}
		}
	})
}

func drawEvent(t *rapid.T) *heed.Event {
	pick := func(prefix string, n int) string {
		if i := rapid.IntRange(0, n).Draw(t, prefix); i > 0 {
			return fmt.Sprintf("%s%d", prefix, i)
		}
		return ""
	}
	e := &heed.Event{
		Type: heed.Track, Public: rapid.Bool().Draw(t, "public"), UserID: pick("U", 2), AnonymousID: pick("A", 7),
		Timestamp: heed.Time(rapid.IntRange(1, 12).Draw(t, "at")),
	}
	if x := pick("e", 3); x != "" {
		e.IDs = append(e.IDs, heed.Identifier{Namespace: heed.Email, Value: x + "@example.com"})
	}
	if x := pick("D", 2); x != "" {
		e.IDs = append(e.IDs, heed.Identifier{Namespace: heed.Device, Value: x})
	}
	return e
}

func describe(events []*heed.Event) (out []string) {
	for _, e := range events {
		out = append(out, fmt.Sprintf("\n%s at=%d public=%v user=%s anon=%s ids=%v", e.MessageID, e.Timestamp, e.Public, e.UserID, e.AnonymousID, e.IDs))
	}
	return out
}

// picture takes the events in and returns the graph as text, then forgets everything.
func picture(t *rapid.T, d db.DB, events []*heed.Event, size func() int) string {
	ctx, out := context.Background(), ""
	err := d.Write(ctx, func(tx db.Tx) error {
		s := New(slog.New(slog.DiscardHandler))
		for len(events) > 0 {
			n := min(size(), len(events))
			b := &stream.Batch{Now: 1, Revision: 1}
			for _, e := range events[:n] {
				x := *e
				b.Events = append(b.Events, &x)
			}
			events = events[n:]
			if err := s.Begin(ctx, tx, b); err != nil {
				return err
			}
			if err := s.Flush(ctx, tx, b); err != nil {
				return err
			}
		}
		nodes, err := Graph(ctx, tx)
		if err != nil {
			return err
		}
		out = draw(nodes)
		all := map[heed.ID]*node{}
		if err := s.eachNode(ctx, tx, func(n *node) error { all[n.hash] = n; return nil }); err != nil {
			return err
		}
		edges, err := allEdges(ctx, tx, all)
		if err != nil {
			return err
		}
		if err := findable(ctx, tx, all); err != nil {
			t.Fatal(err)
		}
		if canonical := drawCanon(t, s, nodes, edges); canonical != parts(nodes) {
			t.Fatalf("the hot path and the rule disagree:\n%s\n%s", parts(nodes), canonical)
		}
		var lines []string
		for _, e := range earliest(edges) {
			lines = append(lines, fmt.Sprintf("%x-%x %s %v %v\n", e.a[:3], e.b[:3], e.kind, e.public, e.stamp))
		}
		slices.Sort(lines)
		out += strings.Join(lines, "")
		items, err := Reviews(ctx, tx, "open", 100)
		if err != nil {
			return err
		}
		lines = nil
		for _, r := range items {
			lines = append(lines, r.Kind+" "+r.Identifier.String()+"\n")
		}
		slices.Sort(lines)
		out += strings.Join(lines, "")
		return errRollback
	})
	if !errors.Is(err, errRollback) {
		t.Fatal(err)
	}
	return out
}

// findable checks that a link between two people can be found from its better end.
func findable(ctx context.Context, q db.Querier, nodes map[heed.ID]*node) error {
	for h, n := range nodes {
		for _, l := range n.links {
			if l.to.IsZero() || nodes[l.to].person == n.person {
				continue
			}
			found := false
			err := apartFrom(ctx, q, []heed.ID{l.to}, func(_, other heed.ID) { found = found || other == h })
			if err != nil {
				return err
			}
			if !found {
				return fmt.Errorf("%s names %s, who is somebody else, and cannot be found from there", n.id, nodes[l.to].id)
			}
		}
	}
	return nil
}

// parts draws who belongs together, whatever their persons are called.
func parts(nodes []Node) string {
	of := map[heed.ID][]string{}
	for _, n := range nodes {
		of[n.Person] = append(of[n.Person], n.String())
	}
	return drawParts(of)
}

func drawParts(of map[heed.ID][]string) string {
	var lines []string
	for _, ids := range of {
		slices.Sort(ids)
		lines = append(lines, strings.Join(ids, " ")+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func draw(nodes []Node) string {
	out := parts(nodes)
	var lines []string
	for _, n := range nodes {
		if n.Flags != "" {
			lines = append(lines, n.String()+": "+n.Flags+"\n")
		}
	}
	slices.Sort(lines)
	return out + strings.Join(lines, "")
}

func drawCanon(t *rapid.T, s *Stage, nodes []Node, edges []edge) string {
	all := map[heed.ID]*node{}
	for _, n := range nodes {
		x := &node{id: n.Identifier, hash: n.Hash()}
		s.behave(x)
		all[x.hash] = x
	}
	groups, _ := canon(all, edges)
	of := map[heed.ID][]string{}
	for _, g := range groups {
		for _, n := range g.nodes {
			of[g.nodes[0].hash] = append(of[g.nodes[0].hash], n.id.String())
		}
	}
	return drawParts(of)
}
