package script

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// expectRun is about journeys: expect run ana welcome at rest, expect run ana welcome ended done, expect no run ana welcome.
// Without at or ended it means a run that has not ended.
func (w *world) expectRun(ctx context.Context, x expectation) error {
	if len(x.rest) == 0 || len(x.rest) == 2 && x.rest[1] != "ended" && x.rest[1] != "paused" || len(x.rest) > 3 {
		return errors.New("want expect run PERSON JOURNEY [at NODE | ended [REASON] | paused] [key=... version=...]")
	}
	if _, err := fit(runFields(journey.Row{}), x.props); err != nil {
		return err
	}
	if err := w.known(spec.Journey, x.rest[0]); err != nil {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	runs, err := w.v.Runs(ctx, p.ID)
	if err != nil {
		return err
	}
	n := 0
	for _, r := range runs {
		ok, err := fit(runFields(r), x.props)
		if err != nil {
			return err
		}
		if ok && r.Journey == x.rest[0] && place(r, x.rest[1:]) && (x.until == 0 || sameMinute(r.Due, x.until)) {
			n++
		}
	}
	return x.counted(n, x.described("run of "+x.who+" in "+strings.Join(x.rest, " ")), w.goes(ctx, p.ID))
}

func runFields(r journey.Row) map[string]string {
	return map[string]string{"key": r.Key, "version": strconv.Itoa(r.Version), "node": r.Node, "reason": r.Reason}
}

// place says whether a run is where the words say.
func place(r journey.Row, words []string) bool {
	ended := r.State == journey.StateEnded
	switch {
	case len(words) == 0:
		return !ended
	case words[0] == "at":
		return !ended && r.Node == words[1]
	case words[0] == "paused":
		return r.State == journey.StatePaused
	}
	return ended && (len(words) == 1 || r.Reason == words[1])
}

// expectTask is about work that a journey has given to people: expect task ana "Call them back".
func (w *world) expectTask(ctx context.Context, x expectation) error {
	if _, err := fit(map[string]string{"department": ""}, x.props); err != nil {
		return err
	}
	p, err := w.subject(ctx, x)
	if err != nil {
		return err
	}
	n := 0
	var detail []string
	for _, f := range w.facts {
		if f.Type != heed.TaskWanted || f.Person != p.ID && w.ids[f.Person] != x.who {
			continue
		}
		detail = append(detail, fmt.Sprintf("%s: %q for %s", show(f.Timestamp, w.loc), f.Name, or(f.Department, "nobody in particular")))
		ok, err := fit(map[string]string{"department": f.Department}, x.props)
		if err != nil {
			return err
		}
		if ok && (len(x.rest) == 0 || x.rest[0] == f.Name) {
			n++
		}
	}
	return x.counted(n, x.described("task about "+strings.Join(append([]string{x.who}, x.rest...), " ")), detail)
}
