package api

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/desk"
)

// View is a list as somebody wants to see it again.
type View struct {
	ID     ID     `json:"id"`
	Page   string `json:"page" example:"people"`
	Name   string `json:"name"`
	Query  string `json:"query" doc:"The query of the page's address."`
	Owner  string `json:"owner"`
	Shared bool   `json:"shared" doc:"Everybody has it in their list."`
	Mine   bool   `json:"mine"`
	Made   Time   `json:"made"`
}

// NewView is a view to be saved.
type NewView struct {
	Page   string `json:"page" minLength:"1" maxLength:"40" pattern:"^[a-z][a-z0-9/_-]*$"`
	Name   string `json:"name" minLength:"1" maxLength:"80"`
	Query  string `json:"query" maxLength:"12000"`
	Shared bool   `json:"shared,omitempty"`
}

const deskDep = "saved views"

func (s *server) registerViews() {
	o := op{method: http.MethodGet, path: "/views", id: "listViews", tag: "views", need: account.ReadStats, needs: s.Desk, what: deskDep, summary: "Saved views: your own and those that others share"}
	route(s, o, s.listViews)
	o.path, o.id, o.summary = "/views/{id}", "getView", "One saved view, for whoever has its link"
	route(s, o, s.getView)
	o = op{method: http.MethodPost, path: "/views", id: "saveView", tag: "views", need: account.ReadStats, needs: s.Desk, what: deskDep, audit: "view.save", summary: "Save a view"}
	route(s, o, s.saveView)
	o = op{method: http.MethodPut, path: "/views/{id}", id: "changeView", tag: "views", need: account.ReadStats, needs: s.Desk, what: deskDep, audit: "view.save", summary: "Change a saved view of your own"}
	route(s, o, s.changeView)
	o = op{method: http.MethodDelete, path: "/views/{id}", id: "deleteView", tag: "views", need: account.ReadStats, needs: s.Desk, what: deskDep, audit: "view.delete", status: http.StatusNoContent,
		summary: "Delete a saved view", about: "Your own; an administrator deletes any shared one."}
	route(s, o, s.deleteView)
}

func (s *server) view(ctx context.Context, v desk.View) View {
	return View{ID: ID(v.ID), Page: v.Page, Name: v.Name, Query: v.Query, Owner: v.Owner, Shared: v.Shared, Mine: v.Owner == s.actor(ctx).Name, Made: Time(v.Made)}
}

func (s *server) listViews(ctx context.Context, in *struct {
	Page string `query:"page" maxLength:"40" doc:"Only those of one page."`
}) (*Body[Page[View]], error) {
	list, err := s.Desk.Views(ctx, in.Page, s.actor(ctx).Name)
	return page(each(list, func(v desk.View) View { return s.view(ctx, v) }), ""), err
}

func (s *server) getView(ctx context.Context, in *IDPath) (*Body[View], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.Desk.View(ctx, id)
	return body(s.view(ctx, v)), err
}

func (s *server) saveView(ctx context.Context, in *Body[NewView]) (*Body[View], error) {
	now := s.Clock.Now()
	v := desk.View{ID: heed.NewID(now), Page: in.Body.Page, Name: in.Body.Name, Query: in.Body.Query, Owner: s.actor(ctx).Name, Shared: in.Body.Shared, Made: now}
	note(ctx, "view "+v.Page+"/"+short(v.Name), nil, nil)
	return body(s.view(ctx, v)), s.Desk.PutView(ctx, v)
}

func (s *server) changeView(ctx context.Context, in *struct {
	IDPath
	Body NewView
}) (*Body[View], error) {
	v, err := s.ownView(ctx, in.ID, false)
	if err != nil {
		return nil, err
	}
	v.Name, v.Query, v.Shared = in.Body.Name, in.Body.Query, in.Body.Shared
	return body(s.view(ctx, v)), s.Desk.PutView(ctx, v)
}

func (s *server) deleteView(ctx context.Context, in *IDPath) (*struct{}, error) {
	v, err := s.ownView(ctx, in.ID, true)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, s.Desk.DeleteView(ctx, v.ID)
}

// ownView loads a view that whoever asks may change.
func (s *server) ownView(ctx context.Context, text string, manage bool) (desk.View, error) {
	id, err := parseID("id", text)
	if err != nil {
		return desk.View{}, err
	}
	v, err := s.Desk.View(ctx, id)
	if err != nil {
		return v, err
	}
	by := s.actor(ctx)
	if v.Owner != by.Name && !(manage && v.Shared && by.May(account.ManageUsers)) {
		return v, heed.Errorf(heed.Forbidden, "This view is %s's: save one of your own.", v.Owner)
	}
	note(ctx, "view "+v.Page+"/"+short(v.Name), nil, nil)
	return v, nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
