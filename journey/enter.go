package journey

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// EnterEvent is the name of the track event by which the API enters a person into a journey. Its properties are
// journey (the name), key (for keyed journeys, optional) and vars (an object, optional). It is ignored when it came with
// a public write key.
const EnterEvent = "Journey Requested"

// Enter makes the event that enters a person into a journey that allows api: true. The caller sets the identifiers, the
// message id and the times, and writes it to the stream; vars may be nil.
func Enter(journey, key string, vars heed.RawJSON) (*heed.Event, error) {
	if journey == "" {
		return nil, heed.FieldErrorf("journey", "name the journey to enter")
	}
	if len(key) > maxKey {
		return nil, heed.FieldErrorf("key", "a key has at most %d bytes", maxKey)
	}
	o := object{}
	o.text("journey", journey)
	if key != "" {
		o.text("key", key)
	}
	if len(vars) > 0 {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(vars, &m); err != nil {
			return nil, heed.FieldErrorf("vars", "want a JSON object")
		}
		if len(vars) > maxVars {
			return nil, heed.FieldErrorf("vars", "%d bytes are too many: at most %d", len(vars), maxVars)
		}
		o.raw("vars", string(vars))
	}
	return &heed.Event{Type: heed.Track, Name: EnterEvent, Properties: o.done(), Direction: heed.Outbound}, nil
}

func (s *work) enterByAPI(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if e.Public {
		return
	}
	var d struct {
		Journey string          `json:"journey"`
		Key     string          `json:"key"`
		Vars    json.RawMessage `json:"vars"`
	}
	if json.Unmarshal(e.Properties, &d) != nil {
		return
	}
	pl := s.latest[d.Journey]
	if pl == nil || pl.paused || !pl.trigger.api || len(d.Key) > maxKey {
		return
	}
	s.enter(b, p, e, pl, entrance{key: d.Key, vars: varsOf(heed.RawJSON(d.Vars)), byAPI: true})
}

// entrance is how somebody comes into a journey.
type entrance struct {
	key   string
	vars  heed.RawValue
	byAPI bool
	at    heed.Time // the moment of a timer
}

// enter starts a run if the journey's entry conditions allow it, and else says why not.
func (s *work) enter(b *stream.Batch, p *heed.Person, e *heed.Event, pl *plan, in entrance) (refused string) {
	if pl.key != nil && !in.byAPI {
		in.key = keyOf(e, pl.key)
	}
	var loc *time.Location
	if !pl.every.IsZero() {
		loc = s.zoneOf(p)
	}
	if refused = pl.refusal(p, e, in.key, b.Now, loc); refused != "" {
		return refused
	}
	active := 0
	for i := range p.Runs {
		if p.Runs[i].Journey == pl.name {
			active++
		}
	}
	if active >= maxRuns || len(p.Runs) >= maxRunsAll {
		s.log.Warn("a person is in too many runs to enter another", "journey", pl.name, "person", p.ID, "runs", len(p.Runs))
		return ""
	}
	x := step{s: s, b: b, p: p, e: e, plan: pl, now: b.Now, when: whenOf(b, e)}
	if in.at > 0 {
		x.when = in.at
	}
	p.Runs = append(p.Runs, heed.Run{ID: runID(p, pl, e, in, x.when), Journey: pl.name, Version: pl.version, Key: in.key, Entered: b.Now, Vars: in.vars})
	p.Dirty = true
	x.run = &p.Runs[len(p.Runs)-1]
	s.record(&x, "entered", "")
	if !x.walk(pl.places[0].id) {
		p.Runs = p.Runs[:len(p.Runs)-1]
		return ""
	}
	x.wake()
	s.changes.save(p.ID, x.run)
	return ""
}

// runID is the same for the same cause, so that an attempt that is repeated starts the same run.
func runID(p *heed.Person, pl *plan, e *heed.Event, in entrance, when heed.Time) heed.ID {
	h := sha256.New()
	h.Write(p.ID[:])
	for _, w := range []string{pl.name, in.key, e.MessageID, e.Name, when.String()} {
		h.Write([]byte(w))
		h.Write([]byte{0})
	}
	var tail [10]byte
	copy(tail[:], h.Sum(nil))
	return heed.MakeID(when, tail)
}

func pastKey(journey, key string) string {
	if key == "" {
		return journey
	}
	return journey + "/" + key
}

// remember keeps what entry limits need of an ended run. Of a keyed journey only as many keys as a document can carry
// are kept, the latest, and none when no limit asks for them.
func (s *work) remember(p *heed.Person, pl *plan, r *heed.Run, now heed.Time) {
	if r.Key != "" && (pl == nil || pl.limit == 0 && pl.every.IsZero()) {
		return
	}
	if p.Past == nil {
		p.Past = map[string]heed.Ran{}
	}
	k := pastKey(r.Journey, r.Key)
	ran := p.Past[k]
	p.Past[k] = heed.Ran{N: ran.N + 1, Last: max(ran.Last, r.Entered)}
	p.Dirty = true
	if r.Key == "" {
		return
	}
	n, oldest := 0, ""
	for k, v := range p.Past {
		if len(k) <= len(r.Journey) || k[len(r.Journey)] != '/' || k[:len(r.Journey)] != r.Journey {
			continue
		}
		n++
		if oldest == "" || v.Last < p.Past[oldest].Last || v.Last == p.Past[oldest].Last && k < oldest {
			oldest = k
		}
	}
	if n > maxPastPerName {
		delete(p.Past, oldest)
	}
}
