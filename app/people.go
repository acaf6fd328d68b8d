package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
)

// people answers api.People.
type people struct {
	*reading
	clock    clock.Clock
	standing *slow[standing]
}

// Get implements api.People.
func (p people) Get(ctx context.Context, id heed.ID) (*heed.Person, error) { return p.Person(ctx, id) }

// Search finds people by an identifier, whatever its namespace, and then by what their name, e-mail address, phone or
// order number begins with.
func (p people) Search(ctx context.Context, text string, limit int) ([]*heed.Person, error) {
	text = strings.TrimSpace(text)
	var out []*heed.Person
	add := func(one *heed.Person) {
		same := func(x *heed.Person) bool { return x.ID == one.ID }
		if len(out) < limit && !slices.ContainsFunc(out, same) {
			out = append(out, one)
		}
	}
	for _, ns := range []string{heed.UserID, heed.Email, heed.Phone, heed.AnonymousID} {
		one, err := p.Find(ctx, heed.Identifier{Namespace: ns, Value: text})
		switch heed.CodeOf(err) {
		case "":
			add(one)
		case heed.NotFound, heed.Invalid: // not in this namespace
		default:
			return nil, err
		}
	}
	err := p.db.Read(ctx, func(q db.Querier) error {
		begin, err := p.store.Search(ctx, q, text, limit)
		for _, one := range begin {
			add(one)
		}
		return err
	})
	return out, err
}

// Bounds of one page: pageTime is for how long people are looked at who may not belong on it; listTime ends a page whose
// rule takes even longer.
const (
	pageTime = 250 * time.Millisecond
	listTime = 10 * time.Second
)

// List implements api.People: by when we first met them.
func (p people) List(ctx context.Context, q api.PeopleQuery) (out api.PeopleFound, err error) {
	var after heed.ID
	if q.After != "" {
		if after, err = heed.ParseID(q.After); err != nil {
			return out, heed.FieldErrorf("after", "is not a cursor of ours: take next from the page before, unchanged")
		}
	}
	those := segment.Those{Segment: q.Segment, Stage: q.Stage}
	if q.Rule != "" {
		if those.Rule, err = rule.Parse(q.Rule); err != nil {
			return out, heed.FieldErrorf("rule", "%s", heed.MessageOf(err))
		}
	}
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	var of int64 // among how many somebody has to be looked at
	if those.Narrow() && those.Segment == "" {
		all, err := p.standing.get(ctx)
		if err != nil {
			return out, err
		}
		if of = all.people; those.Stage != "" {
			of = all.stages[those.Stage]
		}
	}
	err = p.db.Read(ctx, func(d db.Querier) error {
		if those == (segment.Those{}) {
			out.People, err = p.store.Page(ctx, d, after, q.Limit)
			if n := len(out.People); n > 0 && n == q.Limit {
				out.Next = out.People[n-1].ID.String()
			}
			return err
		}
		began := p.clock.Now()
		found, err := segment.Look{Those: those, Now: began, After: after, Limit: q.Limit, Of: of,
			Enough: func() bool { return p.clock.Now().Sub(began) > pageTime }}.People(ctx, d)
		if err != nil {
			return err
		}
		if those.Narrow() {
			out.Looked = &api.Looked{People: found.Looked, Of: found.Of}
		}
		if !found.Next.IsZero() {
			out.Next = found.Next.String()
		}
		out.People, err = p.store.GetEach(ctx, d, found.People)
		return err
	})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return out, heed.Errorf(heed.Unavailable, "This list takes longer than %s. Save the rule as a segment: its people are listed at once.", listTime)
	}
	return out, err
}

// reviews answers api.Reviews.
type reviews struct {
	db    db.DB
	clock clock.Clock
}

// Reviews lists the open items, newest first, on one page.
func (r reviews) Reviews(ctx context.Context, _ string, limit int) (out []api.Review, next string, err error) {
	err = r.db.Read(ctx, func(q db.Querier) error {
		items, err := identity.Reviews(ctx, q, "open", limit)
		for _, i := range items {
			one := api.Review{ID: i.ID, Kind: i.Kind, Identifier: i.Identifier, At: i.At, Text: reviewText[i.Kind]}
			if !i.Person.IsZero() {
				one.People = append(one.People, i.Person)
			}
			one.People = append(one.People, i.Others...)
			out = append(out, one)
		}
		return err
	})
	return out, "", err
}

