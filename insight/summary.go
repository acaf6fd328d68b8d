package insight

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// Summary says an entry in one line for people.
func Summary(e *Entry) string {
	where := ""
	if e.Touchpoint != "" && e.Touchpoint != e.Name {
		where = " (" + e.Touchpoint + ")"
	}
	switch heed.ParseType(e.Type) {
	case heed.Page:
		return "Viewed " + orSome(e.Name, "a page") + where
	case heed.Screen:
		return "Opened " + orSome(e.Name, "a screen") + where
	case heed.Identify:
		return "Told us who they are" + where
	case heed.Group:
		return "Joined an account" + where
	case heed.Alias:
		return "Was recognised under another id" + where
	case heed.MergePeople:
		return "Was merged with another person" + where
	case heed.SplitPerson:
		return "Was split from another person" + where
	case heed.PeopleMerged:
		return "Is one person with another now"
	case heed.SegmentEntered:
		return "Entered segment " + e.Name
	case heed.SegmentLeft:
		return "Left segment " + e.Name
	case heed.StageChanged:
		return "Became " + e.Name
	case heed.RunChanged:
		return journey(e)
	case heed.Feedback:
		return message(e) + " " + orSome(e.Name, "changed")
	case heed.MessageDecided:
		return message(e) + ": " + decided(e)
	case heed.MessageWanted:
		return message(e) + " wanted"
	case heed.MessageWithdrawn:
		return message(e) + " withdrawn"
	case heed.TaskWanted:
		return "Task: " + e.Name
	}
	return orSome(e.Name, e.Type) + where
}

func orSome(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// message names the message that an entry is about, by its purpose or template and channel.
func message(e *Entry) string {
	what := property(e, "purpose")
	if what == "" {
		what = property(e, "template")
	}
	channel := ""
	if e.Channel != "" {
		channel = strings.ToUpper(e.Channel[:1]) + e.Channel[1:]
	}
	switch {
	case channel != "" && what != "":
		return channel + " message " + what
	case channel != "":
		return channel + " message"
	case what != "":
		return "Message " + what
	}
	return "Message"
}

func decided(e *Entry) string {
	outcome := map[string]string{string(heed.Send): "goes out", string(heed.Hold): "held", string(heed.Drop): "not sent"}[e.Name]
	outcome = orSome(outcome, e.Name)
	if reason := property(e, "text"); reason != "" {
		return outcome + ", " + reason
	}
	if reason := property(e, "reason"); reason != "" && reason != "OK" {
		return outcome + ", " + reason
	}
	return outcome
}

func journey(e *Entry) string {
	if j := property(e, "journey"); j != "" {
		return "Journey " + j + ": " + e.Name
	}
	return "Journey: " + e.Name
}

func property(e *Entry, name string) string {
	if e.Properties == "" {
		return ""
	}
	return gjson.Get(string(e.Properties), name).String()
}
