package ledger

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/spec"
)

// Topic is one that people may choose under the draft and may not under the rules in force, or the other way round, and
// what there was to choose about: a list of topics makes no decision, what people say by it does.
type Topic struct {
	Name      string
	Added     bool  // false: people may no longer choose it
	Messages  int64 // about it, by their last decision
	People    int64 // for whom they were wanted
	Went      int64 // messages
	Muted     int64 // dropped, because the person had muted it
	NotWanted int64 // dropped, because the person had named topics and it was none of them
	// Of the people that were looked at, as they are today: who has muted it, who has asked for it.
	HaveMuted, Want int64
}

// topicsOf are the topics that a set of documents lets people choose.
func topicsOf(set spec.Set) map[string]bool {
	out := map[string]bool{}
	for _, x := range set.Of(spec.Brand) {
		var d struct {
			Topics []string `json:"topics"`
		}
		_ = json.Unmarshal(x.Body, &d) // of a document of another shape nobody may choose anything
		for _, t := range d.Topics {
			out[t] = true
		}
	}
	return out
}

// changedTopics are those that are in one of the sets only.
func changedTopics(current, draft spec.Set) map[string]*Topic {
	was, will := topicsOf(current), topicsOf(draft)
	out := map[string]*Topic{}
	for t := range will {
		if !was[t] {
			out[t] = &Topic{Name: t, Added: true}
		}
	}
	for t := range was {
		if !will[t] {
			out[t] = &Topic{Name: t}
		}
	}
	return out
}

// about counts what was decided for one person about the topics that change.
func (h *rehearsal) about(rows []Row, today *heed.Person) {
	if len(h.topics) == 0 {
		return
	}
	last := map[heed.ID]*Row{}
	for i := range rows {
		if r := &rows[i]; r.At >= h.out.Since && r.At < h.out.Until {
			last[r.Message] = r
		}
	}
	met := map[*Topic]bool{}
	for _, r := range last {
		t := h.topics[gjson.GetBytes(r.Inputs, "topic").Str]
		if t == nil {
			continue
		}
		t.Messages++
		switch {
		case r.Outcome == heed.Send:
			t.Went++
		case r.Reason == decide.MutedTopic:
			t.Muted++
		case r.Reason == decide.TopicNotWanted:
			t.NotWanted++
		}
		if !met[t] {
			met[t] = true
			t.People++
		}
	}
	for name, t := range h.topics {
		if today != nil && slices.Contains(today.Preferences.Muted, name) {
			t.HaveMuted++
		}
		if today != nil && slices.Contains(today.Preferences.Topics, name) {
			t.Want++
		}
	}
}

func sortedTopics(m map[string]*Topic) []Topic {
	var out []Topic
	for _, t := range m {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Topic) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
