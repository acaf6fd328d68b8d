package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// Suppression is one line of the suppression list: nothing goes there, whatever consent says.
type Suppression struct {
	Person  ID     `json:"person"`
	Channel string `json:"channel" doc:"* is every channel."`
	Address string `json:"address,omitempty" doc:"Empty: every address of the person on the channel."`
	Reason  string `json:"reason" doc:"hard_bounce, complaint, manual, ..."`
	At      Time   `json:"at"`
}

// Suppress blocks somebody.
type Suppress struct {
	Person     string `json:"person,omitempty" maxLength:"36" doc:"The person's id; or give an identifier."`
	Identifier string `json:"identifier,omitempty" maxLength:"600" example:"email:ann@example.com" doc:"NAMESPACE:VALUE instead of the id. Who is not known yet is from now on."`
	Channel    string `json:"channel" minLength:"1" maxLength:"40" pattern:"^[a-z0-9_*-]+$" example:"email"`
	Address    string `json:"address,omitempty" maxLength:"320" doc:"Only this address of theirs."`
	Reason     string `json:"reason" minLength:"3" maxLength:"300" doc:"Why, for the audit log and the timeline."`
}

func (s *server) registerSuppressions() {
	o := op{method: http.MethodGet, path: "/suppressions", id: "listSuppressions", tag: "people", need: account.ReadPeople, needs: s.Suppressions, what: peopleDep,
		summary: "To whom nothing goes, the latest first"}
	route(s, o, s.listSuppressions)
	o.path, o.id, o.summary, o.need = "/suppressions/counts", "countSuppressions", "How many are on the suppression list, by reason", account.ReadStats
	route(s, o, s.countSuppressions)
	o = op{method: http.MethodPost, path: "/suppressions", id: "suppress", tag: "people", need: account.WritePeople, needs: s.Commands, what: commandsDep,
		audit: "suppression.add", status: http.StatusNoContent, summary: "Put somebody on the suppression list"}
	route(s, o, func(ctx context.Context, in *Body[Suppress]) (*struct{}, error) {
		return s.suppress(ctx, in.Body, "blocked")
	})
	o.path, o.id, o.audit, o.summary = "/suppressions/lift", "liftSuppression", "suppression.lift", "Take somebody off the suppression list"
	o.about = "What they said themselves stays: who has complained has also said no, until they say yes again."
	route(s, o, func(ctx context.Context, in *Body[Suppress]) (*struct{}, error) {
		return s.suppress(ctx, in.Body, "unblocked")
	})
}

func (s *server) listSuppressions(ctx context.Context, in *struct {
	Paging
	Q      string `query:"q" maxLength:"320" doc:"The beginning of an address, or of CHANNEL:ADDRESS."`
	Reason string `query:"reason" maxLength:"64"`
}) (*Body[Page[Suppression]], error) {
	list, next, err := s.Suppressions.Suppressions(ctx, in.Q, in.Reason, in.After, in.Limit)
	return page(list, next), err
}

func (s *server) countSuppressions(ctx context.Context, _ *struct{}) (*Body[Page[Count]], error) {
	counts, err := s.Suppressions.Counts(ctx)
	var out []Count
	for _, reason := range sortedKeys(counts) {
		out = append(out, Count{Key: reason, Count: counts[reason]})
	}
	return page(out, ""), err
}

func (s *server) suppress(ctx context.Context, in Suppress, name string) (*struct{}, error) {
	var who heed.ID
	var known heed.Identifier
	var err error
	switch {
	case (in.Person == "") == (in.Identifier == ""):
		return nil, heed.FieldErrorf("person", "say who, either by person (an id) or by identifier (NAMESPACE:VALUE)")
	case in.Person != "":
		if who, err = parseID("person", in.Person); err != nil {
			return nil, err
		}
		if present(s.People) {
			p, err := s.People.Get(ctx, who)
			if err != nil {
				return nil, err
			}
			who = p.ID
		}
	default:
		if known, err = parseIdentifier("identifier", in.Identifier); err != nil {
			return nil, err
		}
		if known.Namespace != heed.Email && known.Namespace != heed.Phone && known.Namespace != heed.UserID {
			return nil, heed.FieldErrorf("identifier", "want email:, phone: or user_id:, got %s", short(in.Identifier))
		}
	}
	address := strings.TrimSpace(in.Address)
	e, err := s.event(ctx, Command{}, who, heed.Feedback, name, map[string]any{"channel": in.Channel, "address": address, "detail": in.Reason})
	if err != nil {
		return nil, err
	}
	switch known.Namespace {
	case "":
	case heed.UserID:
		e.UserID = known.Value
	default:
		e.IDs = []heed.Identifier{known}
	}
	target := "person " + who.String()
	if who.IsZero() {
		target = known.Namespace + ":" + short(known.Value)
	}
	note(ctx, target, nil, map[string]string{"channel": in.Channel, "address": address, "reason": in.Reason})
	return &struct{}{}, s.Commands.Do(ctx, []heed.Event{e})
}
