package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

func (s *server) registerLetters() {
	o := op{method: http.MethodPost, path: "/dead-letters/{id}/fix", id: "fixDeadLetter", tag: "events", need: account.ManageData, needs: s.Fixer, what: "dead letters",
		audit: "dead_letter.fix", status: http.StatusNoContent, summary: "Take in what a dead letter should have been",
		about: "The event passes the same door as if its source had sent it; 422 says what is still wrong with it. The letter is off the list then."}
	route(s, o, s.fixDeadLetter)
	route(s, op{method: http.MethodPost, path: "/dead-letters/discard", id: "discardDeadLetters", tag: "events", need: account.ManageData, needs: s.Desk, what: deskDep,
		audit: "dead_letter.discard", status: http.StatusNoContent, summary: "Take dead letters off the list", about: "They stay in the stream until it forgets them; the list does not show them any more."}, s.discardDeadLetters)
	route(s, op{method: http.MethodPost, path: "/dead-letters/restore", id: "restoreDeadLetters", tag: "events", need: account.ManageData, needs: s.Desk, what: deskDep,
		audit: "dead_letter.restore", status: http.StatusNoContent, summary: "Put discarded dead letters back on the list"}, s.restoreDeadLetters)
}

func (s *server) fixDeadLetter(ctx context.Context, in *struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Event JSON `json:"event" doc:"One event, as a source would send it."`
	}
}) (*struct{}, error) {
	note(ctx, "dead letter "+in.ID, nil, in.Body.Event)
	return s.dealt(ctx, s.Fixer.Fix(ctx, in.ID, in.Body.Event), "fixed", in.ID)
}

// Discard names dead letters that nobody needs, or that somebody needs after all.
type Discard struct {
	IDs    []string `json:"ids" minItems:"1" maxItems:"200" nullable:"false"`
	Reason string   `json:"reason,omitempty" maxLength:"300"`
}

func (s *server) restoreDeadLetters(ctx context.Context, in *Body[Discard]) (*struct{}, error) {
	note(ctx, in.Body.target(), nil, in.Body)
	return &struct{}{}, s.Desk.RestoreLetters(ctx, in.Body.IDs)
}

// target is what the audit log calls them.
func (d Discard) target() string {
	if len(d.IDs) > 1 {
		return "dead letters"
	}
	return "dead letter " + short(d.IDs[0])
}

func (s *server) discardDeadLetters(ctx context.Context, in *Body[Discard]) (*struct{}, error) {
	note(ctx, in.Body.target(), nil, in.Body)
	return s.dealt(ctx, nil, "discarded", in.Body.IDs...)
}

// dealt takes letters off the list once what was done about them is done.
func (s *server) dealt(ctx context.Context, err error, how string, ids ...string) (*struct{}, error) {
	if err != nil || s.Desk == nil {
		return &struct{}{}, err
	}
	for _, id := range ids {
		if len(id) > 100 {
			return nil, heed.FieldErrorf("ids", "%s is no dead letter", short(id))
		}
		if err := s.Desk.PutLetter(ctx, id, how, s.actor(ctx).Name, s.Clock.Now()); err != nil {
			return nil, err
		}
	}
	return &struct{}{}, nil
}