var reviewText = map[string]string{
	"shared":        "Several known people use this identifier. They were not merged; merge them if they are one person.",
	"capped":        "This person has more identifiers of the kind than one person should. Further ones are not linked.",
	"kiosk":         "Many people have signed in on this device. It is treated as shared.",
	"alias_refused": "A public key asked to make one known person of two. That takes a server key, or you.",
}

// Close implements api.Reviews.
func (r reviews) Close(ctx context.Context, id heed.ID, by string) error {
	return r.db.WriteDurable(ctx, func(tx db.Tx) error { return identity.CloseReview(ctx, tx, id, by, r.clock.Now()) })
}

// Open implements api.Reviews.
func (r reviews) Open(ctx context.Context, id heed.ID) error {
	return r.db.WriteDurable(ctx, func(tx db.Tx) error { return identity.OpenReview(ctx, tx, id) })
}

// timeline answers api.Interactions from history.
type timeline struct {
	people *reading
	store  insight.Store
}

// Timeline implements api.Interactions.
func (t timeline) Timeline(ctx context.Context, person heed.ID, f api.TimelineFilter) ([]api.TimelineEntry, string, error) {
	filter, err := insightFilter(f)
	if err != nil {
		return nil, "", err
	}
	keys, err := t.people.keys(ctx, person)
	if err != nil {
		return nil, "", err
	}
	page, err := t.store.Timeline(ctx, keys, filter, f.Limit)
	if err != nil {
		return nil, "", err
	}
	out := make([]api.TimelineEntry, len(page.Entries))
	for i := range page.Entries {
		e := &page.Entries[i]
		out[i] = api.TimelineEntry{Interaction: e.Interaction, Properties: e.Properties, MessageID: e.MessageID, Ref: e.Ref}
	}
	return out, page.Next.String(), nil
}

// keys are the keys under which history keeps a person's events: the identifiers, the person's own id and the ids of
// those who were merged into them.
func (r *reading) keys(ctx context.Context, person heed.ID) (keys []heed.ID, err error) {
	err = r.db.Read(ctx, func(q db.Querier) error {
		if person, err = identity.Resolve(ctx, q, person); err != nil {
			return err
		}
		ids, err := identity.Keys(ctx, q, person)
		if err != nil {
			return err
		}
		former, err := identity.Former(ctx, q, person)
		if err != nil {
			return err
		}
		keys = append([]heed.ID{person}, former...)
		for _, id := range ids {
			keys = append(keys, id.Hash)
		}
		return nil
	})
	return keys, err
}

func insightFilter(f api.TimelineFilter) (insight.Filter, error) {
	before, err := insight.ParseCursor(f.Before)
	return insight.Filter{
		Types: f.Types, Names: f.Names, Channels: f.Channels, Departments: f.Departments, Directions: f.Directions,
		Sources: f.Sources, Touchpoints: f.Touchpoints, From: f.From, To: f.To, Before: before,
	}, err
}

// questions answers api.Insight.
type questions struct {
	store insight.Store
	known *slow[[]api.KnownEvent]
}

// Catalogue implements api.Insight.
func (s questions) Catalogue(ctx context.Context) ([]api.KnownEvent, error) { return s.known.get(ctx) }

// Count implements api.Insight.
func (s questions) Count(ctx context.Context, q api.CountQuery) ([]api.Count, error) {
	f, err := insightFilter(q.Filter)
	if err != nil {
		return nil, err
	}
	counts, err := s.store.CountBy(ctx, insight.CountQuery{By: insight.Dimension(q.By), Zone: q.Zone, Filter: f, Limit: q.Limit})
	out := make([]api.Count, len(counts))
	for i, c := range counts {
		out[i] = api.Count{Key: c.Value, Count: c.Events}
	}
	return out, err
}
