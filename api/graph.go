package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

func (s *server) registerGraph() {
	route(s, op{method: http.MethodPost, path: "/people/{id}/merge", id: "mergePeople", tag: "people", need: account.MergePeople, needs: s.Commands, what: commandsDep,
		audit: "person.merge", summary: "Say that two people are one", about: "It can be undone with a split. The stricter consent wins."}, s.mergePeople)
	route(s, op{method: http.MethodPost, path: "/people/{id}/split", id: "splitPerson", tag: "people", need: account.MergePeople, needs: s.Commands, what: commandsDep,
		audit: "person.split", summary: "Cut identifiers off a person", about: "They become the person that they were before a merge, or a new one, and stay apart."}, s.splitPerson)
	route(s, op{method: http.MethodDelete, path: "/people/{id}", id: "erasePerson", tag: "people", need: account.ErasePeople, needs: s.Commands, what: commandsDep,
		audit: "person.erase", status: http.StatusNoContent, summary: "Forget a person", about: "Everything that is held about them is deleted, and their identifiers start anew."}, s.erasePerson)
	route(s, op{method: http.MethodGet, path: "/people/{id}/export", id: "exportPerson", tag: "people", need: account.ErasePeople, needs: s.People, what: peopleDep,
		audit: "person.export", slow: true, summary: "Everything that is held about a person"}, s.exportPerson)
}

// both loads a person with their identifiers.
func (s *server) both(ctx context.Context, id heed.ID) (*heed.Person, []heed.Identifier, error) {
	if !present(s.People) {
		return nil, nil, missing(peopleDep)
	}
	p, err := s.People.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.People.Identifiers(ctx, p.ID)
	if err == nil && len(ids) == 0 {
		err = heed.Errorf(heed.Conflict, "This person has no identifiers.")
	}
	return p, ids, err
}

