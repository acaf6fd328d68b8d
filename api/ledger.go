package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// DecisionTally counts decisions.
type DecisionTally struct {
	Counts []DecisionCount `json:"counts" nullable:"false" doc:"By outcome, reason and rule, the most frequent first."`
	Hours  []DecisionHour  `json:"hours" nullable:"false" doc:"Over time, oldest first; hours without decisions are left out."`
}

// DecisionCount is how many decisions had one reason.
type DecisionCount struct {
	Outcome heed.Outcome `json:"outcome" enum:"send,hold,drop"`
	Reason  string       `json:"reason"`
	Rule    string       `json:"rule,omitempty"`
	Count   int64        `json:"count"`
}

// DecisionHour counts the decisions of one hour.
type DecisionHour struct {
	At   Time  `json:"at" doc:"Its beginning."`
	Send int64 `json:"send"`
	Hold int64 `json:"hold"`
	Drop int64 `json:"drop"`
}

// Verdict is what was, or would have been, decided.
type Verdict struct {
	Outcome heed.Outcome `json:"outcome" enum:"send,hold,drop"`
	Reason  string       `json:"reason"`
	Rule    string       `json:"rule,omitempty"`
	Text    string       `json:"text" say:"sentence" doc:"The same in plain words."`
	Until   Time         `json:"until,omitzero"`
}

// VerdictOf shows a decision; nil for none.
func VerdictOf(d heed.Decision) *Verdict {
	if d.Outcome == "" {
		return nil
	}
	return &Verdict{d.Outcome, d.Reason, d.Rule, d.Text, Time(d.Until)}
}

// DecidedAgain is a decision and what today's rules make of it.
type DecidedAgain struct {
	Decision Decision      `json:"decision" doc:"As it was made."`
	Today    *Verdict      `json:"today" doc:"What the rules in force now say about the same inputs."`
	Same     bool          `json:"same"`
	Guessed  bool          `json:"guessed" doc:"Today's rules ask what is not on record, and the person was asked as they are now."`
	Changed  []ChangedSpec `json:"changed" nullable:"false" doc:"Rules that were changed since, the latest first."`
}

// ChangedSpec is a document that was changed after a decision.
type ChangedSpec struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Version int    `json:"version"`
	Deleted bool   `json:"deleted,omitempty"`
	At      Time   `json:"at"`
	By      string `json:"by,omitempty"`
}

func (s *server) registerLedger() {
	o := op{method: http.MethodGet, path: "/decisions/counts", id: "countDecisions", tag: "messages", need: account.ReadStats, needs: s.Ledger, what: ledgerDep,
		summary: "Decisions by reason, and over time", about: "Of the last 30 days unless `since` says otherwise; times are taken to the hour."}
	route(s, o, s.countDecisions)
	o = op{method: http.MethodGet, path: "/decisions/{id}", id: "getDecision", tag: "messages", need: account.ReadPeople, needs: s.Ledger, what: ledgerDep, summary: "One decision"}
	route(s, o, s.getDecision)
	o.path, o.id, o.summary = "/decisions/{id}/today", "replayDecision", "What today's rules would have decided"
	o.about = "Made again from the inputs on record. 409 when they are not on record any more."
	route(s, o, s.replayDecision)
}

// monthBack is how far back counts and rehearsals look.
const monthBack = 30 * 24 * time.Hour

func (s *server) countDecisions(ctx context.Context, in *DecisionFilter) (*Body[DecisionTally], error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	if q.Since == 0 {
		q.Since = s.Clock.Now().Add(-monthBack)
	}
	t, err := s.Ledger.Tallies(ctx, q)
	empty(&t.Counts)
	empty(&t.Hours)
	return body(t), err
}

func (s *server) getDecision(ctx context.Context, in *IDPath) (*Body[Decision], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	d, err := s.Ledger.Decision(ctx, id)
	return body(DecisionView(d)), err
}

func (s *server) replayDecision(ctx context.Context, in *IDPath) (*Body[DecidedAgain], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	again, err := s.Ledger.Today(ctx, id)
	empty(&again.Changed)
	return body(again), err
}

// DecisionFilter selects from the ledger. What is left out does not narrow it.
type DecisionFilter struct {
	Person  string `query:"person" maxLength:"36"`
	Message string `query:"message" maxLength:"36"`
	Journey string `query:"journey" maxLength:"64"`
	Channel string `query:"channel" maxLength:"64"`
	Purpose string `query:"purpose" maxLength:"64"`
	Outcome string `query:"outcome" enum:"send,hold,drop"`
	Reason  string `query:"reason" maxLength:"64" example:"NO_CONSENT"`
	Since   string `query:"since" maxLength:"40" doc:"Decided at or after this moment, RFC 3339."`
	Until   string `query:"until" maxLength:"40" doc:"Decided before this moment."`
}

func (f DecisionFilter) query() (q DecisionQuery, err error) {
	q = DecisionQuery{Journey: f.Journey, Channel: f.Channel, Purpose: f.Purpose, Outcome: f.Outcome, Reason: f.Reason}
	for _, one := range []struct {
		field, text string
		id          *heed.ID
	}{{"person", f.Person, &q.Person}, {"message", f.Message, &q.Message}} {
		if one.text != "" {
			if *one.id, err = parseID(one.field, one.text); err != nil {
				return q, err
			}
		}
	}
	for _, one := range []struct {
		field, text string
		at          *heed.Time
	}{{"since", f.Since, &q.Since}, {"until", f.Until, &q.Until}} {
		var t Time
		if one.text != "" && t.UnmarshalText([]byte(one.text)) != nil {
			return q, heed.FieldErrorf(one.field, "want a time such as 2026-05-09T17:00:00Z, got %q", short(one.text))
		}
		*one.at = heed.Time(t)
	}
	return q, nil
}
