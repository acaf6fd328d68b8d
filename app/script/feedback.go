package script

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/decide/ledger"
)

// feedback is what a channel learns later of a message: feedback ana delivered template=welcome. It is about the latest
// message that a sender has had and that the properties fit; hard, detail, url and provider are said of it.
func (w *world) feedback(ctx context.Context, s *statement, now heed.Time) (heed.Event, error) {
	if len(s.words) != 3 {
		return heed.Event{}, errors.New("want feedback PERSON OUTCOME, such as feedback ana delivered")
	}
	return w.report(ctx, s, s.words[2], false, now)
}

// feedbackOf makes a statement of one outcome: bounce ana, bounce ana soft, complain ana.
func feedbackOf(outcome string) func(*world, context.Context, *statement, heed.Time) (heed.Event, error) {
	return func(w *world, ctx context.Context, s *statement, now heed.Time) (heed.Event, error) {
		soft := len(s.words) == 3 && s.words[2] == "soft"
		if len(s.words) < 2 || len(s.words) > 2 && !soft {
			return heed.Event{}, fmt.Errorf("want %s PERSON", s.words[0])
		}
		return w.report(ctx, s, outcome, !soft && outcome == "bounced", now)
	}
}

func (w *world) report(ctx context.Context, s *statement, outcome string, hard bool, now heed.Time) (heed.Event, error) {
	f := channel.Feedback{Hard: hard}
	var about []prop
	for _, p := range s.props {
		switch p.name {
		case "hard":
			f.Hard = p.plain() == "true"
		case "detail":
			f.Detail = p.plain()
		case "url":
			f.URL = p.plain()
		case "provider":
			f.Provider = p.plain()
		default:
			about = append(about, p)
		}
	}
	who, err := w.find(ctx, s.words[1])
	if err != nil {
		return heed.Event{}, err
	}
	all, err := w.v.Messages(ctx, who.ID)
	if err != nil {
		return heed.Event{}, err
	}
	for _, m := range slices.Backward(all) {
		if m.Attempts == 0 && m.SentAt == 0 && !had(m) {
			continue
		}
		ok, err := w.fits(m, about)
		if err != nil {
			return heed.Event{}, err
		}
		if ok {
			f.Message, f.Person, f.Channel, f.Purpose, f.Journey, f.Address = m.ID, m.Person, m.Channel, m.Purpose, m.Journey, m.Address
			return f.Event(outcome, fmt.Sprint("test-", w.events), now), nil
		}
	}
	return heed.Event{}, fmt.Errorf("no sender has had such a message to %s", s.words[1])
}

// had says whether a sender has had the message.
func had(m ledger.MessageRow) bool {
	switch m.State {
	case heed.MessageHeld, heed.MessageReserved, heed.MessageDropped, heed.MessageCanceled:
		return false
	}
	return true
}
