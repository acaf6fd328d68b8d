package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/channel/mailbox"
	"github.com/heedcx/heed/collect/importer"
	"github.com/heedcx/heed/stream"
)

// imports answers api.Imports.
type imports struct{ store importer.Store }

// Imports implements api.Imports.
func (i imports) Imports(ctx context.Context, limit int) ([]api.Import, error) {
	jobs, err := i.store.List(ctx, limit)
	out := make([]api.Import, len(jobs))
	for n, j := range jobs {
		out[n] = api.Import{ID: j.ID.String(), File: j.File, Mapping: j.Mapping, State: "running", Started: api.Time(j.Started), Ended: api.Time(j.Done)}
		if j.Done != 0 {
			out[n].State = "done"
		}
	}
	return out, err
}

// deadLetters answers api.DeadLetters from topic Dead.
type deadLetters struct {
	log  stream.Log
	sink *stream.Writer
}

// DeadLetters returns the newest letters before a sequence. The topic is read from a little before its end: letters
// are few, or something is badly wrong and the newest say what.
func (d deadLetters) DeadLetters(ctx context.Context, before string, limit int) ([]api.DeadLetter, string, error) {
	last, err := d.log.Last(ctx, stream.Dead, 0)
	if err != nil {
		return nil, "", err
	}
	end := last + 1
	if before != "" {
		if end, err = strconv.ParseUint(before, 10, 64); err != nil {
			return nil, "", heed.FieldErrorf("after", "is not a cursor of ours: take next from the page before, unchanged")
		}
	}
	from := uint64(0)
	if end > uint64(limit)+1 {
		from = end - uint64(limit) - 1
	}
	letters, err := d.read(ctx, from, min(end-1, last))
	if err != nil {
		return nil, "", err
	}
	out := make([]api.DeadLetter, 0, len(letters))
	for i := len(letters) - 1; i >= 0; i-- {
		l := letters[i]
		out = append(out, api.DeadLetter{
			ID: fmt.Sprintf("%d", l.seq), At: api.Time(l.At), Stage: l.Stage, Source: l.Source, Reason: l.Reason, Event: api.JSON(l.Event),
		})
	}
	next := ""
	if from > 0 {
		next = strconv.FormatUint(from+1, 10)
	}
	return out, next, nil
}

type letter struct {
	stream.DeadLetter
	seq uint64
}

func (d deadLetters) read(ctx context.Context, after, upto uint64) ([]letter, error) {
	if upto <= after {
		return nil, nil
	}
	r, err := d.log.Read(ctx, stream.Dead, 0, after)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []letter
	for at := after; at < upto; {
		recs, err := r.Next(ctx, 100, 2*time.Second)
		if err != nil || len(recs) == 0 {
			return out, err
		}
		for _, rec := range recs {
			if at = rec.Seq; at > upto {
				break
			}
			l := letter{seq: rec.Seq}
			if err := json.Unmarshal(rec.Data, &l.DeadLetter); err != nil {
				l.Reason = "the letter itself cannot be read: " + err.Error()
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// Retry puts the event of a letter that had failed inside a worker on the stream again.
func (d deadLetters) Retry(ctx context.Context, id string) error {
	seq, err := strconv.ParseUint(id, 10, 64)
	if err != nil || seq == 0 {
		return heed.Errorf(heed.NotFound, "There is no dead letter %q.", id)
	}
	letters, err := d.read(ctx, seq-1, seq)
	if err != nil {
		return err
	}
	if len(letters) == 0 || letters[0].seq != seq {
		return heed.Errorf(heed.NotFound, "There is no dead letter %q.", id)
	}
	l := letters[0]
	if l.Seq == 0 {
		return heed.Errorf(heed.Conflict, "This event never got past the door (%s). Correct it at its source and send it again.", l.Reason)
	}
	r, err := d.log.Read(ctx, stream.Events, l.Partition, l.Seq-1)
	if err != nil {
		return err
	}
	defer r.Close()
	recs, err := r.Next(ctx, 1, 5*time.Second)
	if err != nil {
		return err
	}
	if len(recs) == 0 || recs[0].Seq != l.Seq {
		return heed.Errorf(heed.NotFound, "The stream does not keep the event any more.")
	}
	events, err := stream.DecodeEnvelope(recs[0].Data, nil)
	if err != nil || l.Index >= len(events) {
		return heed.Errorf(heed.Conflict, "The envelope that held it is damaged; the event cannot be tried again.")
	}
	e := events[l.Index]
	e.MessageID += "/retry-" + id // its own id counts as taken in
	_, err = d.sink.Write(ctx, []heed.Event{e})
	return err
}

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
