package identity_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
)

func (s *script) find(q db.Querier, id string) (heed.ID, error) {
	ns, v, _ := strings.Cut(id, ":")
	c, err := identity.LoadConfig(context.Background(), q)
	if err != nil {
		return heed.ID{}, err
	}
	return identity.Find(context.Background(), q, c, heed.Identifier{Namespace: short(ns), Value: strings.ReplaceAll(v, "_", " ")})
}

func (s *script) check(q db.Querier, w []string) error {
	ctx := context.Background()
	switch {
	case w[0] == "nobody" && len(w) == 1:
		if e := s.all[len(s.all)-1]; !e.Person.IsZero() {
			return fmt.Errorf("it belongs to %s", e.Person)
		}
		return nil
	case w[0] == "nobody":
		if p, err := s.find(q, w[1]); heed.CodeOf(err) != heed.NotFound {
			return fmt.Errorf("got %v, %v", p, err)
		}
		return nil
	case w[0] == "people":
		nodes, err := identity.Graph(ctx, q)
		seen := map[heed.ID]bool{}
		for _, n := range nodes {
			seen[n.Person] = true
		}
		return want(len(seen), w[1], err)
	case w[0] == "reviews":
		r, err := identity.Reviews(ctx, q, "open", 1000)
		return want(len(r), w[1], err)
	case w[0] == "review":
		return s.review(q, w[1], w[2])
	}
	if w[0] == "not" {
		w = w[1:]
		w[0] = "not"
	}
	var ids []heed.ID
	for _, x := range w[1:] {
		if !strings.Contains(x, ":") {
			continue
		}
		p, err := s.find(q, x)
		if err != nil {
			return err
		}
		ids = append(ids, p)
	}
	switch w[0] {
	case "one":
		for _, p := range ids[1:] {
			if p != ids[0] {
				return fmt.Errorf("they are %v", ids)
			}
		}
	case "not":
		for i := range ids {
			for j := range i {
				if ids[i] == ids[j] {
					return fmt.Errorf("%s and %s are one", w[1+i], w[1+j])
				}
			}
		}
	case "stranger":
		if s.people[ids[0]] {
			return errors.New("was seen before")
		}
	case "keys":
		keys, err := identity.Keys(ctx, q, ids[0])
		return want(len(keys), w[2], err)
	case "visits":
		return want(s.visits.of[ids[0]], w[2], nil)
	case "flag":
		keys, err := identity.Keys(ctx, q, ids[0])
		for _, k := range keys {
			if id := short(strings.Split(w[2], ":")[0]) + ":" + strings.Split(w[2], ":")[1]; k.String() == id {
				if map[string]bool{"capped": k.Capped, "shared": k.Shared, "kiosk": k.Kiosk}[w[1]] {
					return nil
				}
			}
		}
		return fmt.Errorf("it is not (%v)", err)
	}
	return nil
}

func want(got int, n string, err error) error {
	if err == nil && strconv.Itoa(got) != n {
		err = fmt.Errorf("got %d", got)
	}
	return err
}

func (s *script) review(q db.Querier, kind, id string) error {
	items, err := identity.Reviews(context.Background(), q, "open", 1000)
	if err != nil {
		return err
	}
	ns, v, _ := strings.Cut(id, ":")
	for _, r := range items {
		if r.Kind == kind && r.Identifier.Namespace == short(ns) && r.Identifier.Value == v {
			return nil
		}
	}
	return fmt.Errorf("there are %v", items)
}

// consistent checks what must hold after every script: who is who is what the edges say, and rebuilding changes nothing.
func (s *script) consistent() {
	ctx := context.Background()
	var before, after []identity.Node
	err := s.d.Write(ctx, func(tx db.Tx) (err error) {
		if before, err = identity.Graph(ctx, tx); err != nil {
			return err
		}
		if err = identity.New(slog.New(slog.DiscardHandler)).Rebuild(ctx, tx); err != nil {
			return err
		}
		after, err = identity.Graph(ctx, tx)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if !slices.Equal(before, after) {
		s.t.Errorf("a rebuild from the edges changes the graph:\n%.2000s\n%.2000s", fmt.Sprintf("%+v", before), fmt.Sprintf("%+v", after))
	}
}
