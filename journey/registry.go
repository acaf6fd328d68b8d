package journey

import "encoding/json"

// node is what one node of a journey does. A type of node is one file, node_NAME.go: a struct, a function that reads it
// from the spec, and these methods. The methods touch memory only.
type node interface {
	// arrive acts when a run reaches the node.
	arrive(x *step) move
	// look is asked while a run stands at the node: on every event of the person and on every wake. Only nodes whose
	// arrive may answer stay are asked.
	look(x *step) move
	// links are the nodes it can lead to besides place.next.
	links() []string
	// why says in a customer-facing sentence what a run here is waiting for; "" if it never waits.
	why() string
}

// builder reads a node of one kind from the value of its field. It reports what is wrong to c and may then return nil.
type builder func(c *compiler, at *place, raw json.RawMessage) node

// kinds are the types of node by the field that marks them. Adding a type is adding a file and a line here.
func kinds() map[string]builder {
	return map[string]builder{
		"message":  buildMessage,
		"wait":     buildWait,
		"wait_for": buildWaitFor,
		"branch":   buildBranch,
		"split":    buildSplit,
		"holdout":  buildHoldout,
		"update":   buildUpdate,
		"task":     buildTask,
		"webhook":  buildWebhook,
		"end":      buildEnd,
	}
}

// place is what all nodes of a journey have.
type place struct {
	id    string
	kind  string
	title string
	index int    // in the list
	next  string // "" ends the run
	then  string // "" when the spec has none
	els   string
	waits bool // time or an event must pass here: the guard against endless loops
	node  node
}

// move is where a run goes from a node.
type move struct {
	to     string // a node; "" with end: nowhere
	reason string
	verb   verb
}

type verb uint8

const (
	stay verb = iota
	goOn
	finish
)

// still keeps the run where it is.
func still() move { return move{} }

// next goes to a node; "" is the end of the journey.
func next(to string) move {
	if to == "" {
		return end(reasonDone)
	}
	return move{verb: goOn, to: to}
}

// end ends the run.
func end(reason string) move { return move{verb: finish, reason: reason} }

// Reasons why a run ended. They are part of the API.
const (
	reasonDone    = "done"         // it came to the end
	reasonExit    = "exit"         // the exit rule became true
	reasonGoal    = "goal"         // the goal was reached
	reasonHoldout = "holdout"      // held out on purpose, to measure what the journey does
	reasonDropped = "dropped"      // a message was not allowed and the node says to leave then
	reasonMerged  = "merged"       // two people became one who was in the journey twice
	reasonDeleted = "deleted"      // the journey was deleted
	reasonVersion = "new_version"  // a new version was published with on_publish: exit
	reasonLost    = "no_such_node" // its node is not in the version that it must go on in
	reasonBudget  = "step_budget"  // it passed more nodes than the journey allows
	reasonResume  = "paused_past"  // its time passed while the journey was paused, and on_resume is exit
	reasonNoDate  = "no_date"      // the date to wait for is missing, and the node says to leave then
)
