package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// ReviewItem is a question about who is who.
type ReviewItem struct {
	ID         ID              `json:"id"`
	Kind       string          `json:"kind" doc:"shared: two known people use it. capped: more of a kind than one person has. kiosk: many people on one device. alias_refused: a public key wanted to merge two known people."`
	Identifier heed.Identifier `json:"identifier"`
	People     []ID            `json:"people" nullable:"false"`
	At         Time            `json:"at"`
	Text       string          `json:"text,omitempty" say:"sentence"`
}

func (s *server) registerReviews() {
	route(s, op{method: http.MethodGet, path: "/reviews", id: "listReviews", tag: "people", need: account.ReadPeople, needs: s.Reviews, what: peopleDep,
		summary: "Who may be who: what somebody should look at"}, s.listReviews)
	route(s, op{method: http.MethodPost, path: "/reviews/{id}/close", id: "closeReview", tag: "people", need: account.MergePeople, needs: s.Reviews, what: peopleDep,
		audit: "review.close", status: http.StatusNoContent, summary: "Take an item off the list"}, s.closeReview)
	route(s, op{method: http.MethodPost, path: "/reviews/{id}/open", id: "openReview", tag: "people", need: account.MergePeople, needs: s.Reviews, what: peopleDep,
		audit: "review.open", status: http.StatusNoContent, summary: "Put an item back on the list"}, s.openReview)
}

func (s *server) listReviews(ctx context.Context, in *Paging) (*Body[Page[ReviewItem]], error) {
	items, next, err := s.Reviews.Reviews(ctx, in.After, in.Limit)
	return page(each(items, func(r Review) ReviewItem {
		return ReviewItem{ID(r.ID), r.Kind, r.Identifier, each(r.People, func(id heed.ID) ID { return ID(id) }), Time(r.At), r.Text}
	}), next), err
}

func (s *server) closeReview(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"100"`
}) (*struct{}, error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	note(ctx, "review "+id.String(), nil, nil)
	return &struct{}{}, s.Reviews.Close(ctx, id, s.actor(ctx).Name)
}

func (s *server) openReview(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"100"`
}) (*struct{}, error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	note(ctx, "review "+id.String(), nil, nil)
	return &struct{}{}, s.Reviews.Open(ctx, id)
}
