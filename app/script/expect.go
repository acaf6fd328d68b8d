package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
)

// want is how often something is expected.
type want struct {
	no    bool
	count int // -1: at least once
}

// met says whether n is as wanted.
func (x want) met(n int) bool {
	switch {
	case x.no:
		return n == 0
	case x.count >= 0:
		return n == x.count
	}
	return n > 0
}

// expectation is what follows expect: whom it is about, and the rest.
type expectation struct {
	want
	kind  string
	who   string
	rest  []string
	props []prop
	until heed.Time // of `until ...` at the end; 0: not asked
}

// expect checks what must be true: expect [no|not|NUMBER] KIND PERSON ...
func (w *world) expect(ctx context.Context, s *statement) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	x, err := w.expectation(s)
	if err != nil {
		return err
	}
	check, ok := expectations()[x.kind]
	if !ok {
		return fmt.Errorf("there is nothing called %q to expect; there are %s", x.kind, strings.Join(kinds(), ", "))
	}
	if x.until != 0 && !untils[x.kind] {
		return fmt.Errorf("expect %s takes no until", x.kind)
	}
	if err := check(w, ctx, x); err != nil {
		return err
	}
	w.met++
	return nil
}

func (w *world) expectation(s *statement) (x expectation, err error) {
	x.count, x.props = -1, s.props
	words := s.words[1:]
	if len(words) > 0 {
		if n, err := strconv.Atoi(words[0]); err == nil && n >= 0 {
			x.count, words = n, words[1:]
		} else if words[0] == "no" || words[0] == "not" {
			x.no, words = true, words[1:]
		}
	}
	if i := lastIndex(words, "until"); i > 0 && i < len(words)-1 {
		if x.until, err = parseWhen(words[i+1:], w.clock(), w.loc); err != nil {
			return x, err
		}
		words = words[:i]
	}
	if len(words) == 0 {
		return x, errors.New("expect what? Such as expect message ana template=welcome state=sent")
	}
	x.kind, words = words[0], words[1:]
	if x.kind != "message" && x.kind != "messages" && states[x.kind] != "" {
		x.props = append([]prop{{name: "state", value: encode(string(states[x.kind]))}}, x.props...)
		x.kind = "message"
	}
	x.kind = strings.TrimSuffix(x.kind, "s")
	if len(words) == 0 {
		return x, fmt.Errorf("expect %s of whom?", x.kind)
	}
	x.who, x.rest = words[0], words[1:]
	return x, nil
}

// lastIndex is where a word stands for the last time: a node may be called until, too.
func lastIndex(words []string, word string) int {
	for i, w := range slices.Backward(words) {
		if w == word {
			return i
		}
	}
	return -1
}

// states are the words that may stand for message ... state=.
var states = map[string]heed.MessageState{
	"held": heed.MessageHeld, "reserved": heed.MessageReserved, "sending": heed.MessageSending, "sent": heed.MessageSent,
	"delivered": heed.MessageDelivered, "bounced": heed.MessageBounced, "complained": heed.MessageComplained, "failed": heed.MessageFailed,
	"unknown": heed.MessageUnknown, "dropped": heed.MessageDropped, "canceled": heed.MessageCanceled,
}

// untils are the expectations that may end in until MOMENT.
var untils = map[string]bool{"message": true, "decision": true, "may": true, "run": true}

// expectations are all kinds. To add one, add a line and a function.
func expectations() map[string]func(*world, context.Context, expectation) error {
	return map[string]func(*world, context.Context, expectation) error{
		"message": (*world).expectMessage, "decision": (*world).expectDecision, "mail": (*world).expectMail, "may": (*world).expectMay,
		"segment": (*world).expectSegment, "stage": (*world).expectStage, "trait": (*world).expectTrait, "consent": (*world).expectConsent,
		"suppressed": (*world).expectSuppressed, "run": (*world).expectRun, "task": (*world).expectTask,
		"one": (*world).expectOne, "nobody": (*world).expectNobody, "person": (*world).expectPerson, "case": (*world).expectCase,
		"order": (*world).expectOrders, "review": (*world).expectReview,
	}
}

func kinds() []string {
	var out []string
	for k := range expectations() {
		out = append(out, k)
	}
	slices.Sort(out)
	return append(out, "and the states of a message")
}

// find returns the person whom a script names.
func (w *world) find(ctx context.Context, word string) (*heed.Person, error) {
	ids, err := w.who(word)
	if err != nil {
		return nil, err
	}
	p, err := w.v.Person(ctx, ids[0])
	if heed.CodeOf(err) == heed.NotFound {
		return nil, &unmet{what: fmt.Sprintf("nobody is known as %s", ids[0])}
	}
	return p, err
}

// subject is find for expectations: of nobody there is nothing.
func (w *world) subject(ctx context.Context, x expectation) (*heed.Person, error) {
	p, err := w.find(ctx, x.who)
	if _, nobody := errors.AsType[*unmet](err); nobody && (x.no || x.count == 0) {
		return &heed.Person{}, nil
	}
	return p, err
}

// counted is the error of an expectation that something is there so and so often.
func (x expectation) counted(n int, what string, detail []string) error {
	if x.met(n) {
		return nil
	}
	e := &unmet{detail: detail}
	switch {
	case x.no:
		e.what = fmt.Sprintf("expected no %s, and there is one", what)
		if n > 1 {
			e.what = fmt.Sprintf("expected no %s, and there are %d", what, n)
		}
	case x.count >= 0:
		e.what = fmt.Sprintf("expected %s %d times, and it is there %d times", what, x.count, n)
	default:
		e.what = "there is no " + what
	}
	return e
}

// described writes what was asked for.
func (x expectation) described(what string) string {
	for _, p := range x.props {
		op := "="
		if p.like {
			op = "~"
		}
		what += " " + p.name + op + p.plain()
	}
	return what
}

// matches compares one property with what is there.
func (p prop) matches(is string) bool {
	want := p.plain()
	if p.like {
		return strings.Contains(strings.ToLower(is), strings.ToLower(want))
	}
	return slices.Contains(strings.Split(want, "|"), is)
}
