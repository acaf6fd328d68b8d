package journey

import (
	"encoding/json"
	"fmt"
)

// document is a journey as the brand writes it: the body of a spec of kind journey.
type document struct {
	Title     string      `json:"title"`
	Note      string      `json:"note"`
	Paused    bool        `json:"paused"`
	OnPublish string      `json:"on_publish"` // finish (default), migrate, exit: what people inside an older version do
	OnResume  string      `json:"on_resume"`  // continue (default), exit: runs whose time passed while it was paused
	Trigger   triggerDoc  `json:"trigger"`
	Entry     entryDoc    `json:"entry"`
	Key       string      `json:"key"` // path in the trigger event: one run per value
	Exit      ruleDoc     `json:"exit"`
	Goal      *goalDoc    `json:"goal"`
	Steps     int         `json:"steps"` // budget: how many nodes one run may pass
	Nodes     []rawFields `json:"nodes"`
}

type entryDoc struct {
	Limit  *int    `json:"limit"`   // runs per person (per key) for all time; 0 is no limit. Keyed: 1 unless every is set
	Every  string  `json:"every"`   // at the earliest this long after the last entry
	Rule   ruleDoc `json:"rule"`    // who may enter
	MaxAge string  `json:"max_age"` // a trigger that happened longer ago starts nothing; 3d by default
}

type triggerDoc struct {
	Event          string       `json:"event"`
	Type           string       `json:"type"` // track (default), page, screen, feedback
	Where          ruleDoc      `json:"where"`
	SegmentEntered string       `json:"segment_entered"`
	SegmentLeft    string       `json:"segment_left"`
	Date           *dateDoc     `json:"date"`
	Schedule       *scheduleDoc `json:"schedule"`
	API            bool         `json:"api"`
}

type dateDoc struct {
	Trait  string `json:"trait"`
	Offset string `json:"offset"`
	At     string `json:"at"`
	Yearly bool   `json:"yearly"`
}

type scheduleDoc struct {
	Every   string  `json:"every"` // day, week, month, once
	On      words   `json:"on"`    // week: weekdays
	Day     int     `json:"day"`   // month: day of the month; a shorter month takes its last
	Date    string  `json:"date"`  // once: 2026-12-01
	At      string  `json:"at"`
	Segment string  `json:"segment"`
	Rule    ruleDoc `json:"rule"`
}

type goalDoc struct {
	Event string  `json:"event"`
	Type  string  `json:"type"`
	Where ruleDoc `json:"where"`
	Rule  ruleDoc `json:"rule"`
	Then  string  `json:"then"` // end (default), mark
}

// UnmarshalJSON takes the short form, a rule as text, too.
func (g *goalDoc) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		g.Rule = ruleDoc(append([]byte(nil), b...))
		return nil
	}
	type plain goalDoc
	return strict(b, (*plain)(g))
}

// ruleDoc is a rule as text or as a tree; empty when absent.
type ruleDoc json.RawMessage

// UnmarshalJSON implements json.Unmarshaler.
func (r *ruleDoc) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	*r = append(ruleDoc(nil), b...)
	return nil
}

// words is one word or a list of them.
type words []string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*w = make(words, 1)
		return json.Unmarshal(b, &(*w)[0])
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		return fmt.Errorf("want a word or a list of words")
	}
	*w = list
	return nil
}

// rawFields is one node before its kind is known.
type rawFields map[string]json.RawMessage
