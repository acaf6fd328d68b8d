package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/internal/desk"
	"github.com/heedcx/heed/stream"
)

// letterDesk answers api.DeadLetters and api.Fixer: the letters that nobody has dealt with.
type letterDesk struct {
	deadLetters
	desk desk.Store
	app  *App
	door *collect.Handler // keeps no letters of its own: who fixes one hears what is wrong
}

func (a *App) letters() letterDesk {
	door := collect.New(collect.Options{Keys: a.sources, Sink: a.Writer, Rejects: forgotten{}, Duplicates: newDuplicates(a.DB, a.Log.Partitions()), Clock: a.clock, Log: a.log})
	return letterDesk{deadLetters{a.Log, a.Writer}, desk.Store{DB: a.DB}, a, door}
}

// DeadLetters implements api.DeadLetters. A page has as many letters as there is room for, so that who has dealt with many
// does not turn over empty ones.
func (d letterDesk) DeadLetters(ctx context.Context, before string, limit int) (out []api.DeadLetter, next string, err error) {
	for {
		page, more, err := d.deadLetters.DeadLetters(ctx, before, limit)
		if err != nil {
			return nil, "", err
		}
		ids := make([]string, len(page))
		for i, l := range page {
			ids[i] = l.ID
		}
		how, err := d.desk.Letters(ctx, ids)
		if err != nil {
			return nil, "", err
		}
		for i, l := range page {
			if how[i] == "" && len(out) < limit {
				out = append(out, l)
				next = l.ID
			}
		}
		if more == "" {
			return out, "", nil
		}
		if len(out) == limit {
			return out, next, nil
		}
		before = more
	}
}

// Fix implements api.Fixer: the event goes through the door as if the letter's source had sent it.
func (d letterDesk) Fix(ctx context.Context, id string, event []byte) error {
	l, err := d.find(ctx, id)
	if err != nil {
		return err
	}
	if b := bytes.TrimSpace(event); len(b) == 0 || b[0] != '{' {
		return heed.FieldErrorf("event", "want one event as a JSON object")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/events", bytes.NewReader(event))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer := &kept{header: http.Header{}, status: http.StatusOK}
	d.door.EventsHandler(func(*http.Request) (collect.Source, error) {
		s := d.app.sources.named(l.Source)
		if s.Name == "" {
			s.Name = l.Source
		}
		return s, nil
	}).ServeHTTP(answer, r)
	var res collect.EventsResult
	if json.Unmarshal(answer.body.Bytes(), &res) == nil && len(res.Events) == 1 && answer.status < 500 {
		one := res.Events[0]
		if one.Status == collect.Rejected {
			return heed.FieldErrorf(strings.TrimPrefix(one.Field, "events[0]."), "%s", one.Error)
		}
		return nil
	}
	return heed.Errorf(heed.Invalid, "The event was not taken in: %.300s", answer.body.String())
}

// kept is an answer that is read here.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) WriteHeader(status int)      { k.status = status }
func (k *kept) Write(b []byte) (int, error) { return k.body.Write(b) }

// forgotten keeps no letters: collect.Rejects.
type forgotten struct{}

// Reject implements collect.Rejects.
func (forgotten) Reject(context.Context, []stream.DeadLetter) error { return nil }
