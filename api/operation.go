package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// op is one operation of the API: what it takes to be allowed, what it needs to run, what the audit log says.
type op struct {
	method, path string // path is below Prefix
	id           string // as clients call it
	tag          string
	summary      string
	about        string
	need         account.Permission
	// needs is the dependency that the operation asks, and what it is called. A nil one answers 503.
	needs any
	what  string
	// audit is what the log calls it. Every operation that is not a GET says it, or selfAudited, or notAudited.
	audit   string
	status  int // of success; 0 is 200
	maxBody int64
	slow    bool // may take longer than timeout: exports, streams
	writing bool // also open to write keys
}

const (
	selfAudited = "(self)" // the service that does it writes the log in the same transaction
	notAudited  = "(none)" // nothing is changed
	timeout     = 30 * time.Second
)

type auditNoteKey struct{}

// auditNote is what a handler adds to the log entry of its operation.
type auditNote struct {
	target        string
	before, after any
	diff          []string
}

// note tells the audit log to whom or what the operation was done, and what it changed.
func note(ctx context.Context, target string, before, after any) {
	if n, ok := ctx.Value(auditNoteKey{}).(*auditNote); ok {
		n.target, n.before, n.after = target, before, after
	}
}

// route registers an operation.
func route[I, O any](s *server, o op, h func(ctx context.Context, in *I) (*O, error)) {
	huma.Register(s.api, s.operation(o), func(ctx context.Context, in *I) (*O, error) {
		if o.what != "" && !present(o.needs) {
			return nil, s.fail(ctx, missing(o.what))
		}
		n := &auditNote{}
		out, err := h(context.WithValue(ctx, auditNoteKey{}, n), in)
		if err != nil {
			return nil, s.fail(ctx, err)
		}
		if o.audit != "" && o.audit != selfAudited && o.audit != notAudited {
			err := s.Accounts.Record(context.WithoutCancel(ctx), account.Entry{Actor: s.actor(ctx), Action: o.audit, Target: n.target, Before: n.before, After: n.after, Diff: n.diff})
			if err != nil {
				return nil, s.fail(ctx, err)
			}
		}
		return out, nil
	})
}

func missing(what string) error {
	return heed.Errorf(heed.Unavailable, "This process runs without %s. Ask another one, or start it with that role.", what)
}

// fail logs what is our fault and makes a Problem.
func (s *server) fail(ctx context.Context, err error) error {
	p := problem(ctx, err)
	if p.Code == heed.Internal && !errors.Is(err, context.Canceled) {
		s.Log.ErrorContext(ctx, "request failed", "request", p.Request, "err", err)
	}
	return p
}

func (s *server) operation(o op) huma.Operation {
	if o.need == "" {
		panic("api: operation " + o.id + " declares no permission")
	}
	if o.method != http.MethodGet && o.audit == "" {
		panic("api: operation " + o.id + " does not say what the audit log calls it")
	}
	if o.status == 0 {
		o.status = http.StatusOK
	}
	about := o.about
	if o.need == account.Anyone {
		about = strings.TrimSpace(about + "\n\nNeeds no credentials.")
	} else {
		about = strings.TrimSpace(about + "\n\nNeeds permission `" + string(o.need) + "`.")
	}
	h := huma.Operation{
		OperationID: o.id, Method: o.method, Path: Prefix + o.path, Tags: []string{o.tag}, Summary: o.summary, Description: about,
		DefaultStatus: o.status, MaxBodyBytes: o.maxBody, BodyReadTimeout: timeout,
		Metadata:   map[string]any{"op": o},
		Extensions: map[string]any{"x-heed-permission": string(o.need)},
		Responses: map[string]*huma.Response{"default": {
			Description: "What went wrong, with a code and a sentence that helps.",
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: s.problemSchema()}},
		}},
	}
	switch {
	case o.need == account.Anyone:
		h.Security = []map[string][]string{}
	case o.writing:
		h.Security = []map[string][]string{{"key": {}}, {"session": {}}, {"writeKey": {}}}
	default:
		h.Security = []map[string][]string{{"key": {}}, {"session": {}}}
	}
	return h
}

func (s *server) problemSchema() *huma.Schema {
	return s.api.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
}
