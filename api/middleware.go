package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

type (
	requestKey struct{}
	logKey     struct{}
)

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

var requestIDShape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identify gives the request an id, the caller's if it sends a decent one, and finds the client's address.
func (s *server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !requestIDShape.MatchString(id) {
			id = heed.NewID(s.Clock.Now()).String()
		}
		w.Header().Set("X-Request-Id", id)
		ctx := context.WithValue(r.Context(), requestKey{}, id)
		ctx = context.WithValue(ctx, addressKey{}, s.clientAddress(r))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// logLine collects what inner handlers know for the access log.
type logLine struct{ who string }

func (s *server) seen(ctx context.Context, who *account.Who) {
	if l, ok := ctx.Value(logKey{}).(*logLine); ok {
		l.who = who.Via + " " + who.Name
	}
}

// logged writes one line per request. Queries stay out of it: they may name people.
func (s *server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Clock.Now()
		line := &logLine{}
		ctx := context.WithValue(r.Context(), logKey{}, line)
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(ww, r.WithContext(ctx))
		route := "(unknown)"
		if rc := chi.RouteContext(r.Context()); rc != nil && rc.RoutePattern() != "" {
			route = rc.RoutePattern()
		}
		level := slog.LevelInfo
		if ww.Status() >= 500 && ww.Status() != http.StatusServiceUnavailable {
			level = slog.LevelError
		}
		s.Log.LogAttrs(ctx, level, "request", slog.String("request", requestID(ctx)), slog.String("method", r.Method), slog.String("route", route),
			slog.Int("status", ww.Status()), slog.Int("bytes", ww.BytesWritten()), slog.Duration("took", s.Clock.Now().Sub(start)),
			slog.String("who", line.who), slog.String("address", addressFrom(ctx)))
	})
}

// recovered turns a panic into a 500 and keeps the process.
func (s *server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			s.Log.Error("panic", "request", requestID(r.Context()), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			writeProblem(w, r, s.Log, errors.New("panic"))
		}()
		next.ServeHTTP(w, r)
	})
}

// headers are what an API answers with so that no browser makes more of it than JSON.
func (s *server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