func (s *server) mergePeople(ctx context.Context, in *struct {
	PersonPath
	Command
	Body struct {
		With string `json:"with" maxLength:"100" doc:"The id of the other person."`
	}
}) (*Body[Done], error) {
	one, err := in.id()
	if err != nil {
		return nil, err
	}
	two, err := parseID("with", in.Body.With)
	if err != nil {
		return nil, err
	}
	a, aIDs, err := s.both(ctx, one)
	if err != nil {
		return nil, err
	}
	b, bIDs, err := s.both(ctx, two)
	if err != nil {
		return nil, err
	}
	if a.ID == b.ID {
		return nil, heed.FieldErrorf("with", "is this same person already")
	}
	e, err := s.event(ctx, in.Command, heed.ID{}, heed.MergePeople, "", struct{}{})
	if err != nil {
		return nil, err
	}
	e.IDs = []heed.Identifier{aIDs[0], bIDs[0]}
	note(ctx, "person "+a.ID.String(), nil, map[string]string{"with": b.ID.String()})
	if err := s.Commands.Do(ctx, []heed.Event{e}); err != nil {
		return nil, err
	}
	now, err := s.People.Get(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	return body(Done{Person: ID(now.ID)}), nil
}

// Splits names who there is after a split.
type Splits struct {
	Person ID `json:"person" doc:"Who the other identifiers are now."`
	Other  ID `json:"other" doc:"Who the named identifiers are now."`
}

func (s *server) splitPerson(ctx context.Context, in *struct {
	PersonPath
	Command
	Body struct {
		Identifiers []string `json:"identifiers" minItems:"1" maxItems:"100" nullable:"false" doc:"NAMESPACE:VALUE, as the person has them."`
	}
}) (*Body[Splits], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, has, err := s.both(ctx, id)
	if err != nil {
		return nil, err
	}
	var cut []heed.Identifier
	for _, text := range in.Body.Identifiers {
		i, err := parseIdentifier("identifiers", text)
		if err != nil {
			return nil, err
		}
		found := false
		for _, h := range has {
			found = found || h == i
		}
		if !found {
			return nil, heed.FieldErrorf("identifiers", "%s is not one of this person's identifiers: write it as it is listed", short(text))
		}
		cut = append(cut, i)
	}
	if len(cut) >= len(has) {
		return nil, heed.FieldErrorf("identifiers", "are all that this person has: leave at least one")
	}
	e, err := s.event(ctx, in.Command, heed.ID{}, heed.SplitPerson, "", struct{}{})
	if err != nil {
		return nil, err
	}
	e.IDs = cut
	note(ctx, "person "+p.ID.String(), nil, map[string]any{"identifiers": in.Body.Identifiers})
	if err := s.Commands.Do(ctx, []heed.Event{e}); err != nil {
		return nil, err
	}
	other, err := s.People.Find(ctx, cut[0])
	if err != nil {
		return nil, err
	}
	rest := p.ID
	for i := 0; i < len(has) && rest == other.ID; i++ { // a merge was taken back: the named ones are who they were, p
		one, err := s.People.Find(ctx, has[i])
		if err != nil {
			return nil, err
		}
		rest = one.ID
	}
	return body(Splits{Person: ID(rest), Other: ID(other.ID)}), nil
}

func (s *server) erasePerson(ctx context.Context, in *struct {
	PersonPath
	Command
}) (*struct{}, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	if present(s.People) {
		p, err := s.People.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		id = p.ID
	}
	e, err := s.event(ctx, in.Command, id, heed.ErasePerson, "", struct{}{})
	if err != nil {
		return nil, err
	}
	note(ctx, "person "+id.String(), nil, nil) // the id only: the log must not remember who it was
	return &struct{}{}, s.Commands.Do(ctx, []heed.Event{e})
}

// Export is everything that is held about a person.
type Export struct {
	Person       Person        `json:"person"`
	Interactions []Interaction `json:"interactions" nullable:"false" doc:"Newest first."`
	Messages     []Message     `json:"messages" nullable:"false"`
	Decisions    []Decision    `json:"decisions" nullable:"false"`
	Complete     bool          `json:"complete" doc:"False when there was more than one answer can carry: page through the lists."`
}

// maxExport bounds each list of an export.
const maxExport = 20_000

func (s *server) exportPerson(ctx context.Context, in *PersonPath) (*Body[Export], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := s.People.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	id = p.ID
	note(ctx, "person "+id.String(), nil, nil)
	out := Export{Interactions: []Interaction{}, Messages: []Message{}, Decisions: []Decision{}, Complete: true}
	if out.Person, err = s.viewPerson(ctx, p); err != nil {
		return nil, err
	}
	if present(s.Interactions) {
		for before := ""; ; {
			entries, next, err := s.Interactions.Timeline(ctx, id, TimelineFilter{Before: before, Limit: 1000})
			if err != nil {
				return nil, err
			}
			out.Interactions = append(out.Interactions, each(entries, entryView)...)
			if before = next; next == "" || len(out.Interactions) >= maxExport {
				out.Complete = out.Complete && next == ""
				break
			}
		}
	} else {
		out.Complete = false
	}
	if present(s.Messages) {
		all, whole, err := drain(func(before heed.ID) ([]heed.Message, error) {
			return s.Messages.Messages(ctx, MessageQuery{Person: id, Before: before, Limit: 1000})
		}, func(m heed.Message) heed.ID { return m.ID })
		if err != nil {
			return nil, err
		}
		out.Messages, out.Complete = each(all, messageView), out.Complete && whole
	}
	if present(s.Decisions) {
		all, whole, err := drain(func(before heed.ID) ([]LedgerEntry, error) {
			return s.Decisions.Decisions(ctx, DecisionQuery{Person: id, Before: before, Limit: 1000})
		}, func(d LedgerEntry) heed.ID { return d.ID })
		if err != nil {
			return nil, err
		}
		out.Decisions, out.Complete = each(all, DecisionView), out.Complete && whole
	}
	return body(out), nil
}

// drain reads pages of 1,000 until the end, or until an export is full.
func drain[T any](read func(before heed.ID) ([]T, error), id func(T) heed.ID) (all []T, whole bool, err error) {
	var before heed.ID
	for len(all) < maxExport {
		page, err := read(before)
		if err != nil {
			return nil, false, err
		}
		all = append(all, page...)
		if len(page) < 1000 {
			return all, true, nil
		}
		before = id(page[len(page)-1])
	}
	return all, false, nil
}
