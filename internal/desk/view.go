package desk

import (
	"context"
	_ "embed"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// Store keeps it all.
type Store struct{ DB db.DB }

// View is a list as somebody wants to see it again: the query of a page's address.
type View struct {
	ID     heed.ID
	Page   string
	Name   string
	Query  string
	Owner  string // who saved it
	Shared bool   // everybody sees it in their list; who has the link can open it anyway
	Made   heed.Time
}

// maxViews bounds the views of one person.
const maxViews = 200

// PutView saves a view, or changes its name, query and whether it is shared.
func (s Store) PutView(ctx context.Context, v View) error {
	return s.DB.WriteDurable(ctx, func(tx db.Tx) error {
		var n int64
		if err := tx.QueryRow(ctx, "desk.count_views", v.Owner).Scan(&n); err != nil {
			return err
		}
		if n >= maxViews {
			return heed.Errorf(heed.Conflict, "You have saved %d views: delete some that you do not need any more.", n)
		}
		shared := 0
		if v.Shared {
			shared = 1
		}
		_, err := tx.Exec(ctx, "desk.put_view", v.ID, v.Page, v.Name, v.Query, v.Owner, shared, v.Made)
		return err
	})
}

// Views lists the views of a page ("" is all of them) that somebody sees: their own and the shared ones, by name.
func (s Store) Views(ctx context.Context, page, owner string) (out []View, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "desk.views", page, owner)
		out, err = db.List(rows, err, scanView)
		return err
	})
	return out, err
}

// View returns one view; a heed.NotFound when there is none.
func (s Store) View(ctx context.Context, id heed.ID) (v View, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		v, err = scanView(q.QueryRow(ctx, "desk.view", id))
		return missing(err, "view", id)
	})
	return v, err
}

// DeleteView deletes a view.
func (s Store) DeleteView(ctx context.Context, id heed.ID) error {
	return s.DB.WriteDurable(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, "desk.delete_view", id); return err })
}

func scanView(r db.Row) (v View, err error) {
	var shared int64
	err = r.Scan(&v.ID, &v.Page, &v.Name, &v.Query, &v.Owner, &shared, &v.Made)
	v.Shared = shared != 0
	return v, err
}

func missing(err error, what string, id heed.ID) error {
	if errors.Is(err, db.ErrNoRows) {
		return heed.Errorf(heed.NotFound, "There is no %s %s.", what, id)
	}
	return err
}
