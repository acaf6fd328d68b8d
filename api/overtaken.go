package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// Match are the headers of an edit that could conflict.
type Match struct {
	IfMatch     string `header:"If-Match" maxLength:"40" doc:"The ETag that you have seen."`
	IfNoneMatch string `header:"If-None-Match" maxLength:"40" doc:"* to create only."`
}

// met refuses with 412 an edit of a document that is not at the version its author has seen.
func (s *server) met(ctx context.Context, m Match, k spec.Key, version int) error {
	if m.IfMatch != "" && m.IfMatch != "*" && m.IfMatch != etag(version) || m.IfMatch == "*" && version == 0 || m.IfNoneMatch == "*" && version != 0 {
		return s.overtaken(ctx, k)
	}
	return nil
}

// unchanged is met for several documents at once: the versions seen, by kind/name.
func (s *server) unchanged(ctx context.Context, current spec.Set, seen map[string]int) error {
	for _, at := range slices.Sorted(maps.Keys(seen)) {
		kind, name, _ := strings.Cut(at, "/")
		if !spec.KnownKind(kind) || spec.CheckName(name) != nil {
			return heed.FieldErrorf("versions", "%q names no document: write kind/name, as in segment/vip", short(at))
		}
		k := spec.Key{Kind: kind, Name: name}
		if current[k].Version != seen[at] {
			return s.overtaken(ctx, k)
		}
	}
	return nil
}

// overtaken says who has saved a document since the author of an edit has seen it.
func (s *server) overtaken(ctx context.Context, k spec.Key) error {
	var list []spec.Spec
	err := s.DB.Read(ctx, func(q db.Querier) (err error) { list, err = spec.Versions(ctx, q, k.Kind, k.Name); return err })
	if err != nil {
		return err
	}
	err = heed.Errorf(heed.Conflict, "There is no %s %q.", k.Kind, k.Name)
	if len(list) > 0 {
		last := list[len(list)-1]
		at := last.MadeAt.Std().UTC().Format("15:04 MST on 2 January 2006")
		err = heed.Errorf(heed.Conflict, "%s saved version %d of %s %q at %s, and you have not seen it: load it again and repeat your change.", last.MadeBy, last.Version, k.Kind, k.Name, at)
		if last.Deleted {
			err = heed.Errorf(heed.Conflict, "%s deleted %s %q at %s: create it again if it should stay.", last.MadeBy, k.Kind, k.Name, at)
		}
	}
	p := problem(ctx, err)
	p.Status, p.Title = http.StatusPreconditionFailed, http.StatusText(http.StatusPreconditionFailed)
	return p
}
