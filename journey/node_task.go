package journey

import (
	"encoding/json"

	"github.com/heedcx/heed"
)

// taskDoc is a node that asks a colleague to do something:
//
//	task: {title: Call about the return, department: service, due: 1d, text: The parcel was damaged}
type taskDoc struct {
	Title      string `json:"title"`
	Text       string `json:"text"`
	Department string `json:"department"`
	Due        string `json:"due"`
}

type task struct {
	at  *place
	doc taskDoc
	due Span
}

func buildTask(c *compiler, at *place, raw json.RawMessage) node {
	n := &task{at: at}
	if !c.decode(raw, &n.doc) {
		return nil
	}
	if n.doc.Title == "" || len(n.doc.Title) > 200 {
		c.failf("title", "a task needs a title of at most 200 bytes")
	}
	c.oneOf("department", n.doc.Department, "service", "marketing", "product", "sales", "billing")
	n.due = c.span("due", n.doc.Due)
	return n
}

func (n *task) links() []string { return []string{n.at.next} }
func (n *task) why() string     { return "" }

func (n *task) arrive(x *step) move {
	o := object{}
	o.text("journey", x.plan.name)
	o.text("node", n.at.id)
	o.text("run", x.run.ID.String())
	if n.doc.Text != "" {
		o.text("text", n.doc.Text)
	}
	if !n.due.IsZero() {
		o.text("due", n.due.After(x.now, x.zone()).String())
	}
	if x.run.Vars != "" {
		o.raw("vars", string(x.run.Vars))
	}
	e := &heed.Event{Type: heed.TaskWanted, Person: x.p.ID, Name: n.doc.Title, Department: n.doc.Department, Ref: x.id("task"), Source: "journey:" + x.plan.name, Properties: o.done()}
	if e.Department == "" {
		e.Department = "service"
	}
	if !x.b.Emit(e) {
		return x.later()
	}
	x.b.Record(e)
	return next(n.at.next)
}

func (n *task) look(*step) move { return still() }
