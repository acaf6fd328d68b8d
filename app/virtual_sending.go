package app

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/template"
)

// Delivery says what the senders of a Virtual do with messages that may go.
type Delivery string

// What senders do.
const (
	Deliver Delivery = "on"     // hand them over at once
	Off     Delivery = "off"    // nothing: they wait
	Taken   Delivery = "take"   // claim them and go no further
	Bounce  Delivery = "bounce" // hand them over; the address does not exist
	Fail    Delivery = "fail"   // hand them over; they are refused for good
	Retry   Delivery = "retry"  // hand them over; there is trouble that passes
	Crash   Delivery = "crash"  // hand them over; the process ends before it has written that down
	maxGive          = 1000     // messages of one claim
	refused          = "the sender of the test was told to refuse it"
	missing          = "550 5.1.1 there is no such mailbox"
)

// Deliveries are all of them.
var Deliveries = []Delivery{Deliver, Off, Taken, Bounce, Fail, Retry, Crash}

// Handed is a message that a channel has really handed over, in words.
type Handed struct {
	At      heed.Time
	Message heed.Message
	Subject string
	Text    string
	HTML    string
}

type virtualSending struct {
	mode      Delivery
	catalog   *channel.Catalog
	templates *template.Cache
	notices   []heed.Event   // for the stream, from the ledger
	taken     []heed.Claimed // claimed and not handed over
	crashed   bool
	unread    bool
	handed    []Handed
}

// Senders says what senders do from now on. After a crash the process starts anew; what was taken is handed over unless
// the senders stay off.
func (v *Virtual) Senders(ctx context.Context, d Delivery) error {
	s := &v.sending
	if s.crashed {
		s.crashed = false
		v.restart()
		schedulers := len(v.engines)
		feed := v.engines[0]
		v.engines = v.engines[:0]
		v.Schedulers(schedulers)
		*feed = *v.engines[0] // whoever holds the first engine goes on with the new stages
		v.engines[0], v.racing = feed, nil
		if _, err := v.ledger.Recover(ctx); err != nil {
			return err
		}
	}
	s.mode = d
	if d != Off && d != Taken && len(s.taken) > 0 {
		taken := s.taken
		s.taken = nil
		if err := v.give(ctx, taken); err != nil {
			return err
		}
	}
	return v.settle(ctx)
}

// Handed is everything that was handed over, oldest first.
func (v *Virtual) Handed() []Handed { return v.sending.handed }

// deliver hands over what may go now and returns how many messages moved.
func (v *Virtual) deliver(ctx context.Context) (n int, err error) {
	if v.sending.mode == Off || v.sending.crashed {
		return 0, nil
	}
	waiting, err := v.ledger.Waiting(ctx)
	if err != nil {
		return 0, err
	}
	for _, w := range waiting {
		if w.Due > v.clock.Now() {
			continue
		}
		claimed, err := v.ledger.Claim(ctx, w.Channel, maxGive)
		if err != nil {
			return n, err
		}
		n += max(len(claimed), 1) // a claim that takes nothing has dropped or held what was due
		slices.SortFunc(claimed, func(a, b heed.Claimed) int {
			return cmp.Or(cmp.Compare(a.Message.Made, b.Message.Made), slices.Compare(a.Message.ID[:], b.Message.ID[:]))
		})
		if v.sending.mode == Taken {
			v.sending.taken = append(v.sending.taken, claimed...)
		} else if err := v.give(ctx, claimed); err != nil {
			return n, err
		}
	}
	if notices := v.sending.notices; len(notices) > 0 {
		v.sending.notices = nil
		if err := v.put(ctx, notices); err != nil {
			return n, err
		}
	}
	return n, nil
}

// give hands claimed messages over and records what came of them, as channel.Sender does: the events first.
func (v *Virtual) give(ctx context.Context, claimed []heed.Claimed) error {
	now := v.clock.Now()
	var results []heed.SendResult
	var events []heed.Event
	for _, c := range claimed {
		h, err := v.words(ctx, c)
		var r heed.SendResult
		switch {
		case err != nil:
			r = channel.Failed(c, now, err.Error())
		case v.sending.mode == Retry:
			r = channel.Retry(c, now, "451 4.3.0 try again later")
		case v.sending.mode == Fail:
			r = channel.Failed(c, now, refused)
		case v.sending.mode == Bounce:
			r = channel.Bounced(c, now, missing)
		default:
			if !v.sending.unread {
				v.sending.handed = append(v.sending.handed, h)
			}
			r = channel.Sent(c, now, "", "")
		}
		if v.sending.mode == Crash {
			v.sending.crashed = true
			continue
		}
		results = append(results, r)
		if r.State == heed.MessageReserved {
			continue
		}
		f := channel.Feedback{Message: r.ID, Person: c.Message.Person, Channel: c.Message.Channel, Purpose: c.Message.Purpose,
			Journey: c.Message.Journey, Address: c.Message.Address, Hard: r.State == heed.MessageBounced, Detail: r.Detail}
		events = append(events, f.Event(string(r.State), strconv.Itoa(c.Message.Attempts), now))
	}
	if len(results) == 0 {
		return nil
	}
	if len(events) > 0 {
		if err := v.put(ctx, events); err != nil {
			return err
		}
	}
	return v.ledger.Record(ctx, results)
}

// Links in the mails of a test lead nowhere.
const (
	unsubscribeLink = "https://heed.test/u/unsubscribe"
	preferencesLink = "https://heed.test/p/preferences"
)

// words renders a message; one without a template has none.
func (v *Virtual) words(ctx context.Context, c heed.Claimed) (Handed, error) {
	h := Handed{At: v.clock.Now(), Message: c.Message}
	if c.Message.Template == "" {
		return h, nil
	}
	specs, err := v.sending.catalog.Get(ctx)
	if err != nil {
		return h, err
	}
	s, ok := specs.Templates[c.Message.Template]
	if !ok {
		return h, heed.Errorf(heed.NotFound, "there is no template %q", c.Message.Template)
	}
	t, err := v.sending.templates.Get(s)
	if err != nil {
		return h, err
	}
	locale := specs.Brand.Locale
	if c.Person != nil && c.Person.Preferences.Locale != "" {
		locale = c.Person.Preferences.Locale
	}
	out, err := t.Render(ctx, locale, template.Values{Person: c.Person, Message: &c.Message, Brand: specs.Brand,
		UnsubscribeURL: unsubscribeLink, PreferencesURL: preferencesLink})
	h.Subject, h.Text, h.HTML = out.Subject, out.Text, out.HTML
	if out.Body != "" {
		h.Text = out.Body
	} else if h.Text == "" {
		h.Text = template.FromHTML(out.HTML)
	}
	return h, err
}
