package app

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// sourceSpec is the body of a spec of kind source.
type sourceSpec struct {
	Title      string         `json:"title"`
	Note       string         `json:"note"`
	Touchpoint string         `json:"touchpoint"`
	Channel    string         `json:"channel"`
	Direction  heed.Direction `json:"direction"`
	Department string         `json:"department"`
}

// checkSource checks a spec of kind source.
func checkSource(s spec.Spec, _ spec.Set) []error {
	v, err := spec.Decode[sourceSpec](s)
	if err != nil {
		return []error{err}
	}
	var errs []error
	if v.Direction != "" && v.Direction != heed.Inbound && v.Direction != heed.Outbound {
		errs = append(errs, heed.FieldErrorf("direction", "want inbound or outbound, got %q", v.Direction))
	}
	return errs
}

// sources joins write keys (account) with what their sources say about events (spec): collect.Keys.
type sources struct {
	db       db.DB
	accounts *account.Service
	log      *slog.Logger
	byName   atomic.Pointer[map[string]collect.Source]
	revision int64
}

const sourcesEvery = time.Second

func newSources(ctx context.Context, d db.DB, a *account.Service, log *slog.Logger) (*sources, error) {
	s := &sources{db: d, accounts: a, log: log, revision: -1}
	return s, s.refresh(ctx)
}

// WriteKey implements collect.Keys.
func (s *sources) WriteKey(key string) (collect.Source, bool) {
	name, public, ok := s.accounts.WriteKey(key)
	if !ok {
		return collect.Source{}, false
	}
	src := s.named(name)
	src.Public = public
	return src, true
}

// named is the source of a name. A key may be older than its source's spec: the events are still the source's.
func (s *sources) named(name string) collect.Source {
	src, known := (*s.byName.Load())[name]
	if !known {
		src.Name = name
	}
	return src
}

func (s *sources) refresh(ctx context.Context) error {
	return s.db.Read(ctx, func(q db.Querier) error {
		rev, err := spec.Revision(ctx, q)
		if err != nil || rev == s.revision {
			return err
		}
		specs, err := spec.Latest(ctx, q, spec.Source)
		if err != nil {
			return err
		}
		byName := make(map[string]collect.Source, len(specs))
		for _, one := range specs {
			v, err := spec.Decode[sourceSpec](one)
			if err != nil {
				return err
			}
			byName[one.Name] = collect.Source{Name: one.Name, Touchpoint: v.Touchpoint, Channel: v.Channel, Direction: v.Direction, Department: v.Department}
		}
		s.byName.Store(&byName)
		s.revision = rev
		return nil
	})
}

// Run follows changes of the specs.
func (s *sources) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(sourcesEvery):
		}
		if err := s.refresh(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("sources cannot be read", "error", err)
		}
	}
}
