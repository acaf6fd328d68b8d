package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// SourceItem is where events come from.
type SourceItem struct {
	Name       string `json:"name"`
	Title      string `json:"title,omitempty"`
	Touchpoint string `json:"touchpoint,omitempty"`
	Channel    string `json:"channel,omitempty"`
	Direction  string `json:"direction,omitempty"`
	Department string `json:"department,omitempty"`
	Keys       int    `json:"keys" doc:"Write keys in force."`
	Configured bool   `json:"configured" doc:"False: there is a key for it, but no document."`
}

// DeadLetter is what could not be processed, and why.
type DeadLetter struct {
	ID     string `json:"id"`
	At     Time   `json:"at"`
	Stage  string `json:"stage" doc:"Where it failed."`
	Source string `json:"source,omitempty"`
	Reason string `json:"reason" say:"sentence"`
	Event  JSON   `json:"event,omitempty" doc:"As it arrived, cut to 64 KB."`
	Retry  bool   `json:"retry" doc:"It got past the door and failed inside: it can be tried again as it is."`
}

// Mail is a mail that the built-in mailbox has caught.
type Mail struct {
	ID      string            `json:"id"`
	At      Time              `json:"at"`
	From    string            `json:"from"`
	To      []string          `json:"to" nullable:"false"`
	Subject string            `json:"subject"`
	Text    string            `json:"text,omitempty" doc:"One mail only."`
	HTML    string            `json:"html,omitempty" doc:"One mail only. Show it in a sandbox."`
	Headers map[string]string `json:"headers,omitempty" doc:"One mail only."`
}

func (s *server) registerData() {
	get := func(path, id, tag, summary string, need account.Permission, needs any, what string) op {
		return op{method: http.MethodGet, path: path, id: id, tag: tag, need: need, needs: needs, what: what, summary: summary}
	}
	route(s, get("/sources", "listSources", "events", "Where events come from", account.ReadSpecs, nil, ""), s.listSources)
	route(s, get("/dead-letters", "listDeadLetters", "events", "What could not be processed, newest first", account.ManageData, s.DeadLetters, "dead letters"), s.listDeadLetters)
	route(s, op{method: http.MethodPost, path: "/dead-letters/{id}/retry", id: "retryDeadLetter", tag: "events", need: account.ManageData, needs: s.DeadLetters, what: "dead letters",
		audit: "dead_letter.retry", status: http.StatusNoContent, summary: "Process a dead letter again"}, s.retryDeadLetter)
	s.registerLetters()
	s.registerSuppressions()
	s.registerViews()
	s.registerExports()
	s.registerTrends()
	s.registerPreview()
	s.registerMailing()
	s.registerWebhooks()
	s.registerIdentities()
	route(s, get("/mails", "listMails", "mailbox", "Mails that the built-in mailbox has caught", account.ReadPeople, s.Mailbox, "a built-in mailbox"), s.listMails)
	route(s, get("/mails/{id}", "getMail", "mailbox", "One mail", account.ReadPeople, s.Mailbox, "a built-in mailbox"), s.getMail)
}

func (s *server) listSources(ctx context.Context, _ *struct{}) (*Body[Page[SourceItem]], error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := s.Accounts.Keys(ctx)
	if err != nil {
		return nil, err
	}
	inForce := map[string]int{}
	for _, k := range keys {
		if k.Kind == account.WriteKind && k.Revoked == 0 {
			inForce[k.Source]++
		}
	}
	var out []SourceItem
	for _, x := range set.Of(spec.Source) {
		item := SourceItem{}
		_ = json.Unmarshal(x.Body, &item) // the stage has checked it; another shape shows as empty
		item.Name, item.Keys, item.Configured = x.Name, inForce[x.Name], true
		out = append(out, item)
		delete(inForce, x.Name)
	}
	for _, k := range keys { // in the order of keys, not of the map
		if n := inForce[k.Source]; n > 0 {
			out = append(out, SourceItem{Name: k.Source, Keys: n})
			delete(inForce, k.Source)
		}
	}
	return page(out, ""), nil
}

func (s *server) listDeadLetters(ctx context.Context, in *Paging) (*Body[Page[DeadLetter]], error) {
	list, next, err := s.DeadLetters.DeadLetters(ctx, in.After, in.Limit)
	return page(list, next), err
}

func (s *server) retryDeadLetter(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"100"`
}) (*struct{}, error) {
	note(ctx, "dead letter "+in.ID, nil, nil)
	return s.dealt(ctx, s.DeadLetters.Retry(ctx, in.ID), "retried", in.ID)
}

func (s *server) listMails(ctx context.Context, in *Paging) (*Body[Page[Mail]], error) {
	list, next, err := s.Mailbox.Mails(ctx, in.After, in.Limit)
	for i := range list {
		empty(&list[i].To)
	}
	return page(list, next), err
}

func (s *server) getMail(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"100"`
}) (*Body[Mail], error) {
	m, err := s.Mailbox.Mail(ctx, in.ID)
	empty(&m.To)
	return body(m), err
}
