package journey

import (
	"encoding/json"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// messageDoc is a node that wants a message sent:
//
//	message: {channel: email, purpose: newsletter, template: welcome, ttl: 2d, if_held: wait, if_dropped: continue}
type messageDoc struct {
	Channel   string `json:"channel"`
	Purpose   string `json:"purpose"`
	Template  string `json:"template"`
	Topic     string `json:"topic"`
	About     string `json:"about"`
	Priority  int    `json:"priority"`
	TTL       string `json:"ttl"`
	IfHeld    string `json:"if_held"`    // wait (default): until it is decided; continue: it may go later
	IfDropped string `json:"if_dropped"` // continue (default), exit, or a node
}

// message asks decide and goes on by what it answers. It never speaks to a channel itself, and a message that may not
// go never ends the journey unless the node says so.
type message struct {
	at                                       *place
	channel, purpose, template, topic, about string
	priority                                 int
	ttl                                      heed.Time
	goOnHeld                                 bool
	ifDropped                                string
}

func buildMessage(c *compiler, at *place, raw json.RawMessage) node {
	var d messageDoc
	if !c.decode(raw, &d) {
		return nil
	}
	for _, f := range [][2]string{{"channel", d.Channel}, {"purpose", d.Purpose}, {"template", d.Template}} {
		if f[1] == "" {
			c.failf(f[0], "a message needs a %s", f[0])
		}
	}
	c.refer("template", spec.Template, d.Template)
	return newMessage(c, at, d)
}

// onChannel checks that a template is written for the channel that is to carry it.
func (c *compiler) onChannel(name, channel string) {
	t, ok := c.all.Get(spec.Template, name)
	var d struct {
		Channel string `json:"channel"`
	}
	if ok && json.Unmarshal(t.Body, &d) == nil && d.Channel != "" && channel != "" && d.Channel != channel {
		c.failf("template", "template %q is for %s, not for %s", name, cut(d.Channel), cut(channel))
	}
}

func newMessage(c *compiler, at *place, d messageDoc) *message {
	c.refer("purpose", spec.Purpose, d.Purpose)
	c.onChannel(d.Template, d.Channel)
	m := &message{at: at, channel: d.Channel, purpose: d.Purpose, template: d.Template, topic: d.Topic, about: d.About,
		priority: d.Priority, ifDropped: d.IfDropped}
	m.ttl = heed.Time(c.span("ttl", d.TTL).Exact().Microseconds())
	m.goOnHeld = c.oneOf("if_held", d.IfHeld, "wait", "continue") == "continue"
	if m.ifDropped == "" {
		m.ifDropped = "continue"
	}
	return m
}

func (m *message) links() []string {
	if m.ifDropped == "continue" || m.ifDropped == "exit" {
		return []string{m.at.next}
	}
	return []string{m.at.next, m.ifDropped}
}

func (m *message) why() string { return "waits for the decision on its message" }

func (m *message) arrive(x *step) move {
	in := &heed.Intent{
		ID: x.id("message"), Person: x.p.ID, Channel: m.channel, Purpose: m.purpose, Topic: m.topic, Template: m.template,
		Priority: m.priority, About: m.about, TTL: m.ttl, Journey: x.plan.name, Version: x.run.Version, Node: m.at.id,
		Run: x.run.ID, Vars: x.run.Vars, Asked: x.now, By: "journey",
	}
	if !x.b.Emit(&heed.Event{Type: heed.MessageWanted, Person: x.p.ID, Name: m.channel, Ref: in.ID, Intent: in}) {
		return x.later()
	}
	x.run.Message = in.ID
	limit := answerLimit
	if m.ttl > 0 {
		limit = m.ttl.Sub(0)
	}
	x.until(x.now.Add(limit).Add(lateArrival))
	return still()
}

func (m *message) look(x *step) move {
	if x.e.Type == heed.MessageDecided && x.e.Ref == x.run.Message {
		switch heed.Outcome(x.e.Name) {
		case heed.Send:
			return next(m.at.next)
		case heed.Hold:
			if m.goOnHeld {
				return next(m.at.next)
			}
		case heed.Drop:
			return m.dropped()
		}
		return still()
	}
	if x.due() { // nobody answered within the message's own time to live: it is stale
		return m.dropped()
	}
	return still()
}

func (m *message) dropped() move {
	switch m.ifDropped {
	case "continue":
		return next(m.at.next)
	case "exit":
		return end(reasonDropped)
	}
	return next(m.ifDropped)
}
