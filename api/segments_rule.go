package api

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
)

// RuleIn is a rule in one of its two forms.
type RuleIn struct {
	Text  string `json:"text,omitempty" maxLength:"16384" doc:"The text form."`
	Tree  JSON   `json:"tree,omitempty" doc:"The tree, when there is no text."`
	Where bool   `json:"where,omitempty" doc:"It asks about one event alone, as the where of a trigger does."`
}

// RuleOut is a rule in both forms, or what is wrong with it.
type RuleOut struct {
	Text     string        `json:"text" doc:"The canonical text; empty when the rule is wrong."`
	Tree     JSON          `json:"tree" doc:"The same as a tree; null when the rule is wrong."`
	Problems []RuleProblem `json:"problems" nullable:"false"`
	Event    bool          `json:"event" doc:"It asks about the event that just happened: journeys only."`
	Timed    bool          `json:"timed" doc:"Time alone can change its answer."`
}

// RuleProblem is one mistake in a rule.
type RuleProblem struct {
	Field  string `json:"field,omitempty" doc:"The path in the tree, such as of[1].value."`
	Detail string `json:"detail" say:"sentence"`
	Line   int    `json:"line,omitempty" doc:"In the text, from 1."`
	Column int    `json:"column,omitempty" doc:"In the text, from 1, in characters."`
}

// readRule turns either form of a rule into both. A rule that is wrong is no error: the answer says where.
func (s *server) readRule(ctx context.Context, in *Body[RuleIn]) (*Body[RuleOut], error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	e, err := in.Body.expr()
	if err != nil {
		return body(RuleOut{Problems: []RuleProblem{ruleProblem(err)}}), nil
	}
	whole := e
	if in.Body.Where {
		whole = &rule.Expr{Kind: rule.Did, Event: &rule.Event{Name: "x", Where: e}}
	}
	errs := rule.Check(whole, rule.Names{
		Segment: func(n string) bool { return set.Has(spec.Segment, n) },
		Purpose: func(n string) bool { return set.Has(spec.Purpose, n) },
	})
	if len(errs) > 0 {
		return body(RuleOut{Problems: each(errs, ruleProblem)}), nil
	}
	r, err := rule.New(whole)
	if err != nil {
		return nil, err
	}
	out := RuleOut{Text: r.String(), Problems: []RuleProblem{}, Event: r.Deps().Triggering, Timed: r.Deps().Timed}
	shown := r.Expr()
	if in.Body.Where {
		shown = shown.Event.Where
		out.Text = shown.String()
	}
	out.Tree, err = json.Marshal(shown)
	return body(out), err
}

func (in RuleIn) expr() (*rule.Expr, error) {
	switch {
	case in.Text != "" && in.Where:
		return rule.ParseWhere(in.Text)
	case in.Text != "":
		return rule.ParseExpr(in.Text)
	case len(in.Tree) == 0:
		return nil, heed.Errorf(heed.Invalid, "Write a rule, such as: did \"Order Completed\" within 30d.")
	}
	var e *rule.Expr
	if err := json.Unmarshal(in.Tree, &e); err != nil {
		if h, ok := errors.AsType[*heed.Error](err); ok {
			return nil, h
		}
		return nil, heed.Errorf(heed.Invalid, "This is no tree of conditions: %v", err)
	}
	return e, nil
}

func ruleProblem(err error) RuleProblem {
	p := RuleProblem{Detail: heed.MessageOf(err)}
	if at, ok := errors.AsType[*rule.SyntaxError](err); ok {
		p.Line, p.Column = at.Line, at.Col
		p.Detail = "expected " + at.Want + ", found " + at.Got
	}
	if h, ok := errors.AsType[*heed.Error](err); ok {
		p.Field = h.Field
	}
	return p
}
