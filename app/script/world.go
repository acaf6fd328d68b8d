package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/internal/spec"
)

// Options of a run.
type Options struct {
	// Specs are files and folders of specs that are in force from the start, before what the script names.
	Specs []string
	// DatabaseURL is an empty state store for the script; "" takes a throwaway SQLite file.
	DatabaseURL string
	// Trace, if any, gets every statement and what followed from it, with its time.
	Trace io.Writer
}

// Result is what came of one script.
type Result struct {
	Path  string
	Lived time.Duration // by the virtual clock
	// Expectations is how many were met.
	Expectations int
	// Failures are empty when everything was as the script says.
	Failures []Failure
}

// Failure is something that was not as a line of the script says.
type Failure struct {
	Path   string
	Line   int
	Text   string   // of the statement
	What   string   // what is wrong
	Detail []string // what there is instead, a line each
}

// String is the failure as it is printed: file:line first, as editors understand it.
func (f Failure) String() string {
	s := fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.What)
	if f.Text != "" {
		s += "\n    " + f.Text
	}
	for _, d := range f.Detail {
		s += "\n      " + d
	}
	return s
}

// tick is by how much the clock is past the moment that a script names: what a script does at one moment happens within
// it, one microsecond after the other, in the order in which it is written.
const tick heed.Time = 10_000

// maxFailures is after how many failures a script is not played on.
const maxFailures = 5

// world is what one script plays in.
type world struct {
	path  string
	o     Options
	loc   *time.Location
	start heed.Time
	now   heed.Time // before the world is open
	v     *app.Virtual
	specs spec.Set
	ever  spec.Set   // also what was deleted
	put   *statement // the latest that brought specs, before the world is open

	events int          // made so far
	moment heed.Time    // at which the latest was made
	ticks  heed.Time    // how many were made then
	last   []heed.Event // of the latest statement, for `again`
	met    int
	facts  []heed.Event
	names  []string           // as the script wrote them
	ids    map[heed.ID]string // whom they have stood for
	handed int                // traced so far
}

// Run plays one script.
func Run(ctx context.Context, path string, o Options) (r Result) {
	r.Path = path
	text, err := os.ReadFile(path)
	if err != nil {
		r.Failures = []Failure{{Path: path, What: "cannot be read: " + err.Error()}}
		return r
	}
	list, err := parse(string(text))
	if at, ok := errors.AsType[*lineError](err); ok {
		r.Failures = []Failure{{Path: path, Line: at.line, What: at.text}}
		return r
	}
	w := &world{path: path, o: o, loc: time.UTC, specs: spec.Set{}, ever: spec.Set{}, ids: map[heed.ID]string{}}
	w.start = heed.At(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
	w.now = w.start + tick
	defer func() {
		if w.v != nil {
			r.Lived = w.v.Now().Sub(w.start)
			if err := w.v.Close(); err != nil {
				r.Failures = append(r.Failures, Failure{Path: path, What: err.Error()})
			}
		}
		r.Expectations = w.met
	}()
	if err := w.read(o.Specs...); err != nil {
		r.Failures = []Failure{{Path: path, Line: 1, What: "its specs: " + err.Error()}}
		return r
	}
	for _, s := range list {
		err := w.step(ctx, s)
		if err == nil {
			continue
		}
		if e, ok := errors.AsType[*elsewhere](err); ok {
			s, err = e.at, e.err
		}
		f := Failure{Path: path, Line: s.line, Text: s.text, What: err.Error()}
		if e, ok := errors.AsType[*unmet](err); ok {
			f.What, f.Detail = e.what, e.detail
		} else if e, ok := errors.AsType[*lineError](err); ok {
			f.Line, f.Text, f.What = e.line, "", e.text
		} else if e, ok := errors.AsType[spec.Problems](err); ok {
			f.What = "these specs are refused"
			for _, p := range e {
				f.Detail = append(f.Detail, p.String())
			}
		}
		r.Failures = append(r.Failures, f)
		if _, goesOn := errors.AsType[*unmet](err); !goesOn || len(r.Failures) >= maxFailures {
			return r
		}
	}
	if w.met == 0 && len(r.Failures) == 0 {
		r.Failures = []Failure{{Path: path, Line: 1, What: "expects nothing: a script needs at least one expect"}}
	}
	return r
}

// unmet is an expectation that does not hold. The script is played on.
type unmet struct {
	what   string
	detail []string
}

func (e *unmet) Error() string { return e.what }

// elsewhere is an error of an earlier statement that comes out only now.
type elsewhere struct {
	at  *statement
	err error
}

func (e *elsewhere) Error() string { return e.err.Error() }

// step plays one statement.
func (w *world) step(ctx context.Context, s *statement) error {
	w.traceStatement(s)
	name, ago := s.words[0], span{}
	if d, ok := parseSpan(name); ok && len(s.words) > 2 && s.words[1] == "ago" {
		cut := *s
		cut.words = s.words[2:]
		name, ago, s = cut.words[0], d, &cut
		if v, ok := verbs()[name]; ok && v.event == nil {
			return fmt.Errorf("%q cannot have happened a while ago: only events can", name)
		}
	}
	v, ok := verbs()[name]
	if !ok {
		return fmt.Errorf("there is no statement %q; there are %s", name, strings.Join(verbNames(), ", "))
	}
	if len(s.block) > 0 && !v.block {
		return &lineError{s.block[0].line, fmt.Sprintf("is indented, but %s takes no block", name)}
	}
	var err error
	if v.event == nil {
		err = v.do(w, ctx, s)
	} else {
		err = w.happen(ctx, v, s, ago)
	}
	if w.v != nil {
		w.collect(ctx)
	}
	return err
}

// clock is what the time is.
func (w *world) clock() heed.Time {
	if w.v != nil {
		return w.v.Now()
	}
	return w.now
}

// open starts the world with the specs so far.
func (w *world) open(ctx context.Context) error {
	if w.v != nil {
		return nil
	}
	w.start = w.now
	v, err := app.OpenVirtual(ctx, w.specs, app.VirtualOptions{DatabaseURL: w.o.DatabaseURL, Start: w.now})
	if err != nil {
		if w.put != nil {
			return &elsewhere{w.put, err}
		}
		return err
	}
	w.v = v
	return nil
}

// read adds specs from files; paths of the script are seen from its folder.
func (w *world) read(paths ...string) error {
	if len(paths) == 0 {
		return nil
	}
	set, err := spec.ReadFiles(paths...)
	if err != nil {
		return err
	}
	w.add(set)
	return nil
}

func (w *world) add(set spec.Set) {
	w.specs, w.ever = w.specs.With(set.All()...), w.ever.With(set.All()...)
}

// near is a path of the script's.
func (w *world) near(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(w.path), filepath.FromSlash(path))
}

func verbNames() []string {
	var out []string
	for v := range verbs() {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}
