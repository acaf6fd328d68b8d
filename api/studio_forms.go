package api

// Invented is a person who does not exist.
type Invented struct {
	Traits   map[string]JSON   `json:"traits,omitempty" maxProperties:"100"`
	Zone     string            `json:"zone,omitempty" maxLength:"64" doc:"IANA time zone."`
	Consents []InventedConsent `json:"consents,omitempty" maxItems:"50" nullable:"false"`
}

// InventedConsent is what an invented person has said.
type InventedConsent struct {
	Purpose string `json:"purpose" maxLength:"64"`
	Channel string `json:"channel,omitempty" maxLength:"64" doc:"Every channel when absent."`
	State   string `json:"state" enum:"granted,denied,requested"`
}

// SimulatedEvent is something that the person does.
type SimulatedEvent struct {
	At         Time            `json:"at"`
	Type       string          `json:"type,omitempty" enum:"track,page,screen,identify,feedback" default:"track"`
	Name       string          `json:"name,omitempty" maxLength:"200"`
	Properties map[string]JSON `json:"properties,omitempty" maxProperties:"100"`
}

// Simulation is what became of one person.
type Simulation struct {
	Steps   []SimulatedStep `json:"steps" nullable:"false" doc:"In the order in which they happened."`
	Entered bool            `json:"entered"`
	Node    string          `json:"node,omitempty" doc:"Where they stand at the end; absent when the run has ended or never began."`
	Reason  string          `json:"reason,omitempty" doc:"Why the run ended."`
	Zone    string          `json:"zone" doc:"The person's time zone as the journey counts."`
	Until   Time            `json:"until"`
	Notes   []string        `json:"notes" nullable:"false" enum:"other_journeys_left_out,entered_anew,more_steps,history_missing" doc:"What differs from life."`
}

// SimulatedStep is one thing that happened.
type SimulatedStep struct {
	At      Time   `json:"at"`
	Kind    string `json:"kind" enum:"event,entered,refused,node,waits,decided,handed,failed,updated,task,segment_entered,segment_left,goal,ended"`
	Node    string `json:"node,omitempty"`
	To      string `json:"to,omitempty" doc:"Of a node: the one that came next."`
	Name    string `json:"name,omitempty" doc:"Of the event, segment, task or template."`
	Outcome string `json:"outcome,omitempty" enum:"send,hold,drop"`
	Reason  string `json:"reason,omitempty" doc:"Of a decision, an end or a refusal: a stable code."`
	Rule    string `json:"rule,omitempty" doc:"The brand's rule that decided, or the rule of the branch that was taken."`
	Text    string `json:"text,omitempty" say:"sentence" doc:"The decision in words, the subject of what was handed over, what is waited for."`
	Until   Time   `json:"until,omitzero"`
}

// RehearsalJob is a rehearsal: how far it has come, and its result.
type RehearsalJob struct {
	ID      ID               `json:"id"`
	Journey string           `json:"journey"`
	State   string           `json:"state" enum:"queued,running,done,failed,canceled"`
	Done    float64          `json:"done" doc:"0 to 1."`
	MadeAt  Time             `json:"made_at"`
	MadeBy  string           `json:"made_by,omitempty"`
	Error   string           `json:"error,omitempty" say:"sentence"`
	Result  *RehearsalResult `json:"result,omitempty"`
}

