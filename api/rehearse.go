package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// Rehearsal is what the last days of the ledger would have said under a draft of the rules.
type Rehearsal struct {
	Since     Time             `json:"since"`
	Until     Time             `json:"until"`
	Total     int64            `json:"total" doc:"Decisions on record in that time."`
	Decisions int64            `json:"decisions" doc:"That were made again."`
	People    int64            `json:"people" doc:"Whom they are about."`
	Rate      float64          `json:"rate" doc:"Share of the people that were looked at, 0 to 1. 1 is everybody."`
	Silent    int64            `json:"silent" doc:"Decisions whose inputs are not on record: left out."`
	Guessed   int64            `json:"guessed" doc:"Decisions that ask what is not on record: the person was asked as they are today."`
	Blind     []string         `json:"blind" nullable:"false" doc:"Events that the draft counts and nobody has counted: taken as if they had never happened."`
	Changed   int64            `json:"changed" doc:"Decisions that the draft answers differently."`
	Lines     []RehearsedLine  `json:"lines" nullable:"false" doc:"By outcome, reason and rule."`
	Examples  []RehearsedEntry `json:"examples" nullable:"false" doc:"Of those that change, the newest first."`
	Topics    []RehearsedTopic `json:"topics" nullable:"false" doc:"That people may choose under the draft, or no longer: a list of topics decides nothing by itself, what people say by it does."`
}

// RehearsedTopic is a topic that the draft adds or takes away, and what there was to choose about.
type RehearsedTopic struct {
	Name      string `json:"name"`
	Added     bool   `json:"added" doc:"False: people may no longer choose it; what they said stays in force."`
	Messages  int64  `json:"messages" doc:"About it, in that time."`
	People    int64  `json:"people" doc:"For whom they were wanted."`
	Went      int64  `json:"went" doc:"Of the messages."`
	Muted     int64  `json:"muted" doc:"Of the messages: dropped, because the person had muted it."`
	NotWanted int64  `json:"not_wanted" doc:"Of the messages: dropped, because the person had named topics and it was none of them."`
	HaveMuted int64  `json:"have_muted" doc:"Of the people that were looked at, those who have muted it today."`
	Want      int64  `json:"want" doc:"Of the people that were looked at, those who ask for it today."`
}

// RehearsedLine counts decisions with one outcome, reason and rule.
type RehearsedLine struct {
	Outcome  heed.Outcome `json:"outcome" enum:"send,hold,drop"`
	Reason   string       `json:"reason"`
	Rule     string       `json:"rule,omitempty"`
	Recorded int64        `json:"recorded" doc:"As they were made."`
	Before   int64        `json:"before" doc:"Made again under the rules in force."`
	After    int64        `json:"after" doc:"Made again under the draft."`
}

// RehearsedEntry is a decision that the draft answers differently.
type RehearsedEntry struct {
	Decision Decision `json:"decision" doc:"As it was made."`
	Before   *Verdict `json:"before" doc:"Under the rules in force; null when it would not have come up."`
	After    *Verdict `json:"after" doc:"Under the draft; null when it would not have come up, because its message had gone or been dropped before."`
	Guessed  bool     `json:"guessed,omitempty"`
}

// Draft is a change of rules that is not saved.
type Draft struct {
	Changes []DraftSpec `json:"changes" minItems:"1" maxItems:"50" nullable:"false"`
	Days    int         `json:"days,omitempty" minimum:"1" maximum:"90" default:"30" doc:"How far back to look."`
}

// DraftSpec is one document of a draft.
type DraftSpec struct {
	Kind string `json:"kind" enum:"brand,purpose,rule,cap,quiet_hours"`
	Name string `json:"name" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$"`
	Body JSON   `json:"body,omitempty" doc:"Its fields, as in PUT /specs; null takes it away."`
}

func (s *server) registerRehearse() {
	route(s, op{method: http.MethodPost, path: "/policy/rehearse", id: "rehearsePolicy", tag: "specs", need: account.ReadPeople, needs: s.Ledger, what: ledgerDep, audit: notAudited, maxBody: 2 * spec.MaxBody,
		summary: "What a change of the rules would have done", about: "Makes the decisions of the last days again, under the rules in force and under the draft, and says what differs. Nothing is saved. " +
			"More than about 20,000 decisions are sampled by person; `rate` says how many people were looked at."}, s.rehearse)
}

func (s *server) rehearse(ctx context.Context, in *Body[Draft]) (*Body[Rehearsal], error) {
	current, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	draft, err := s.draft(current, in.Body.Changes)
	if err != nil {
		return nil, err
	}
	out, err := s.Ledger.Rehearse(ctx, current, draft, s.Clock.Now()-heed.Time(in.Body.Days)*day)
	empty(&out.Blind)
	empty(&out.Lines)
	empty(&out.Examples)
	empty(&out.Topics)
	return body(out), err
}

const day = heed.Time(24 * 3600 * 1e6)

// draft is what would be in force with these changes. It is checked like what is saved.
func (s *server) draft(current spec.Set, changes []DraftSpec) (spec.Set, error) {
	draft, changed := current.With(), map[spec.Key]bool{}
	for _, c := range changes {
		key := spec.Key{Kind: c.Kind, Name: c.Name}
		if len(c.Body) == 0 || string(c.Body) == "null" {
			delete(draft, key)
			continue
		}
		x, err := spec.ReadJSON(c.Kind, c.Name, c.Body)
		if err != nil {
			return nil, err
		}
		if x, err = spec.Reveal(x, current[key]); err != nil {
			return nil, err
		}
		x.MadeAt = s.Clock.Now()
		draft[key], changed[key] = x, true
	}
	if err := s.Checks.Check(draft, func(k spec.Key) bool { return changed[k] }); err != nil {
		return nil, err
	}
	return draft, s.newProblems(current, draft)
}
