package script

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/decide/ledger"
)

// fits says whether a message is as the properties say.
func (w *world) fits(m ledger.MessageRow, props []prop) (bool, error) {
	fields := map[string]string{
		"template": m.Template, "purpose": m.Purpose, "channel": m.Channel, "state": string(m.State), "class": string(m.Class), "journey": m.Journey,
		"node": m.Node, "reason": m.Reason, "priority": strconv.Itoa(m.Priority), "topic": m.Topic, "about": m.About, "to": m.Address, "by": m.By,
		"detail": m.Detail,
	}
	return fit(fields, props)
}

func fit(fields map[string]string, props []prop) (bool, error) {
	ok := true
	for _, p := range props {
		is, known := fields[p.name]
		if !known {
			var names []string
			for n := range fields {
				names = append(names, n)
			}
			slices.Sort(names)
			return false, fmt.Errorf("there is no field %q here; there are %s", p.name, strings.Join(names, ", "))
		}
		ok = ok && p.matches(is)
	}
	return ok, nil
}

// sameMinute compares moments as a script writes them.
func sameMinute(a, b heed.Time) bool { return a/60_000_000 == b/60_000_000 }

func (w *world) expectMessage(ctx context.Context, x expectation) error {
	if _, err := w.fits(ledger.MessageRow{}, x.props); err != nil {
		return err // also when there is no message that could show it
	}
	if err := w.knownProps(x.props); err != nil {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	all, err := w.v.Messages(ctx, p.ID)
	if err != nil {
		return err
	}
	n := 0
	for _, m := range all {
		ok, err := w.fits(m, x.props)
		if err != nil {
			return err
		}
		if ok && (x.until == 0 || sameMinute(m.Due, x.until)) {
			n++
		}
	}
	what := x.described("message to " + x.who)
	if x.until != 0 {
		what += " until " + show(x.until, w.loc)
	}
	return x.counted(n, what, w.said(ctx, p.ID))
}

func decisionFields(d ledger.Row) map[string]string {
	return map[string]string{
		"outcome": string(d.Outcome), "reason": d.Reason, "rule": d.Rule, "text": d.Text, "journey": d.Journey, "node": d.Node,
		"channel": d.Channel, "purpose": d.Purpose, "by": d.By,
	}
}

func (w *world) expectDecision(ctx context.Context, x expectation) error {
	if _, err := fit(decisionFields(ledger.Row{}), x.props); err != nil {
		return err
	}
	if err := w.knownProps(x.props); err != nil {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	all, err := w.v.Decisions(ctx, p.ID)
	if err != nil {
		return err
	}
	n := 0
	for _, d := range all {
		ok, err := fit(decisionFields(d), x.props)
		if err != nil {
			return err
		}
		if ok && (x.until == 0 || sameMinute(d.Until, x.until)) {
			n++
		}
	}
	return x.counted(n, x.described("decision about "+x.who), w.said(ctx, p.ID))
}

func mailFields(h app.Handed) map[string]string {
	return map[string]string{
		"subject": h.Subject, "text": h.Text, "html": h.HTML, "template": h.Message.Template, "purpose": h.Message.Purpose,
		"channel": h.Message.Channel, "to": h.Message.Address, "journey": h.Message.Journey,
	}
}

// expectMail is about what a channel has really handed over, whichever channel it is.
func (w *world) expectMail(ctx context.Context, x expectation) error {
	if _, err := fit(mailFields(app.Handed{}), x.props); err != nil {
		return err
	}
	if err := w.knownProps(x.props); err != nil {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	n := 0
	var detail []string
	for _, h := range w.v.Handed() {
		now, err := w.v.Resolve(ctx, h.Message.Person)
		if err != nil {
			return err
		}
		if now != p.ID && w.ids[h.Message.Person] != x.who {
			continue
		}
		detail = append(detail, fmt.Sprintf("%s: %s", show(h.At, w.loc), letter(h)))
		ok, err := fit(mailFields(h), x.props)
		if err != nil {
			return err
		}
		if ok {
			n++
		}
	}
	if len(detail) == 0 {
		detail = append([]string{"they got nothing"}, w.said(ctx, p.ID)...)
	} else {
		detail = append([]string{"what they got:"}, detail...)
	}
	return x.counted(n, x.described("mail to "+x.who), detail)
}

func letter(h app.Handed) string {
	text := strings.Join(strings.Fields(h.Text), " ")
	if r := []rune(text); len(r) > 100 {
		text = string(r[:100]) + "..."
	}
	return strings.TrimSpace(fmt.Sprintf("%s by %s for %s, %q %s", or(h.Message.Template, "a message"), h.Message.Channel, h.Message.Purpose, h.Subject, text))
}

// expectMay asks whether a message might go, without sending it.
func (w *world) expectMay(ctx context.Context, x expectation) error {
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	var asked, answer []prop
	for _, q := range x.props {
		switch q.name {
		case "reason", "rule", "text", "outcome":
			answer = append(answer, q)
		default:
			asked = append(asked, q)
		}
	}
	if err := w.knownProps(x.props); err != nil {
		return err
	}
	in, err := intent(asked)
	if err != nil {
		return err
	}
	in.Person = p.ID
	d, err := w.v.May(ctx, in)
	if err != nil {
		return err
	}
	ok, err := fit(map[string]string{"reason": d.Reason, "rule": d.Rule, "text": d.Text, "outcome": string(d.Outcome)}, answer)
	if err != nil {
		return err
	}
	if ok && (d.Outcome == heed.Send) == !x.no && (x.until == 0 || sameMinute(d.Until, x.until)) {
		return nil
	}
	is := fmt.Sprintf("the answer is %s (%s): %s", d.Outcome, d.Reason, d.Text)
	return &unmet{what: "the gate answers something else", detail: append([]string{is}, w.said(ctx, p.ID)...)}
}
