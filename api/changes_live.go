package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// Changed says which kinds of things have changed since the last one, and nothing else about them.
type Changed struct {
	Kinds []string `json:"kinds" nullable:"false" doc:"Sorted; people/ID last, for the person that was asked for." example:"[\"journeys\",\"messages\"]"`
}

// Changes tells which kinds of things have changed: see Changed.
type Changes interface {
	// Watch returns a channel that is closed when ctx ends. What a slow reader has not taken yet comes in one message.
	Watch(ctx context.Context, person heed.ID) (<-chan []string, error)
}

// The kinds of things that change. Each is also a word of the API: what a script does with one, it asks the operations
// of that name for.
const (
	ChangedAudit        = "audit"
	ChangedBroadcasts   = "broadcasts"
	ChangedDecisions    = "decisions"
	ChangedLetters      = "dead-letters"
	ChangedExports      = "exports"
	ChangedHealth       = "health"
	ChangedHistory      = "history" // timelines, the catalogue, trends
	ChangedImports      = "imports"
	ChangedJourneys     = "journeys"
	ChangedKeys         = "keys"
	ChangedMailbox      = "mails"
	ChangedMessages     = "messages"
	ChangedPeople       = "people" // anybody
	ChangedRehearsals   = "rehearsals"
	ChangedReviews      = "reviews"
	ChangedSegments     = "segments"
	ChangedSpecs        = "specs"
	ChangedSuppressions = "suppressions"
	ChangedUsers        = "users"
	ChangedViews        = "views"
)

// changedNeeds is what it takes to be told that a kind has changed: the permission to see how many there are.
var changedNeeds = map[string]account.Permission{
	ChangedAudit: account.ReadAudit, ChangedBroadcasts: account.ReadSpecs, ChangedDecisions: account.ReadStats, ChangedLetters: account.ManageData,
	ChangedExports: account.ExportData, ChangedHealth: account.ReadStats, ChangedHistory: account.ReadStats, ChangedImports: account.ReadStats,
	ChangedJourneys: account.ReadSpecs, ChangedKeys: account.ManageKeys, ChangedMailbox: account.ReadPeople, ChangedMessages: account.ReadPeople,
	ChangedPeople: account.ReadStats, ChangedRehearsals: account.ReadSpecs, ChangedReviews: account.ReadPeople, ChangedSegments: account.ReadSpecs,
	ChangedSpecs: account.ReadSpecs, ChangedSuppressions: account.ReadStats, ChangedUsers: account.ManageUsers, ChangedViews: account.ReadStats,
}

const onePerson = ChangedPeople + "/"

// mayHear says whether somebody may be told that a kind has changed. What has no permission is nobody's business.
func mayHear(who *account.Who, kind string) bool {
	if strings.HasPrefix(kind, onePerson) {
		return who.May(account.ReadPeople)
	}
	need, known := changedNeeds[kind]
	return known && who.May(need)
}

func (s *server) registerChanged() {
	s.stream(op{method: http.MethodGet, path: "/changes", id: "watchChanges", tag: "overview", need: account.ReadStats, slow: true,
		summary: "Which kinds of things have changed, whenever some have", about: "Server-sent events, each with a Changed as data; at most one a second, and nothing is left out. " +
			"It names kinds only, those that the reader may see. Ends every five minutes: connect again, and look at everything once."},
		typeOf[Changed](), []*huma.Param{{Name: "person", In: "query", Description: "Also tell when something about this person has changed, as people/ID. Needs permission `people:read`.",
			Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}}}, s.watchChanges)
}

func (s *server) watchChanges(ctx context.Context, r *http.Request) (<-chan any, error) {
	if !present(s.Changes) {
		return nil, missing("a view of what changes")
	}
	who := WhoFrom(ctx)
	var person heed.ID
	if text := r.URL.Query().Get("person"); text != "" {
		var err error
		if person, err = parseID("person", text); err != nil {
			return nil, err
		}
		if !who.May(account.ReadPeople) {
			return nil, heed.Errorf(heed.Forbidden, "You may not do this: it takes the permission %s.", account.ReadPeople)
		}
	}
	from, err := s.Changes.Watch(ctx, person)
	if err != nil {
		return nil, err
	}
	out := make(chan any)
	go func() {
		defer close(out)
		for kinds := range from {
			kinds = slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return !mayHear(who, kind) })
			if len(kinds) == 0 {
				continue
			}
			select {
			case out <- Changed{Kinds: kinds}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
