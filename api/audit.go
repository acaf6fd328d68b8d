package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// AuditEntry is something that somebody did.
type AuditEntry struct {
	ID      ID       `json:"id"`
	At      Time     `json:"at"`
	Actor   string   `json:"actor" doc:"E-mail address of a user, name of a key."`
	Via     string   `json:"via" enum:"user,api_key,write_key,system"`
	Action  string   `json:"action" example:"key.create"`
	Target  string   `json:"target,omitempty"`
	Address string   `json:"address,omitempty" doc:"Where it came from."`
	Request string   `json:"request,omitempty"`
	Diff    []string `json:"diff" nullable:"false" doc:"What changed, one line per field; secrets are hidden."`
}

func (s *server) registerAudit() {
	route(s, op{method: http.MethodGet, path: "/audit", id: "listAudit", tag: "audit", need: account.ReadAudit, summary: "Who did what, newest first"}, s.listAudit)
}

func (s *server) listAudit(ctx context.Context, in *struct {
	Paging
	Actor  string `query:"actor" maxLength:"254"`
	Action string `query:"action" maxLength:"64" example:"spec.update"`
	Target string `query:"target" maxLength:"200" example:"segment regulars"`
	Text   string `query:"q" maxLength:"100" doc:"Anywhere in an entry: who, what, to what, from where, and the difference."`
}) (*Body[Page[AuditEntry]], error) {
	before, err := in.afterID()
	if err != nil {
		return nil, err
	}
	list, err := s.Accounts.Audit(ctx, account.AuditQuery{Before: before, Actor: in.Actor, Action: in.Action, Target: in.Target, Text: in.Text, Limit: in.Limit})
	return page(each(list, func(l account.Logged) AuditEntry {
		return AuditEntry{ID(l.ID), Time(l.At), l.Actor, l.Via, l.Action, l.Target, l.Address, l.Request, append([]string{}, l.Diff...)}
	}), nextID(list, in.Limit, func(l account.Logged) heed.ID { return l.ID })), err
}
