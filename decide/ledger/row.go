package ledger

import (
	"encoding/json"
	"sync/atomic"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// message is a row of table message in memory.
type message struct {
	heed.Message
	Reason  string // of the latest decision
	Changed heed.Time

	fresh bool // not in the table yet
	dirty bool // to be written
}

func scanMessage(r db.Row) (*message, error) {
	m := &message{}
	var person, run, id heed.ID
	var channel, purpose, journey, node, class, state, intent string
	err := r.Scan(&id, &person, &channel, &purpose, &class, &state, &m.Reason, &journey, &node, &run, &m.Address, &m.Made, &m.Due,
		&m.Expires, &m.SentAt, &m.Changed, &m.Provider, &m.Detail, &m.Attempts, &intent)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(intent), &m.Intent); err != nil {
		return nil, heed.Errorf(heed.Internal, "The message %s cannot be read from the ledger: %v", id, err)
	}
	m.ID, m.Person, m.Channel, m.Purpose, m.Journey, m.Node, m.Run = id, person, channel, purpose, journey, node, run
	m.Class, m.State = heed.Class(class), heed.MessageState(state)
	return m, nil
}

func (m *message) insertArgs() []any {
	return []any{m.ID, m.Person, m.Channel, m.Purpose, string(m.Class), string(m.State), m.Reason, m.Journey, m.Node, m.Run,
		m.Address, m.Made, m.Due, m.Expires, m.Detail, m.rest()}
}

// rest is the column intent: what of the intent has no column of its own.
func (m *message) rest() string {
	in := m.Intent
	in.ID, in.Person, in.Run, in.Channel, in.Purpose, in.Journey, in.Node = heed.ID{}, heed.ID{}, heed.ID{}, "", "", "", ""
	return string(appendIntent(nil, &in))
}

// appendIntent is the JSON of what an intent has besides the columns.
func appendIntent(b []byte, in *heed.Intent) []byte {
	b = append(b, '{')
	text := func(k, v string) {
		if v != "" {
			b = appendKey(b, k)
			s, _ := json.Marshal(v) // a string always encodes
			b = append(b, s...)
		}
	}
	text("topic", in.Topic)
	text("template", in.Template)
	text("about", in.About)
	text("by", in.By)
	number := func(k string, v int64) {
		if v != 0 {
			b = appendKey(b, k)
			s, _ := json.Marshal(v)
			b = append(b, s...)
		}
	}
	number("priority", int64(in.Priority))
	number("ttl", int64(in.TTL))
	number("version", int64(in.Version))
	number("asked", int64(in.Asked))
	if in.Vars != "" && json.Valid([]byte(in.Vars)) {
		b = appendKey(b, "vars")
		b = append(b, in.Vars...)
	}
	return append(b, '}')
}

func appendKey(b []byte, k string) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, k...)
	return append(b, '"', ':')
}

// Row is one decision of the ledger.
type Row struct {
	ID      heed.ID      `json:"id"`
	At      heed.Time    `json:"at"`
	Person  heed.ID      `json:"person,omitzero"`
	Message heed.ID      `json:"message,omitzero"`
	Journey string       `json:"journey,omitempty"`
	Node    string       `json:"node,omitempty"`
	Channel string       `json:"channel"`
	Purpose string       `json:"purpose"`
	Outcome heed.Outcome `json:"outcome"`
	Reason  string       `json:"reason"`
	Rule    string       `json:"rule,omitempty"`
	Text    string       `json:"text"`
	Until   heed.Time    `json:"until,omitempty"`
	Dry     bool         `json:"dry,omitempty"` // asked without sending
	By      string       `json:"by,omitempty"`
	Inputs  heed.RawJSON `json:"-"`
}

// Intent is what the decision was about, as far as the row says.
func (d *Row) Intent() heed.Intent {
	return heed.Intent{ID: d.Message, Person: d.Person, Channel: d.Channel, Purpose: d.Purpose, Journey: d.Journey, Node: d.Node, By: d.By}
}

// Decision is the answer.
func (d *Row) Decision() heed.Decision {
	return heed.Decision{Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule, Text: d.Text, Until: d.Until}
}

func scanDecision(r db.Row) (Row, error) {
	var d Row
	var outcome, inputs string
	var dry int64
	err := r.Scan(&d.ID, &d.At, &d.Person, &d.Message, &d.Journey, &d.Node, &d.Channel, &d.Purpose, &outcome, &d.Reason, &d.Rule,
		&d.Text, &d.Until, &dry, &d.By, &inputs)
	d.Outcome, d.Dry, d.Inputs = heed.Outcome(outcome), dry != 0, heed.RawJSON(inputs)
	return d, err
}

func (d *Row) args() []any {
	dry := int64(0)
	if d.Dry {
		dry = 1
	}
	return []any{d.ID, d.At, d.Person, d.Message, d.Journey, d.Node, d.Channel, d.Purpose, string(d.Outcome), d.Reason, d.Rule,
		d.Text, d.Until, dry, d.By, string(d.Inputs)}
}

// rowOf is the ledger's row of a decision about in.
func (s *sequence) rowOf(in *heed.Intent, d heed.Decision, inputs []byte, now heed.Time) Row {
	if len(inputs) == 0 {
		inputs = []byte("{}")
	}
	return Row{ID: s.next(now), At: now, Person: in.Person, Message: in.ID, Journey: in.Journey, Node: in.Node, Channel: in.Channel,
		Purpose: in.Purpose, Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule, Text: d.Text, Until: d.Until, By: in.By, Inputs: inputs}
}

// sequence makes ids that sort in the order in which they were made, also within one moment: the rows of one message
// tell a story.
type sequence struct{ n atomic.Uint64 }

func (s *sequence) next(now heed.Time) heed.ID {
	id := heed.NewID(now)
	n := s.n.Add(1) // 26 bits of it, around the bits that a UUID fixes
	id[6] = id[6]&0xf0 | byte(n>>22)&0x0f
	id[7] = byte(n >> 14)
	id[8] = id[8]&0xc0 | byte(n>>8)&0x3f
	id[9] = byte(n)
	return id
}
