package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// Spec is one document of configuration.
type Spec struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Version int    `json:"version"`
	Body    JSON   `json:"body" doc:"The fields of its kind."`
	Deleted bool   `json:"deleted,omitempty"`
	MadeAt  Time   `json:"made_at"`
	MadeBy  string `json:"made_by,omitempty"`
}

// specView is a spec without its secrets.
func specView(s spec.Spec) Spec {
	s = spec.Redact(s)
	return Spec{s.Kind, s.Name, s.Version, JSON(s.Body), s.Deleted, Time(s.MadeAt), s.MadeBy}
}

// SpecPath names one spec.
type SpecPath struct {
	Kind string `path:"kind" enum:"brand,purpose,source,segment,lifecycle,journey,template,rule,cap,quiet_hours,channel,broadcast"`
	Name string `path:"name" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$"`
}

func (s *server) registerSpecs() {
	route(s, op{method: http.MethodGet, path: "/specs", id: "listSpecs", tag: "specs", need: account.ReadSpecs, summary: "What the brand has configured"}, s.listSpecs)
	route(s, op{method: http.MethodGet, path: "/specs/export", id: "exportSpecs", tag: "specs", need: account.ReadSpecs, summary: "Everything that is configured, as YAML files"}, s.exportSpecs)
	route(s, op{method: http.MethodPost, path: "/specs/plan", id: "planSpecs", tag: "specs", need: account.ReadSpecs, audit: notAudited, maxBody: spec.MaxFile,
		summary: "What applying these files would change"}, s.planSpecs)
	route(s, op{method: http.MethodPost, path: "/specs/apply", id: "applySpecs", tag: "specs", need: account.WriteSpecs, audit: selfAudited, maxBody: spec.MaxFile,
		summary: "Apply these files, all or nothing", about: "With versions, only if those documents are still at the versions that you have seen (412 otherwise)."}, s.applySpecs)
	route(s, op{method: http.MethodGet, path: "/specs/{kind}/{name}", id: "getSpec", tag: "specs", need: account.ReadSpecs, summary: "One document", about: "The ETag is its version."}, s.getSpec)
	route(s, op{method: http.MethodGet, path: "/specs/{kind}/{name}/versions", id: "listSpecVersions", tag: "specs", need: account.ReadSpecs, summary: "Every version of one document, newest first"}, s.listVersions)
	route(s, op{method: http.MethodPut, path: "/specs/{kind}/{name}", id: "putSpec", tag: "specs", need: account.WriteSpecs, audit: selfAudited, maxBody: 2 * spec.MaxBody,
		summary: "Create or change one document", about: "Kinds brand, source and channel also take the permission `data:manage`. With If-Match, only if it is still that version (412 otherwise); with If-None-Match: *, only if there is none."}, s.putSpec)
	route(s, op{method: http.MethodDelete, path: "/specs/{kind}/{name}", id: "deleteSpec", tag: "specs", need: account.WriteSpecs, audit: selfAudited, status: http.StatusNoContent,
		summary: "Delete one document", about: "Its versions are kept."}, s.deleteSpec)
}

func (s *server) current(ctx context.Context) (set spec.Set, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error { set, err = spec.Current(ctx, q); return err })
	return set, err
}

// known says whether a spec that a request names is there.
func (s *server) known(ctx context.Context, kind, name string) error {
	set, err := s.current(ctx)
	if err == nil && !set.Has(kind, name) {
		err = heed.FieldErrorf(kind, "there is no %s %q", kind, short(name))
	}
	return err
}

func (s *server) listSpecs(ctx context.Context, in *struct {
	Kind string `query:"kind" enum:"brand,purpose,source,segment,lifecycle,journey,template,rule,cap,quiet_hours,channel,broadcast"`
}) (*Body[Page[Spec]], error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	list := set.All()
	if in.Kind != "" {
		list = set.Of(in.Kind)
	}
	return page(each(list, specView), ""), nil
}

// oneSpec is a spec with its version as ETag.
type oneSpec struct {
	ETag string `header:"ETag"`
	Body Spec
}

func etag(version int) string { return `"v` + strconv.Itoa(version) + `"` }

func (s *server) getSpec(ctx context.Context, in *SpecPath) (*oneSpec, error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	x, ok := set.Get(in.Kind, in.Name)
	if !ok {
		return nil, heed.Errorf(heed.NotFound, "There is no %s %q.", in.Kind, in.Name)
	}
	return &oneSpec{ETag: etag(x.Version), Body: specView(x)}, nil
}

