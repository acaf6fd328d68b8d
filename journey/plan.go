package journey

import (
	"time"

	"github.com/heedcx/heed"
)

// plan is one version of one journey, ready to run. It is immutable and shared.
type plan struct {
	name, title string
	version     int
	paused      bool
	onPublish   string
	onResume    string

	trigger trigger
	limit   int
	every   Span
	maxAge  time.Duration
	entry   *condition
	key     []string // path in the trigger event; nil for one run per person

	exit  *condition
	goal  *goal
	steps int

	places []*place
	byID   map[string]*place
	conds  []*condition // every condition of the journey, for Counters
}

// goal is what the journey is for.
type goal struct {
	event *eventMatch
	rule  *condition
	mark  bool // go on after reaching it
}

// What people inside an older version do when a new one is published.
const (
	publishFinish  = "finish"
	publishMigrate = "migrate"
	publishExit    = "exit"
)

// What a run does on resume when its time passed while the journey was paused.
const (
	resumeContinue = "continue"
	resumeExit     = "exit"
)

// Budgets, so that no journey can keep a worker busy.
const (
	maxNodes       = 500     // nodes in one journey
	defaultSteps   = 1000    // nodes that one run may pass
	maxSteps       = 100_000 // the most that a spec may ask for
	maxWalk        = 50      // nodes that one run passes in one go; then it goes on a minute later
	maxSpent       = 500     // nodes that all runs of a person pass because of one event
	maxRuns        = 50      // active runs of one person in one keyed journey
	maxRunsAll     = 200     // active runs of one person
	maxKey         = 200     // bytes of a key
	maxVars        = 4096    // bytes of what a run carries
	defaultMaxAge  = 72 * time.Hour
	laterBy        = time.Minute         // when a budget says not now
	answerLimit    = 30 * 24 * time.Hour // how long a run waits for a decision without a ttl
	lateArrival    = time.Hour           // an event this much older than the run's arrival still counts as after it
	maxPastPerName = 64                  // ended keys of one journey that a person's document remembers
)

// reached says whether the goal is reached by e or by what is known now.
func (g *goal) reached(p *heed.Person, e *heed.Event, now heed.Time) bool {
	if g.event != nil {
		return g.event.matches(e)
	}
	return g.rule.holds(p, e, now)
}
