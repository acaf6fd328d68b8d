package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// IdentityGraph is how the identifiers of a person hang together.
type IdentityGraph struct {
	Person ID             `json:"person"`
	Nodes  []IdentityNode `json:"nodes" nullable:"false"`
	Links  []IdentityLink `json:"links" nullable:"false"`
	Merged []MergedPerson `json:"merged" nullable:"false" doc:"Who has become this person, and can be split off again."`
}

// IdentityNode is one identifier.
type IdentityNode struct {
	ID     string          `json:"id"`
	Is     heed.Identifier `json:"is"`
	Capped bool            `json:"capped,omitempty" doc:"Further ones of its kind are not linked."`
	Shared bool            `json:"shared,omitempty" doc:"Other known people use it too."`
	Kiosk  bool            `json:"kiosk,omitempty" doc:"Many people have signed in on it."`
}

// IdentityLink is evidence that two identifiers are one person's.
type IdentityLink struct {
	From   string `json:"from"`
	To     string `json:"to"`
	At     Time   `json:"at" doc:"The earliest evidence."`
	Public bool   `json:"public,omitempty" doc:"Seen over a key that anybody could use."`
	Merge  bool   `json:"merge,omitempty" doc:"Somebody who works here has said so."`
	Source string `json:"source,omitempty" doc:"Through which source the earliest evidence came; absent when nobody knows any more."`
}

// MergedPerson is somebody who was another person once.
type MergedPerson struct {
	ID          ID       `json:"id"`
	Identifiers []string `json:"identifiers" nullable:"false" doc:"NAMESPACE:VALUE, as split takes them; empty when it cannot be told which were theirs."`
	At          Time     `json:"at,omitzero"`
}

func (s *server) registerIdentities() {
	route(s, op{method: http.MethodGet, path: "/people/{id}/identities", id: "getIdentities", tag: "people", need: account.ReadPeople, needs: s.Graphs, what: peopleDep,
		summary: "How a person's identifiers hang together"}, s.identities)
}

func (s *server) identities(ctx context.Context, in *PersonPath) (*Body[IdentityGraph], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	g, err := s.Graphs.Graph(ctx, id)
	empty(&g.Nodes)
	empty(&g.Links)
	empty(&g.Merged)
	for i := range g.Merged {
		empty(&g.Merged[i].Identifiers)
	}
	return body(g), err
}