func (s *server) listVersions(ctx context.Context, in *struct {
	SpecPath
	Limit int `query:"limit" minimum:"1" maximum:"1000" doc:"Only the newest so many; all of them without it."`
}) (*Body[Page[Spec]], error) {
	var list []spec.Spec
	err := s.DB.Read(ctx, func(q db.Querier) (err error) { list, err = spec.Versions(ctx, q, in.Kind, in.Name); return err })
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, heed.Errorf(heed.NotFound, "There is no %s %q.", in.Kind, in.Name)
	}
	out := make([]Spec, 0, len(list))
	for i := len(list) - 1; i >= 0 && (in.Limit == 0 || len(out) < in.Limit); i-- {
		out = append(out, specView(list[i]))
	}
	return page(out, ""), nil
}

func (s *server) putSpec(ctx context.Context, in *struct {
	SpecPath
	Match
	Body JSON
}) (*oneSpec, error) {
	x, err := spec.ReadJSON(in.Kind, in.Name, in.Body)
	if err != nil {
		return nil, err
	}
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	had := set[spec.Key{Kind: in.Kind, Name: in.Name}]
	if err := s.met(ctx, in.Match, spec.Key{Kind: in.Kind, Name: in.Name}, had.Version); err != nil {
		return nil, err
	}
	if x, err = spec.Reveal(x, had); err != nil {
		return nil, err
	}
	if err := s.Checks.Check(set.With(x), func(k spec.Key) bool { return k == spec.Key{Kind: x.Kind, Name: x.Name} }); err != nil {
		return nil, err
	}
	done, err := s.apply(ctx, set, spec.Plan(set, spec.SetOf(x), false))
	if err != nil {
		return nil, err
	}
	out := had // nothing changed: nothing stored
	if len(done) == 1 {
		out = done[0]
	}
	return &oneSpec{ETag: etag(out.Version), Body: specView(out)}, nil
}

func (s *server) deleteSpec(ctx context.Context, in *struct {
	SpecPath
	Match
}) (*struct{}, error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	key := spec.Key{Kind: in.Kind, Name: in.Name}
	had, ok := set[key]
	if !ok {
		return nil, heed.Errorf(heed.NotFound, "There is no %s %q.", in.Kind, in.Name)
	}
	if err := s.met(ctx, in.Match, key, had.Version); err != nil {
		return nil, err
	}
	rest := set.With()
	delete(rest, key)
	if err := s.newProblems(set, rest); err != nil { // somebody may refer to it
		return nil, err
	}
	_, err = s.apply(ctx, set, []spec.Change{{Action: spec.Delete, Kind: in.Kind, Name: in.Name, From: had.Version}})
	return &struct{}{}, err
}

