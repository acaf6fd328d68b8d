package app

import (
	"context"
	"strconv"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/channel/mailbox"
)

// mails answers api.Mailbox.
type mails struct{ box *mailbox.Mailbox }

// Mails implements api.Mailbox.
func (m mails) Mails(_ context.Context, before string, limit int) ([]api.Mail, string, error) {
	var from uint64
	if before != "" {
		n, err := strconv.ParseUint(before, 10, 64)
		if err != nil {
			return nil, "", heed.FieldErrorf("after", "is not a cursor of ours: take next from the page before, unchanged")
		}
		from = n
	}
	list := m.box.List("", from, limit)
	out := make([]api.Mail, len(list))
	for i, one := range list {
		s := mailbox.Summarise(one)
		out[i] = api.Mail{ID: s.ID, At: api.Time(one.At), From: s.From, To: []string{s.To}, Subject: s.Subject}
	}
	next := ""
	if len(list) == limit && limit > 0 {
		next = strconv.FormatUint(list[len(list)-1].ID, 10)
	}
	return out, next, nil
}

// Mail implements api.Mailbox.
func (m mails) Mail(_ context.Context, id string) (api.Mail, error) {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return api.Mail{}, heed.Errorf(heed.NotFound, "There is no mail %q.", id)
	}
	one, ok := m.box.Get(n)
	if !ok {
		return api.Mail{}, heed.Errorf(heed.NotFound, "There is no mail %q; the mailbox keeps the latest only.", id)
	}
	s := mailbox.Summarise(one)
	text, html := mailbox.Bodies(one)
	return api.Mail{
		ID: s.ID, At: api.Time(one.At), From: s.From, To: []string{s.To}, Subject: s.Subject, Text: text, HTML: html, Headers: mailbox.Headers(one),
	}, nil
}
