package journey

import (
	"encoding/json"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/zone"
)

// waitDoc is a node that lets time pass: a length, a time of day in the person's zone, or a date that we know of the
// person.
//
//	wait: 2d                                  two calendar days on the person's clock; 48h is exact
//	wait: {until: "09:00", on: [mon, thu]}    the next such moment
//	wait: {for: 1d, until: "09:00"}           a day, then the next 09:00
//	wait: {trait: renewal_date, offset: -3d, at: "09:00", if_missing: exit}
type waitDoc struct {
	For       string `json:"for"`
	Until     string `json:"until"`
	On        words  `json:"on"`
	Trait     string `json:"trait"`
	Offset    string `json:"offset"`
	At        string `json:"at"`
	Yearly    bool   `json:"yearly"`
	IfMissing string `json:"if_missing"` // continue (default), exit
}

type wait struct {
	at     *place
	span   Span
	clock  *clockTime
	days   uint8
	date   *dateOf
	noDate string
	text   string
}

func buildWait(c *compiler, at *place, raw json.RawMessage) node {
	at.waits = true
	var d waitDoc
	before := len(c.errs)
	if len(raw) > 0 && raw[0] == '"' {
		if !c.decode(raw, &d.For) {
			return nil
		}
	} else if !c.decode(raw, &d) {
		return nil
	}
	w := &wait{at: at, span: c.span("for", d.For)}
	w.noDate = c.oneOf("if_missing", d.IfMissing, "continue", "exit")
	switch {
	case d.Trait != "" && (d.For != "" || d.Until != ""):
		c.failf("", "wait for a length, for a time of day or for a date, not for a date and something else")
	case d.Trait != "":
		w.date = c.date(dateDoc{Trait: d.Trait, Offset: d.Offset, At: d.At, Yearly: d.Yearly})
		w.text = "waits for the date in " + d.Trait
	case d.For == "" && d.Until == "":
		c.failf("", "say how long: wait: 2d, or wait: {until: \"09:00\"}, or wait: {trait: renewal_date}")
	case d.Until != "":
		t, err := parseClock(d.Until)
		if err != nil {
			c.fail("until", err)
		}
		w.clock = &t
		w.text = "waits until " + d.Until + " local time"
	default:
		if w.span.IsZero() && len(c.errs) == before {
			c.failf("", "a wait of no length is none")
		}
		w.text = "waits " + w.span.String()
	}
	if len(d.On) > 0 {
		mask, err := parseDays(d.On)
		if err != nil {
			c.fail("on", err)
		} else if d.Until == "" {
			c.failf("on", "weekdays need a time of day: add until: \"09:00\"")
		}
		w.days = mask
	}
	return w
}

func (w *wait) links() []string { return []string{w.at.next} }
func (w *wait) why() string     { return w.text }

func (w *wait) arrive(x *step) move { return w.aim(x) }

// look aims anew every time, because the person may have moved to another zone or the date may have changed.
func (w *wait) look(x *step) move { return w.aim(x) }

func (w *wait) aim(x *step) move {
	t, ok := w.when(x.p, x.run.Since, x.zone())
	if !ok {
		if w.noDate == "exit" {
			return end(reasonNoDate)
		}
		return next(w.at.next)
	}
	x.until(t)
	if x.due() {
		return next(w.at.next)
	}
	return still()
}

// when is the moment at which a run that stands here since that time goes on.
func (w *wait) when(p *heed.Person, since heed.Time, loc *time.Location) (heed.Time, bool) {
	if w.date != nil {
		return w.date.first(p, loc, since)
	}
	t := w.span.After(since, loc)
	if w.clock != nil {
		if !w.span.IsZero() {
			t-- // a day after 09:00 it is 09:00: that counts
		}
		t = zone.NextClock(t, w.clock.hour, w.clock.minute, w.days, loc)
	}
	return t, true
}
