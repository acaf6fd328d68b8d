package app

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/profile"
)

// suppressions answers api.Suppressions.
type suppressions struct{ db db.DB }

// Suppressions implements api.Suppressions.
func (s suppressions) Suppressions(ctx context.Context, search, reason, after string, limit int) (out []api.Suppression, next string, err error) {
	var from profile.BlockCursor
	if after != "" {
		text, err := base64.RawURLEncoding.DecodeString(after)
		if err == nil {
			err = json.Unmarshal(text, &from)
		}
		if err != nil {
			return nil, "", heed.FieldErrorf("after", "is not a cursor of ours: take next from the page before, unchanged")
		}
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		rows, err := profile.BlockedList(ctx, q, search, reason, from, limit)
		for _, r := range rows {
			channel, address, _ := strings.Cut(r.Key, ":")
			out = append(out, api.Suppression{Person: api.ID(r.Person), Channel: channel, Address: address, Reason: r.Reason, At: api.Time(r.At)})
		}
		if n := len(rows); n == limit && n > 0 {
			last := rows[n-1]
			text, err := json.Marshal(profile.BlockCursor{At: last.At, Person: last.Person, Key: last.Key})
			if err != nil {
				return err
			}
			next = base64.RawURLEncoding.EncodeToString(text)
		}
		return err
	})
	return out, next, err
}

// Counts implements api.Suppressions.
func (s suppressions) Counts(ctx context.Context) (out map[string]int64, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		out, err = profile.BlockedCounts(ctx, q)
		return err
	})
	return out, err
}

// identities answers api.Graphs.
type identities struct{ db db.DB }

// Graph implements api.Graphs.
func (i identities) Graph(ctx context.Context, person heed.ID) (out api.IdentityGraph, err error) {
	err = i.db.Read(ctx, func(q db.Querier) error {
		if person, err = identity.Resolve(ctx, q, person); err != nil {
			return err
		}
		g, err := identity.GraphOf(ctx, q, person)
		if err != nil {
			return err
		}
		names := map[heed.ID]string{}
		out.Person = api.ID(person)
		for _, n := range g.Nodes {
			names[n.Hash] = n.Namespace + ":" + n.Value
			out.Nodes = append(out.Nodes, api.IdentityNode{ID: n.Hash.String(), Is: n.Identifier, Capped: n.Capped, Shared: n.Shared, Kiosk: n.Kiosk})
		}
		for _, l := range g.Links {
			out.Links = append(out.Links, api.IdentityLink{From: l.A.String(), To: l.B.String(), At: api.Time(l.At), Public: l.Public, Merge: l.Merge, Source: l.Source})
		}
		for _, m := range g.Merged {
			one := api.MergedPerson{ID: api.ID(m.ID), At: api.Time(m.At)}
			for _, h := range m.Were {
				one.Identifiers = append(one.Identifiers, names[h])
			}
			out.Merged = append(out.Merged, one)
		}
		return nil
	})
	return out, err
}