// RehearsalResult is what a draft would have done.
type RehearsalResult struct {
	From      Time  `json:"from"`
	To        Time  `json:"to"`
	People    int64 `json:"people" doc:"Who could have entered: for a journey that an event starts, those who did it."`
	Sampled   int64 `json:"sampled" doc:"Of them, so many were rehearsed; all counts below are of these."`
	Events    int64 `json:"events" doc:"So many real events were replayed."`
	Triggered int64 `json:"triggered" doc:"People for whom the trigger happened."`
	Entered   int64 `json:"entered" doc:"People who would have entered."`
	Runs      int64 `json:"runs"`
	Received  int64 `json:"received" doc:"People who would have received at least one message."`
	Reached   int64 `json:"reached" doc:"People who would have reached the goal."`
	Real      int64 `json:"real" doc:"Messages on record that caps counted: all that went out before those days, and within them those that no journey of the rehearsal sends itself (broadcasts, calls of the API)."`

	OfAll *RehearsedAll `json:"of_all,omitempty" doc:"Of a sample: how many it would be among all people."`

	Refused  []Count           `json:"refused" nullable:"false" doc:"People who would not have entered, by why: paused, too_old, no_key, inside, limit, every, rule, exit."`
	Nodes    []RehearsedNode   `json:"nodes" nullable:"false"`
	Messages []RehearsedAnswer `json:"messages" nullable:"false" doc:"What the gate said, by node and reason, the most frequent first."`
	Ended    []Count           `json:"ended" nullable:"false" doc:"Runs that ended, by why."`
	Notes    []string          `json:"notes" nullable:"false" enum:"sampled,entries_before" doc:"What differs from life."`
}

// RehearsedAll is what a sample says of all people, each with its 95% interval (Wilson 1927).
type RehearsedAll struct {
	Triggered Bounds `json:"triggered"`
	Entered   Bounds `json:"entered"`
	Received  Bounds `json:"received"`
	Reached   Bounds `json:"reached"`
}

// RehearsedNode counts what happened at one node.
type RehearsedNode struct {
	Node    string `json:"node"`
	Arrived int64  `json:"arrived" doc:"Runs that came here."`
	Here    int64  `json:"here" doc:"Runs that still stood here at the end."`
	Left    int64  `json:"left" doc:"Runs that ended here."`
	Wanted  int64  `json:"wanted" doc:"Messages."`
	Sent    int64  `json:"sent"`
	Held    int64  `json:"held" doc:"At least once; most of them go later."`
	Dropped int64  `json:"dropped"`
}

// RehearsedAnswer counts one answer of the gate.
type RehearsedAnswer struct {
	Node    string `json:"node"`
	Outcome string `json:"outcome" enum:"send,hold,drop"`
	Reason  string `json:"reason"`
	Rule    string `json:"rule,omitempty"`
	Text    string `json:"text,omitempty" say:"sentence"`
	Count   int64  `json:"count" doc:"Messages that got this answer."`
	People  int64  `json:"people"`
}

// HoldoutResult compares two shares.
type HoldoutResult struct {
	Measure    string     `json:"measure" enum:"goal_event,goal_in_journey,none" doc:"By what: the goal's events after entering, goals that runs of both sides reached, or nothing that can be compared."`
	Days       int        `json:"days" doc:"How long after entering a goal counts."`
	Treated    HoldoutArm `json:"treated"`
	Held       HoldoutArm `json:"held"`
	Difference Bounds     `json:"difference" doc:"Treated less held, as shares. 95% interval: Newcombe 1998, method 10."`
	Since      Time       `json:"since,omitzero"`
	Cut        bool       `json:"cut" doc:"There are more entries than were looked at: the newest count."`
}

// HoldoutArm is one side of the comparison.
type HoldoutArm struct {
	People  int64  `json:"people"`
	Reached int64  `json:"reached"`
	Share   Bounds `json:"share" doc:"95% interval: Wilson 1927."`
}

// Bounds is a value with its 95% confidence interval.
type Bounds struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// VersionInside counts the runs under way in one version.
type VersionInside struct {
	Version int   `json:"version"`
	Runs    int64 `json:"runs"`
}

// JourneyProblem is one thing that is wrong with a draft.
type JourneyProblem struct {
	Field  string `json:"field,omitempty" doc:"The path in the document, such as nodes[2].wait."`
	Node   string `json:"node,omitempty" doc:"The id of the node that it is about."`
	Detail string `json:"detail" say:"sentence"`
}
