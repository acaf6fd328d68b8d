package segment_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
)

// Each file of testdata is a story on a virtual clock, one line a step:
//
//	segment NAME: RULE             create or change a segment; "segment! ..." lets those enter who match already
//	lifecycle: STAGE: RULE; ...    the brand's own ladder
//	remove NAME                    delete a segment
//	WHO does EVENT [{json}] [30d ago]   a track event; WHO may be several, with commas
//	WHO views PAGE                 a page event
//	WHO is {json}                  an identify event
//	merge LOSER into SURVIVOR
//	erase WHO
//	+90d                           time passes, and whoever is due is woken
//	build                          the Builder works until nothing is left
//	? WHO: a, b                    is in exactly these segments
//	stage WHO: NAME
//	heard: a; b                    what has been told since the last time, in order
//	status NAME: STATE
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			testx.Each(t, queries(), func(t *testing.T, d db.DB) {
				w := newWorld(t, d)
				n := 0
				for line := range strings.Lines(string(text)) {
					n++
					if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
						w.step(n, line)
					}
				}
			})
		})
	}
}

func (w *world) step(n int, line string) {
	w.t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "segment" || word == "segment!":
		name, text, _ := strings.Cut(rest, ": ")
		w.segment(name, text, word == "segment!")
	case word == "lifecycle:":
		w.lifecycle(rest)
	case word == "remove":
		w.put(spec.Segment, rest, "{}", true)
	case word == "merge":
		loser, survivor, _ := strings.Cut(rest, " into ")
		for key, owner := range w.owner {
			if owner == w.owner[idOf(loser)] && key != idOf(survivor) {
				w.owner[key] = idOf(survivor)
			}
		}
		w.process(&heed.Event{Type: heed.PeopleMerged, Person: idOf(survivor), Loser: idOf(loser), Timestamp: w.clock.Now()})
	case word == "erase":
		w.owner[idOf(rest)] = heed.ID{}
		w.process(&heed.Event{Type: heed.PersonErased, Person: idOf(rest), Timestamp: w.clock.Now()})
	case strings.HasPrefix(word, "+"):
		d, err := rule.ParseDuration(word[1:])
		w.must(err)
		w.clock.Advance(time.Duration(d) * time.Microsecond)
		w.wake()
	case word == "build":
		w.build()
	case word == "?":
		who, want, _ := strings.Cut(rest, ":")
		if got := strings.Join(w.members(idOf(who)), ", "); got != strings.TrimSpace(want) {
			w.t.Errorf("line %d: %s is in %q, want %q", n, who, got, strings.TrimSpace(want))
		}
	case word == "stage":
		who, want, _ := strings.Cut(rest, ": ")
		if got := w.person(idOf(who)).Stage; got != want {
			w.t.Errorf("line %d: %s is %q, want %q", n, who, got, want)
		}
	case word == "heard:" || word == "heard":
		if got := strings.Join(w.heard.heard, "; "); got != rest {
			w.t.Errorf("line %d: heard %q, want %q", n, got, rest)
		}
		w.heard.heard = nil
	case word == "status":
		name, want, _ := strings.Cut(rest, ": ")
		if got := w.status(name); got != want {
			w.t.Errorf("line %d: %s is %q, want %q", n, name, got, want)
		}
	default:
		w.happens(n, word, rest)
	}
}

func (w *world) happens(n int, who, rest string) {
	w.t.Helper()
	what, rest, _ := strings.Cut(rest, " ")
	e := heed.Event{Type: heed.Track, Timestamp: w.clock.Now(), ReceivedAt: w.clock.Now()}
	if i := strings.IndexByte(rest, '{'); i >= 0 {
		end := strings.LastIndexByte(rest, '}') + 1
		e.Properties = heed.RawJSON(rest[i:end])
		rest = rest[:i] + rest[end:]
	}
	if before, ok := strings.CutSuffix(rest, " ago"); ok {
		i := strings.LastIndexByte(before, ' ')
		d, err := rule.ParseDuration(before[i+1:])
		w.must(err)
		e.Timestamp = e.Timestamp.Add(-time.Duration(d) * time.Microsecond)
		rest = before[:i]
	}
	e.Name = strings.TrimSpace(rest)
	switch what {
	case "does":
	case "views":
		e.Type = heed.Page
	case "is":
		e.Type = heed.Identify
	default:
		w.t.Fatalf("line %d: there is no step %q", n, what)
	}
	var batch []*heed.Event
	for name := range strings.SplitSeq(who, ",") {
		one := e
		one.Person = idOf(name)
		batch = append(batch, &one)
	}
	w.process(batch...)
}

func (w *world) segment(name, text string, loud bool) {
	w.t.Helper()
	doc, err := json.Marshal(map[string]any{"rule": text, "enter_existing": loud})
	w.must(err)
	w.check(spec.Segment, name, doc)
	w.put(spec.Segment, name, string(doc), false)
}

func (w *world) lifecycle(text string) {
	w.t.Helper()
	var stages []map[string]string
	for part := range strings.SplitSeq(text, "; ") {
		name, r, _ := strings.Cut(part, ": ")
		stages = append(stages, map[string]string{"name": name, "rule": r})
	}
	doc, err := json.Marshal(map[string]any{"stages": stages})
	w.must(err)
	w.put(spec.Lifecycle, "main", string(doc), false)
}

func (w *world) status(name string) string {
	w.t.Helper()
	for _, s := range w.statuses() {
		if s.Name == name && (name != "" || s.Kind == spec.Lifecycle) {
			return string(s.State)
		}
	}
	return "gone"
}

func (w *world) check(kind, name string, doc []byte) {
	w.t.Helper()
	sp := spec.Spec{Kind: kind, Name: name, Body: doc}
	for _, err := range segment.CheckSpec(sp, spec.SetOf(sp)) {
		if !strings.Contains(err.Error(), "there is no segment") { // of an earlier line
			w.t.Fatal(err)
		}
	}
}

func (w *world) statuses() (out []segment.Status) {
	w.t.Helper()
	ctx := context.Background()
	w.must(w.db.Read(ctx, func(q db.Querier) (err error) {
		out, err = segment.Statuses(ctx, q)
		return err
	}))
	return out
}
