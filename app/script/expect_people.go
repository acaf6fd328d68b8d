package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// yes is the error of an expectation that something is so, or not.
func (x expectation) yes(is bool, what string, detail ...string) error {
	if is != x.no {
		return nil
	}
	if x.no {
		return &unmet{what: what + ", and should not be", detail: detail}
	}
	return &unmet{what: "it is not so that " + what, detail: detail}
}

func (x expectation) words(n int, usage string) error {
	if len(x.rest) != n {
		return fmt.Errorf("want expect %s", usage)
	}
	return nil
}

func (w *world) expectSegment(ctx context.Context, x expectation) error {
	if err := x.words(1, "segment PERSON NAME"); err != nil {
		return err
	}
	if err := w.known(spec.Segment, x.rest[0]); err != nil {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	_, in := p.Segments[x.rest[0]]
	names := slices.Sorted(maps.Keys(p.Segments))
	return x.yes(in, fmt.Sprintf("%s is in segment %s", x.who, x.rest[0]), "they are in "+or(strings.Join(names, ", "), "no segment"))
}

func (w *world) expectStage(ctx context.Context, x expectation) error {
	if err := x.words(1, "stage PERSON NAME"); err != nil {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	return x.yes(p.Stage == x.rest[0], fmt.Sprintf("%s is %s", x.who, x.rest[0]),
		fmt.Sprintf("they are %s since %s", or(p.Stage, "at no stage"), show(p.StageSince, w.loc)))
}

func (w *world) expectTrait(ctx context.Context, x expectation) error {
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	var names []string
	for _, n := range slices.Sorted(maps.Keys(p.Traits)) {
		names = append(names, fmt.Sprintf("%s=%s", n, p.Traits[n].Value))
	}
	detail := "what is known: " + or(strings.Join(names, " "), "nothing")
	switch {
	case len(x.rest) == 1 && len(x.props) == 0:
		_, has := p.Traits[x.rest[0]]
		return x.yes(has, fmt.Sprintf("%s has a trait %s", x.who, x.rest[0]), detail)
	case len(x.rest) == 2:
		t, has := p.Traits[x.rest[0]]
		is := prop{value: json.RawMessage(t.Value)}.plain()
		return x.yes(has && is == prop{value: valueOf(x.rest[1])}.plain(), fmt.Sprintf("%s has %s %s", x.who, x.rest[0], x.rest[1]), detail)
	case len(x.rest) == 0 && len(x.props) > 0:
		for _, q := range x.props {
			t, has := p.Traits[q.name]
			if err := x.yes(has && q.matches(prop{value: json.RawMessage(t.Value)}.plain()), fmt.Sprintf("%s has %s %s", x.who, q.name, q.plain()), detail); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("want expect trait PERSON NAME VALUE, or expect trait PERSON name=value")
}

func (w *world) expectConsent(ctx context.Context, x expectation) error {
	if len(x.rest) < 2 || len(x.rest) > 3 {
		return errors.New("want expect consent PERSON PURPOSE CHANNEL [granted|denied|pending]; channel * is every channel")
	}
	if err := w.known(spec.Purpose, x.rest[0]); err != nil && x.rest[0] != "*" {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	if x.rest[1] == "*" {
		x.rest[1] = ""
	}
	var all []string
	for _, k := range slices.Sorted(maps.Keys(p.Consents)) {
		c := p.Consents[k]
		all = append(all, fmt.Sprintf("%s %s since %s (%s)", k, c.State, show(c.At, w.loc), or(c.Where, "nobody says where")))
	}
	c, has := p.Consents[heed.ConsentKey(x.rest[0], x.rest[1])]
	if len(x.rest) == 3 {
		has = has && string(c.State) == x.rest[2]
	}
	for _, q := range x.props {
		is := map[string]string{"where": c.Where, "act": c.Act, "text": c.Text, "source": c.Source}
		ok, err := fit(is, []prop{q})
		if err != nil {
			return err
		}
		has = has && ok
	}
	return x.yes(has, x.described(fmt.Sprintf("%s said so: %s", x.who, strings.Join(x.rest, " "))), "what they said: "+or(strings.Join(all, "; "), "nothing"))
}

func (w *world) expectSuppressed(ctx context.Context, x expectation) error {
	if err := x.words(1, "suppressed PERSON CHANNEL or CHANNEL:ADDRESS"); err != nil {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	is := false
	var all []string
	for _, k := range slices.Sorted(maps.Keys(p.Blocked)) {
		all = append(all, k+" ("+p.Blocked[k].Reason+")")
		is = is || k == x.rest[0] || strings.HasPrefix(k, x.rest[0]+":")
	}
	return x.yes(is, fmt.Sprintf("%s is suppressed on %s", x.who, x.rest[0]), "suppressed: "+or(strings.Join(all, ", "), "nothing"))
}

// expectOne is about two names of one person: expect one ana ben.
func (w *world) expectOne(ctx context.Context, x expectation) error {
	if err := x.words(1, "one PERSON PERSON"); err != nil {
		return err
	}
	a, err := w.find(ctx, x.who)
	if err != nil {
		return err
	}
	b, err := w.find(ctx, x.rest[0])
	if err != nil {
		return err
	}
	return x.yes(a.ID == b.ID, fmt.Sprintf("%s and %s are one person", x.who, x.rest[0]))
}

func (w *world) expectPerson(ctx context.Context, x expectation) error {
	_, err := w.find(ctx, x.who)
	if _, nobody := errors.AsType[*unmet](err); err != nil && !nobody {
		return err
	}
	return x.yes(err == nil, "somebody is known as "+x.who)
}

func (w *world) expectNobody(ctx context.Context, x expectation) error {
	x.no = !x.no
	return w.expectPerson(ctx, x)
}

// expectCase is about unhappy moments: expect case ana c-7 open, expect case ana c-7 closed.
func (w *world) expectCase(ctx context.Context, x expectation) error {
	if len(x.rest) != 2 || x.rest[1] != "open" && x.rest[1] != "closed" {
		return errors.New("want expect case PERSON ID open|closed")
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	is := false
	var all []string
	for _, c := range p.Cases {
		state := "open"
		if c.Closed > 0 {
			state = "closed"
		}
		all = append(all, c.ID+" "+state)
		is = is || c.ID == x.rest[0] && state == x.rest[1]
	}
	return x.yes(is, fmt.Sprintf("case %s of %s is %s", x.rest[0], x.who, x.rest[1]), "cases: "+or(strings.Join(all, ", "), "none"))
}

// expectOrders is about what they bought: expect orders ana count=2 revenue=80.
func (w *world) expectOrders(ctx context.Context, x expectation) error {
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	is := map[string]string{"count": strconv.FormatInt(p.Orders.Count, 10), "revenue": strconv.FormatFloat(p.Orders.Revenue, 'f', -1, 64)}
	ok, err := fit(is, x.props)
	if err != nil {
		return err
	}
	return x.yes(ok, x.described("the orders of "+x.who+" are"), fmt.Sprintf("they have %s orders over %s", is["count"], is["revenue"]))
}

// expectReview is about what identity asks people to look at: expect review shared.
func (w *world) expectReview(ctx context.Context, x expectation) error {
	all, err := w.v.Reviews(ctx)
	if err != nil {
		return err
	}
	n := 0
	var detail []string
	for _, r := range all {
		detail = append(detail, r.Kind+" "+r.Identifier.String())
		if r.Kind == x.who {
			n++
		}
	}
	return x.counted(n, "review of kind "+x.who, detail)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
