package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// status is the one table from codes to HTTP.
func status(c heed.Code) int {
	switch c {
	case heed.Invalid:
		return http.StatusUnprocessableEntity
	case heed.NotFound:
		return http.StatusNotFound
	case heed.Conflict:
		return http.StatusConflict
	case heed.Unauthorized:
		return http.StatusUnauthorized
	case heed.Forbidden:
		return http.StatusForbidden
	case heed.TooLarge:
		return http.StatusRequestEntityTooLarge
	case heed.TooMany:
		return http.StatusTooManyRequests
	case heed.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// codeOf is the way back, for what the router and the validator say.
func codeOf(status int) heed.Code {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusNotAcceptable, http.StatusUnsupportedMediaType, http.StatusMethodNotAllowed:
		return heed.Invalid
	case http.StatusNotFound:
		return heed.NotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return heed.Conflict
	case http.StatusUnauthorized:
		return heed.Unauthorized
	case http.StatusForbidden:
		return heed.Forbidden
	case http.StatusRequestEntityTooLarge:
		return heed.TooLarge
	case http.StatusTooManyRequests:
		return heed.TooMany
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return heed.Unavailable
	}
	return heed.Internal
}

// Problem is an error as RFC 9457 wants it, with our code.
type Problem struct {
	Title   string         `json:"title" doc:"The HTTP status in words." example:"Unprocessable Entity"`
	Status  int            `json:"status" doc:"The HTTP status." example:"422"`
	Code    heed.Code      `json:"code" doc:"What kind of error it is." enum:"invalid,not_found,conflict,unauthorized,forbidden,too_large,too_many,unavailable,internal" example:"invalid"`
	Detail  string         `json:"detail" say:"sentence" doc:"A sentence that says what to do." example:"There is no role \"king\"."`
	Field   string         `json:"field,omitempty" doc:"The field of the input that is wrong."`
	Errors  []FieldProblem `json:"errors,omitempty" nullable:"false" doc:"Everything that is wrong, when it is more than one thing."`
	Request string         `json:"request_id,omitempty" doc:"Quote it when you ask for help: it is in the log."`

	retry time.Duration
	cause error
}

// FieldProblem is one of several things that are wrong.
type FieldProblem struct {
	Field  string `json:"field,omitempty"`
	Detail string `json:"detail" say:"sentence"`
	Where  string `json:"where,omitempty" doc:"file:line:column, when the input was a file."`
}

func (p *Problem) Error() string                { return p.Detail }
func (p *Problem) GetStatus() int               { return p.Status }
func (p *Problem) ContentType(ct string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(max(1, int(p.retry/time.Second))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="heed"`)
	}
	return h
}

// problem turns any error into a Problem. What is not a *heed.Error is our fault and shows nothing of its cause.
func problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		p.Request = requestID(ctx)
		return p
	}
	code := heed.CodeOf(err)
	p := &Problem{Code: code, Status: status(code), Detail: heed.MessageOf(err), Request: requestID(ctx), cause: err}
	if errors.Is(err, context.DeadlineExceeded) {
		p.Code, p.Status, p.Detail = heed.Unavailable, http.StatusServiceUnavailable, "This took too long. Try again, or ask for less."
	} else if errors.Is(err, context.Canceled) {
		p.Code, p.Status, p.Detail = heed.Unavailable, http.StatusServiceUnavailable, "The request was cancelled."
	}
	if e, ok := errors.AsType[*heed.Error](err); ok {
		p.Field = e.Field
	}
	if list, ok := errors.AsType[spec.Problems](err); ok {
		for _, x := range list {
			field := x.Field
			if x.Kind != "" {
				field = x.Kind + " " + x.Name
				if x.Field != "" {
					field += ": " + x.Field
				}
			}
			p.Errors = append(p.Errors, FieldProblem{Field: field, Detail: x.Text, Where: x.Where})
		}
		if len(list) == 1 {
			p.Field = list[0].Field
		}
	}
	if r, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err); ok {
		p.retry = r.RetryAfter()
	} else if p.Code == heed.TooMany || p.Code == heed.Unavailable {
		p.retry = time.Second
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// transform gives the validator's own errors our form, and says what there is to say in the language that was asked for.
// It leaves out the values, which may be secrets.
func transform(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return said(ctx.Context(), v), nil
	}
	p := &Problem{Title: m.Title, Status: m.Status, Code: codeOf(m.Status), Detail: m.Detail, Request: requestID(ctx.Context())}
	for _, e := range m.Errors {
		p.Errors = append(p.Errors, FieldProblem{Field: fieldOf(e.Location), Detail: e.Message})
	}
	if len(p.Errors) > 0 {
		p.Field, p.Detail = p.Errors[0].Field, p.Errors[0].Detail
		if p.Field != "" {
			p.Detail = p.Field + ": " + p.Detail
		}
	}
	if len(p.Errors) == 1 {
		p.Errors = nil
	}
	if m.Status == http.StatusInternalServerError {
		p.Detail, p.Errors, p.Field = heed.MessageOf(errors.New("")), nil, ""
	}
	return said(ctx.Context(), p), nil
}

// fieldOf cuts the validator's "body.", "query." or "path." off a location.
func fieldOf(location string) string {
	for _, where := range []string{"body.", "query.", "path.", "header."} {
		if len(location) > len(where) && location[:len(where)] == where {
			return location[len(where):]
		}
	}
	return location
}

// writeProblem answers with an error outside of an operation.
func writeProblem(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	p := problem(r.Context(), err)
	if p.Code == heed.Internal {
		log.Error("request failed", "request", p.Request, "method", r.Method, "err", err)
	}
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(said(r.Context(), p)) // the client may be gone
}
