package api_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/account"
)

type changed func(context.Context, heed.ID) (<-chan []string, error)

func (f changed) Watch(ctx context.Context, person heed.ID) (<-chan []string, error) {
	return f(ctx, person)
}

// kinds reads what a stream of changes has told.
func (a answer) kinds(t *testing.T) (out []string) {
	t.Helper()
	for line := range strings.Lines(a.text) {
		text, is := strings.CutPrefix(line, "data: ")
		if !is {
			continue
		}
		var one api.Changed
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			t.Fatal(err)
		}
		out = append(out, one.Kinds...)
	}
	return out
}

func TestEveryRoleHearsOfWhatItMaySee(t *testing.T) {
	ann := heed.NewID(start)
	tell := [][]string{
		{"audit", "broadcasts", "dead-letters", "decisions", "exports", "health", "history", "imports", "journeys", "keys", "mails", "messages", "people", "rehearsals",
			"reviews", "segments", "something else", "specs", "suppressions", "users", "views", "people/" + ann.String()},
		{"audit", "keys"},
	}
	var asked heed.ID
	b := one(t, func(d *api.Deps) {
		d.Changes = changed(func(_ context.Context, person heed.ID) (<-chan []string, error) {
			asked = person
			c := make(chan []string, len(tell))
			for _, kinds := range tell {
				c <- kinds
			}
			close(c)
			return c, nil
		})
	})
	viewer := []string{"broadcasts", "decisions", "health", "history", "imports", "journeys", "people", "rehearsals", "segments", "specs", "suppressions", "views"}
	for role, want := range map[account.Role][]string{
		account.Viewer:  viewer,
		account.Agent:   append([]string{"mails", "messages", "reviews", "people/" + ann.String()}, viewer...),
		account.Analyst: append([]string{"exports", "mails", "messages", "reviews", "people/" + ann.String()}, viewer...),
		account.Admin:   slices.DeleteFunc(slices.Concat(tell...), func(kind string) bool { return kind == "something else" }),
	} {
		b.newUser(string(role)+"@x.example", role)
		header := map[string]string{"Cookie": b.login(string(role) + "@x.example")}
		a := b.do(request{method: "GET", path: "/changes", header: header, noAuth: true}).is(200)
		got := a.kinds(t)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s hears of %q, want %q", role, got, want)
		}
		if strings.Contains(a.text, `"kinds":[]`) {
			t.Errorf("%s is told of nothing: %s", role, a.text)
		}
		person := b.do(request{method: "GET", path: "/changes?person=" + ann.String(), header: header, noAuth: true})
		if role == account.Viewer {
			person.is(403).says("people:read")
		} else if person.is(200); asked != ann {
			t.Errorf("%s asked for %s, watched was %s", role, ann, asked)
		}
	}
	b.do(request{method: "GET", path: "/changes?person=ann"}).is(422)
	b.do(request{method: "GET", path: "/changes", noAuth: true}).is(401)
}