// newProblems are those of after that before does not have: what is broken already does not keep anybody from working.
func (s *server) newProblems(before, after spec.Set) error {
	err, _ := s.Checks.Check(after, nil).(spec.Problems)
	old, _ := s.Checks.Check(before, nil).(spec.Problems)
	seen := map[string]bool{}
	for _, p := range old {
		p.Where = ""
		seen[p.String()] = true
	}
	var out spec.Problems
	for _, p := range err {
		q := p
		q.Where = ""
		if !seen[q.String()] {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// forManagers are the kinds that say who we are, whom we hear and where our messages leave: more than an author's work.
func forManagers(kind string) bool {
	return kind == spec.Brand || kind == spec.Source || kind == spec.Channel
}

// apply stores changes and what they changed in the audit log, in one transaction.
func (s *server) apply(ctx context.Context, before spec.Set, changes []spec.Change) (done []spec.Spec, err error) {
	by := s.actor(ctx)
	for _, c := range changes {
		if c.Action != spec.Unchanged && forManagers(c.Kind) && !by.May(account.ManageData) {
			return nil, heed.Errorf(heed.Forbidden, "You may not change a %s: it takes the permission %s.", c.Kind, account.ManageData)
		}
	}
	err = s.DB.WriteDurable(ctx, func(tx db.Tx) error {
		if done, err = spec.ApplyTx(ctx, tx, changes, by.Name, s.Clock.Now()); err != nil {
			return err
		}
		for _, c := range changes {
			if c.Action == spec.Unchanged {
				continue
			}
			e := account.Entry{Actor: by, Action: "spec." + string(c.Action), Target: c.Kind + " " + c.Name}
			if had, ok := before.Get(c.Kind, c.Name); ok {
				e.Before = had.Body
			}
			if c.Action != spec.Delete {
				e.After = c.Body
			}
			if err := s.Accounts.WriteAudit(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// Files are YAML documents, in one text or in several files.
type Files struct {
	Files map[string]string `json:"files" minProperties:"1" maxProperties:"1000" doc:"The texts by file name."`
	Prune bool              `json:"prune,omitempty" doc:"Delete what is not in the files."`
	// Optional, so that files can be applied by who has seen nothing of what is in force.
	Versions map[string]int `json:"versions,omitempty" maxProperties:"1000" doc:"The versions of documents that you have seen, by kind/name; 0: there was none. When one has another version now, 412." example:"{\"segment/vip\":3}"`
}

// PlanOut is what would change.
type PlanOut struct {
	Changes []PlannedChange `json:"changes" nullable:"false"`
	Summary string          `json:"summary" say:"sentence" example:"2 to create, 1 to change, 0 to delete, 5 unchanged"`
	Token   string          `json:"token" doc:"Stands for what the plan would do: pass it to apply, so that it does that or nothing."`
}

// PlannedChange is one step.
type PlannedChange struct {
	Action spec.Action `json:"action" enum:"create,update,delete,unchanged"`
	Kind   string      `json:"kind"`
	Name   string      `json:"name"`
	From   int         `json:"from" doc:"The version that is in force; 0 when there is none."`
	Diff   []string    `json:"diff" nullable:"false" doc:"One line per field."`
}

func (f Files) read() (spec.Set, error) {
	all := spec.Set{}
	var bad spec.Problems
	for name, text := range f.Files {
		set, err := spec.Read(short(name), []byte(text))
		if err != nil {
			list, ok := err.(spec.Problems)
			if !ok {
				return nil, err
			}
			bad = append(bad, list...)
			continue
		}
		for k, x := range set {
			if had, twice := all[k]; twice {
				bad = append(bad, spec.Problem{Kind: k.Kind, Name: k.Name, Where: x.Origin.Locate("name"), Text: "is defined twice, the other time at " + had.Origin.Locate("name")})
				continue
			}
			all[k] = x
		}
	}
	if bad != nil {
		return nil, bad
	}
	return all, nil
}

func (s *server) plan(ctx context.Context, f Files) (current spec.Set, changes []spec.Change, err error) {
	wanted, err := f.read()
	if err != nil {
		return nil, nil, err
	}
	if current, err = s.current(ctx); err != nil {
		return nil, nil, err
	}
	if err := s.unchanged(ctx, current, f.Versions); err != nil {
		return nil, nil, err
	}
	for k, x := range wanted {
		if wanted[k], err = spec.Reveal(x, current[k]); err != nil {
			return nil, nil, err
		}
	}
	after := wanted
	if !f.Prune {
		after = current.With(wanted.All()...)
	}
	if err := s.Checks.Check(after, func(k spec.Key) bool { return wanted.Has(k.Kind, k.Name) }); err != nil {
		return nil, nil, err
	}
	if err := s.newProblems(current, after); err != nil {
		return nil, nil, err
	}
	return current, spec.Plan(current, wanted, f.Prune), nil
}

func planView(changes []spec.Change) PlanOut {
	return PlanOut{Summary: spec.Summary(changes), Token: spec.Token(changes), Changes: each(changes, func(c spec.Change) PlannedChange {
		return PlannedChange{c.Action, c.Kind, c.Name, c.From, append([]string{}, c.Diff...)}
	})}
}

func (s *server) planSpecs(ctx context.Context, in *Body[Files]) (*Body[PlanOut], error) {
	_, changes, err := s.plan(ctx, in.Body)
	return body(planView(changes)), err
}

func (s *server) applySpecs(ctx context.Context, in *struct {
	Token string `query:"token" maxLength:"64" doc:"The plan's token. Without it, whatever is in force now is changed."`
	Body  Files
}) (*Body[PlanOut], error) {
	current, changes, err := s.plan(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	if in.Token != "" && in.Token != spec.Token(changes) {
		return nil, heed.Errorf(heed.Conflict, "The configuration has changed since this plan was made, and it would do something else now: plan again.")
	}
	if _, err := s.apply(ctx, current, changes); err != nil {
		return nil, err
	}
	return body(planView(changes)), nil
}

// FilesOut are YAML files by name.
type FilesOut struct {
	Files map[string]string `json:"files"`
}

func (s *server) exportSpecs(ctx context.Context, _ *struct{}) (*Body[FilesOut], error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	files, err := spec.Export(set.Redacted())
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	out := FilesOut{Files: map[string]string{}}
	for name, text := range files {
		out.Files[name] = strings.ToValidUTF8(string(text), "")
	}
	return body(out), nil
}
