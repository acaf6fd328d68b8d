package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/collect/feedback"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
)

// feedbackOf is what a channel's spec says of reports; false when it wants none.
func feedbackOf(s spec.Spec) (feedback.Config, bool, error) {
	var part struct {
		Feedback *channel.FeedbackSetup `json:"feedback"`
	}
	if s.Deleted || json.Unmarshal(s.Body, &part) != nil || part.Feedback == nil { // its own checker says what is wrong
		return feedback.Config{}, false, nil
	}
	f, err := part.Feedback.Resolve()
	return feedback.Config{
		Kind: f.Provider, Topics: f.Topics, PublicKey: f.PublicKey, User: f.User, Password: f.Password, Secret: f.Secret, Channel: s.Name,
	}, true, err
}

// checkFeedback checks the part feedback of a channel's spec.
func checkFeedback(s spec.Spec) []error {
	c, wanted, err := feedbackOf(s)
	if err == nil && wanted {
		_, err = feedback.New(feedback.Options{Webhooks: map[string]feedback.Config{s.Name: c}})
	}
	if err != nil {
		return []error{heed.FieldErrorf("channel "+s.Name+": feedback", "%v", err)}
	}
	return nil
}

// reports takes delivery reports at /webhooks/{channel}, by the channels' specs as they are now.
type reports struct {
	catalog  *channel.Catalog
	sink     collect.Sink
	messages feedback.Messages
	clock    clock.Clock
	log      *slog.Logger

	mu       sync.Mutex
	revision int64
	handler  *feedback.Handler
	before   feedback.Counts // of the handlers that were replaced
}

// ServeHTTP implements http.Handler.
func (h *reports) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, err := h.current(r.Context())
	if err != nil {
		h.log.Error("delivery reports cannot be taken", "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "The report cannot be taken at the moment. Send it again.", http.StatusServiceUnavailable)
		return
	}
	f.ServeHTTP(w, r)
}

// current is the handler for the specs of now.
func (h *reports) current(ctx context.Context) (*feedback.Handler, error) {
	specs, err := h.catalog.Get(ctx)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.handler != nil && h.revision == specs.Revision {
		return h.handler, nil
	}
	o := feedback.Options{Sink: h.sink, Messages: h.messages, Clock: h.clock, Log: h.log, Webhooks: map[string]feedback.Config{}}
	for name, s := range specs.Channels {
		c, wanted, err := feedbackOf(s)
		if wanted && err == nil {
			_, err = feedback.New(feedback.Options{Webhooks: map[string]feedback.Config{name: c}})
		}
		switch {
		case err != nil: // a variable has gone since it was checked: this one is closed, the others are not
			h.log.Error("reports about a channel are refused until its spec is right", "channel", name, "error", err)
		case wanted:
			o.Webhooks[name] = c
		}
	}
	next, err := feedback.New(o)
	if err != nil {
		return nil, err
	}
	if h.handler != nil {
		h.before = sum(h.before, h.handler.Counts())
	}
	h.handler, h.revision = next, specs.Revision
	return next, nil
}

// counts are those since the process started.
func (h *reports) counts() feedback.Counts {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.handler == nil {
		return h.before
	}
	return sum(h.before, h.handler.Counts())
}

func sum(a, b feedback.Counts) feedback.Counts {
	return feedback.Counts{Accepted: a.Accepted + b.Accepted, Unknown: a.Unknown + b.Unknown, Ignored: a.Ignored + b.Ignored, Refused: a.Refused + b.Refused}
}

// sent answers feedback.Messages from the ledger.
type sent struct {
	ledger *ledger.Ledger
	people interface {
		Person(ctx context.Context, id heed.ID) (*heed.Person, error)
	}
}

// Find implements feedback.Messages.
func (s sent) Find(ctx context.Context, id heed.ID) (feedback.Sent, bool, error) {
	return found(s.ledger.Message(ctx, id))
}

// FindByProvider implements feedback.Messages.
func (s sent) FindByProvider(ctx context.Context, id string) (feedback.Sent, bool, error) {
	return found(s.ledger.MessageByProvider(ctx, id))
}

// Untracked implements feedback.Messages.
func (s sent) Untracked(ctx context.Context, person heed.ID) (bool, error) {
	p, err := s.people.Person(ctx, person)
	if heed.CodeOf(err) == heed.NotFound {
		return true, nil
	}
	return err == nil && p.Preferences.NoTrack, err
}

func found(m ledger.MessageRow, err error) (feedback.Sent, bool, error) {
	if heed.CodeOf(err) == heed.NotFound {
		return feedback.Sent{}, false, nil
	}
	return feedback.Sent{ID: m.ID, Person: m.Person, Channel: m.Channel, Purpose: m.Purpose, Journey: m.Journey, Address: m.Address}, err == nil, err
}

// openReports makes the door for delivery reports.
func (a *App) openReports() http.Handler {
	h := &reports{catalog: a.sending.catalog, sink: a.Writer, messages: sent{a.ledger, a.reading}, clock: a.clock, log: a.log}
	for name, of := range map[string]func(feedback.Counts) int64{
		"accepted": func(c feedback.Counts) int64 { return c.Accepted },
		"unknown":  func(c feedback.Counts) int64 { return c.Unknown },
		"ignored":  func(c feedback.Counts) int64 { return c.Ignored },
		"refused":  func(c feedback.Counts) int64 { return c.Refused },
	} {
		a.metrics.counter("delivery_reports_total", "Delivery reports by webhook, by what became of them.", map[string]string{"result": name},
			func() float64 { return float64(of(h.counts())) })
	}
	return h
}
