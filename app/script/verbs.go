package script

import (
	"context"

	"github.com/heedcx/heed"
)

// verb is what the first word of a statement does.
type verb struct {
	do func(w *world, ctx context.Context, s *statement) error
	// event makes one event of the statement, instead of do; its times are the caller's.
	event func(w *world, ctx context.Context, s *statement, now heed.Time) (heed.Event, error)
	block bool // takes an indented block
}

// verbs are all statements. To add one, add a line and a function.
func verbs() map[string]verb {
	return map[string]verb{
		// The world.
		"at":         {do: (*world).at},
		"specs":      {do: (*world).edit, block: true},
		"edit":       {do: (*world).edit, block: true},
		"delete":     {do: (*world).delete},
		"wait":       {do: (*world).wait},
		"until":      {do: (*world).until},
		"senders":    {do: (*world).senders},
		"schedulers": {do: (*world).schedulers},
		// What people do, and what is done about them.
		"track":       {event: named(heed.Track)},
		"page":        {event: named(heed.Page)},
		"screen":      {event: named(heed.Screen)},
		"identify":    {event: (*world).identify},
		"consent":     {event: (*world).consent},
		"alias":       {event: (*world).alias},
		"merge":       {event: pair(heed.MergePeople)},
		"split":       {event: pair(heed.SplitPerson)},
		"erase":       {event: pair(heed.ErasePerson)},
		"send":        {event: (*world).send},
		"enter":       {event: (*world).enter},
		"unsubscribe": {event: (*world).unsubscribe},
		"feedback":    {event: (*world).feedback},
		"bounce":      {event: feedbackOf("bounced")},
		"complain":    {event: feedbackOf("complained")},
		// Events together.
		"together": {do: (*world).together, block: true},
		"race":     {do: (*world).race},
		"again":    {do: (*world).again},
		// What must be true.
		"expect": {do: (*world).expect},
	}
}
