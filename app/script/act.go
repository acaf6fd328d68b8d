package script

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/internal/spec"
)

// at moves to a moment, or says when and where the script begins: at 2026-03-28 09:00 Europe/Lisbon.
func (w *world) at(ctx context.Context, s *statement) error {
	words := s.words[1:]
	if n := len(words); n > 1 {
		if loc, err := time.LoadLocation(words[n-1]); err == nil && strings.Contains(words[n-1], "/") || words[n-1] == "UTC" {
			w.loc, words = loc, words[:n-1]
		}
	}
	t, err := parseWhen(words, w.clock(), w.loc)
	if err != nil {
		return err
	}
	if w.v == nil {
		w.now = t + tick
		return nil
	}
	return w.advance(ctx, t+tick)
}

// advance moves the clock, and only forward.
func (w *world) advance(ctx context.Context, t heed.Time) error {
	if t < w.clock() {
		return fmt.Errorf("it is %s already, and time does not run backwards", show(w.clock(), w.loc))
	}
	return w.v.Advance(ctx, t)
}

func (w *world) wait(ctx context.Context, s *statement) error {
	if len(s.words) != 2 {
		return errors.New("say how long, such as wait 2d or wait 1h30m")
	}
	d, ok := parseSpan(s.words[1])
	if !ok {
		return fmt.Errorf("%q is no length of time: write 30s, 10m, 2h, 3d or 1w", s.words[1])
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	return w.v.Advance(ctx, d.after(w.clock(), w.loc))
}

func (w *world) until(ctx context.Context, s *statement) error {
	t, err := parseWhen(s.words[1:], w.clock(), w.loc)
	if err != nil {
		return err
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	return w.advance(ctx, t+tick)
}

// edit puts specs in force: of files beside the script, or of the block.
func (w *world) edit(ctx context.Context, s *statement) error {
	wanted := spec.Set{}
	if len(s.words) == 1 && len(s.block) == 0 {
		return errors.New("name files or folders of specs, or write the specs below, indented")
	}
	for _, p := range s.words[1:] {
		set, err := spec.ReadFiles(w.near(p))
		if err != nil {
			return err
		}
		wanted = wanted.With(set.All()...)
	}
	if len(s.block) > 0 {
		// As many empty lines before the block as there are in the file, so that errors name its lines.
		var text strings.Builder
		for n := 1; n < s.block[0].line; n++ {
			text.WriteByte('\n')
		}
		for _, l := range s.block {
			text.WriteString(l.text + "\n")
		}
		set, err := spec.Read(w.path, []byte(text.String()))
		if err != nil {
			return err
		}
		wanted = wanted.With(set.All()...)
	}
	w.add(wanted)
	if w.v == nil {
		w.put = s
		return nil
	}
	return w.v.Apply(ctx, wanted)
}

// delete takes a spec out of force: delete journey welcome.
func (w *world) delete(ctx context.Context, s *statement) error {
	if len(s.words) != 3 {
		return errors.New("say what to delete, such as delete journey welcome")
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	k := spec.Key{Kind: s.words[1], Name: s.words[2]}
	if err := w.v.Apply(ctx, nil, k); err != nil {
		return err
	}
	w.specs = w.specs.With() // a copy: the options' set is not ours
	delete(w.specs, k)
	return nil
}

// senders says what becomes of messages that may go.
func (w *world) senders(ctx context.Context, s *statement) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	if len(s.words) == 2 {
		for _, d := range app.Deliveries {
			if string(d) == s.words[1] {
				return w.v.Senders(ctx, d)
			}
		}
	}
	return fmt.Errorf("senders are one of %v", app.Deliveries)
}

func (w *world) schedulers(ctx context.Context, s *statement) error {
	n := 0
	if len(s.words) == 2 {
		n, _ = strconv.Atoi(s.words[1]) // 0 is refused below
	}
	if n < 1 || n > 16 {
		return errors.New("say how many, from 1 to 16")
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	w.v.Schedulers(n)
	return nil
}

// happen makes the event of one statement and takes it in.
func (w *world) happen(ctx context.Context, v verb, s *statement, ago span) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	e, err := w.make(ctx, v, s, ago)
	if err != nil {
		return err
	}
	w.last = []heed.Event{e}
	return w.v.Feed(ctx, e)
}

// make makes the event of a statement that happened a while ago.
func (w *world) make(ctx context.Context, v verb, s *statement, ago span) (heed.Event, error) {
	now := w.clock()
	if now != w.moment {
		w.moment, w.ticks = now, 0
	}
	w.ticks = min(w.ticks+1, tick)
	then := ago.before(now, w.loc) - tick + w.ticks
	e, err := v.event(w, ctx, s, then)
	if err != nil {
		return e, err
	}
	w.events++
	if e.MessageID == "" {
		e.MessageID = fmt.Sprintf("test-%d", w.events)
	}
	if e.Source == "" {
		e.Source = "test"
	}
	e.Timestamp, e.ReceivedAt = then, now
	return e, nil
}

// together takes in the events of its block as one batch, as a worker may find them.
func (w *world) together(ctx context.Context, s *statement) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	w.last = nil
	for _, l := range s.block {
		if t := strings.TrimSpace(l.text); t == "" || t[0] == '#' {
			continue
		}
		one, err := parseLine(l.line, strings.TrimSpace(l.text))
		if err != nil {
			return err
		}
		ago := span{}
		if d, ok := parseSpan(one.words[0]); ok && len(one.words) > 2 && one.words[1] == "ago" {
			ago, one.words = d, one.words[2:]
		}
		v := verbs()[one.words[0]]
		if v.event == nil {
			return &lineError{l.line, fmt.Sprintf("%q is no event", one.words[0])}
		}
		e, err := w.make(ctx, v, one, ago)
		if err != nil {
			return &lineError{l.line, err.Error()}
		}
		w.last = append(w.last, e)
	}
	if len(w.last) == 0 {
		return errors.New("write the events below, indented")
	}
	return w.v.Feed(ctx, w.last...)
}

// race takes in the same statement many times at once: race 100 send ana purpose=stories channel=email.
func (w *world) race(ctx context.Context, s *statement) error {
	n := 0
	if len(s.words) > 2 {
		n, _ = strconv.Atoi(s.words[1]) // 0 is refused below
	}
	if n < 1 || n > 10_000 {
		return errors.New("say how many and what, such as race 100 send ana purpose=stories channel=email")
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	one := *s
	one.words = s.words[2:]
	v := verbs()[one.words[0]]
	if v.event == nil {
		return fmt.Errorf("%q is no event", one.words[0])
	}
	w.last = nil
	for range n {
		e, err := w.make(ctx, v, &one, span{})
		if err != nil {
			return err
		}
		e.Timestamp = w.clock() // all at once
		w.last = append(w.last, e)
	}
	return w.v.Race(ctx, w.last)
}

// again takes in the events of the latest statement once more, unchanged.
func (w *world) again(ctx context.Context, _ *statement) error {
	if len(w.last) == 0 {
		return errors.New("nothing has happened yet that could happen again")
	}
	events := make([]heed.Event, len(w.last))
	for i, e := range w.last {
		e.ReceivedAt = w.clock()
		events[i] = e
	}
	return w.v.Feed(ctx, events...)
}
