package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/heedcx/heed/internal/account"
)

// Happening is something that happens right now.
type Happening struct {
	Kind       string `json:"kind" doc:"interaction, decision, message, segment, journey, stats" example:"interaction"`
	At         Time   `json:"at"`
	Person     *ID    `json:"person,omitempty"`
	Name       string `json:"name,omitempty"`
	Channel    string `json:"channel,omitempty"`
	Touchpoint string `json:"touchpoint,omitempty"`
	Department string `json:"department,omitempty"`
	Text       string `json:"text,omitempty" say:"sentence" doc:"One line for people."`
	Ref        *ID    `json:"ref,omitempty"`
	Data       JSON   `json:"data,omitempty"`
}

// liveLife bounds one stream, so that a revoked key or an ended session does not watch on for ever; browsers connect
// again by themselves.
const (
	liveLife  = 5 * time.Minute
	liveBeat  = 15 * time.Second
	liveWrite = 10 * time.Second
)

func (s *server) registerLive() {
	s.stream(op{method: http.MethodGet, path: "/live", id: "watch", tag: "overview", need: account.ReadPeople, slow: true,
		summary: "What happens, while it happens", about: "Server-sent events, each with a Happening as data. Reconnect when it ends, which it does every five minutes. A slow reader misses some."},
		typeOf[Happening](), nil,
		func(ctx context.Context, _ *http.Request) (<-chan any, error) {
			if !present(s.Live) {
				return nil, missing("a live view")
			}
			from, err := s.Live.Subscribe(ctx)
			return relay(ctx, from), err
		})
}

// stream registers an operation that answers with server-sent events, each with what watch's channel gives as data.
// The channel is closed when its ctx ends.
func (s *server) stream(o op, of reflect.Type, params []*huma.Param, watch func(ctx context.Context, r *http.Request) (<-chan any, error)) {
	h := s.operation(o)
	h.Parameters = append(params, &huma.Param{Name: "language", In: "query", Description: "Like the header Accept-Language, which a browser's EventSource cannot send.", Schema: &huma.Schema{Type: huma.TypeString}})
	h.Responses["200"] = &huma.Response{Description: "A stream of events.", Content: map[string]*huma.MediaType{
		"text/event-stream": {Schema: s.api.OpenAPI().Components.Schemas.Schema(of, true, "")}}}
	s.api.OpenAPI().AddOperation(&h)
	s.api.Adapter().Handle(&h, s.api.Middlewares().Handler(func(hc huma.Context) {
		r, w := humachi.Unwrap(hc)
		ctx := hc.Context()
		if asked := r.URL.Query().Get("language"); asked != "" {
			ctx = s.speaking(ctx, asked)
		}
		r = r.WithContext(ctx)
		ctx, cancel := context.WithTimeout(ctx, liveLife)
		defer cancel()
		from, err := watch(ctx, r)
		if err != nil {
			writeProblem(w, r, s.Log, err)
			return
		}
		s.pour(ctx, w, from)
	}))
}

// pour writes what comes out of the channel until either side ends.
func (s *server) pour(ctx context.Context, w http.ResponseWriter, from <-chan any) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would collect it
	w.WriteHeader(http.StatusOK)
	send := func(format string, args ...any) bool {
		_ = out.SetWriteDeadline(time.Now().Add(liveWrite)) // not every writer can
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && out.Flush() == nil
	}
	if !send("retry: 2000\n\n") {
		return
	}
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	for {
		select {
		case one, open := <-from:
			if !open {
				return
			}
			data, err := json.Marshal(said(ctx, one))
			if err != nil {
				s.Log.Error("live: what happened does not encode", "err", err)
				continue
			}
			if !send("data: %s\n\n", data) {
				return
			}
		case <-beat.C:
			if !send(": still here\n\n") {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
