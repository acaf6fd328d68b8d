package identity

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Pedigree is how a person's identifiers hang together.
type Pedigree struct {
	Nodes  []Identifier
	Links  []Link
	Merged []Merged
}

// Link is evidence that two identifiers are one person's.
type Link struct {
	A, B   heed.ID // hashes of the identifiers
	At     heed.Time
	Public bool   // seen over a key that anybody could use
	Merge  bool   // somebody with the right to has said so
	Source string // through which it came; "" when nobody knows any more
}

// Merged is somebody who was another person once.
type Merged struct {
	ID   heed.ID
	At   heed.Time
	Were []heed.ID // the hashes of what was theirs, as far as links without merges tell; nil when they do not
}

// maxGraph bounds the identifiers whose evidence is read.
const maxGraph = 200

// GraphOf reads the graph of a person.
func GraphOf(ctx context.Context, q db.Querier, person heed.ID) (g Pedigree, err error) {
	if g.Nodes, err = Keys(ctx, q, person); err != nil {
		return g, err
	}
	mine := map[heed.ID]bool{}
	hashes := make([]heed.ID, 0, len(g.Nodes))
	for _, n := range g.Nodes {
		mine[n.Hash] = true
		if len(hashes) < maxGraph {
			hashes = append(hashes, n.Hash)
		}
	}
	sources, err := sourceNames(ctx, q)
	if err != nil {
		return g, err
	}
	seen := map[Link]bool{}
	note := func(e edge) {
		l := Link{A: e.a, B: e.b, At: e.stamp.at, Public: e.public, Merge: e.kind == kindMerge, Source: e.source}
		if e.from > 0 {
			l.Source = sources[e.from]
		}
		if key := (Link{A: e.a, B: e.b, Merge: l.Merge}); (e.kind == kindLink || l.Merge) && e.a != e.b && mine[e.a] && mine[e.b] && !seen[key] {
			seen[key] = true
			g.Links = append(g.Links, l)
		}
	}
	for i := range g.Nodes {
		n := node{hash: g.Nodes[i].Hash, links: unpackLinks(g.Nodes[i].links)}
		n.evidence(note)
	}
	if err := edgesOf(ctx, q, hashes, note); err != nil {
		return g, err
	}
	rows, err := q.QuerySQL(ctx, "SELECT loser, best, at FROM identity_alias WHERE survivor = $1 ORDER BY at DESC, loser LIMIT 100", person)
	if err != nil {
		return g, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Merged
		var best heed.ID
		if err := rows.Scan(&m.ID, &best, &m.At); err != nil {
			return g, err
		}
		if mine[best] {
			m.Were = g.around(best)
		}
		g.Merged = append(g.Merged, m)
	}
	return g, rows.Err()
}

// around is what hangs together with a node without anybody's word; nil when that is everything.
func (g *Pedigree) around(from heed.ID) []heed.ID {
	reached, out := map[heed.ID]bool{from: true}, []heed.ID{from}
	for i := 0; i < len(out); i++ {
		for _, l := range g.Links {
			for _, ends := range [...][2]heed.ID{{l.A, l.B}, {l.B, l.A}} {
				if !l.Merge && ends[0] == out[i] && !reached[ends[1]] {
					reached[ends[1]] = true
					out = append(out, ends[1])
				}
			}
		}
	}
	if len(out) == len(g.Nodes) {
		return nil
	}
	return out
}
