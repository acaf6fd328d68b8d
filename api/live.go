package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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
	Text       string `json:"text,omitempty" doc:"One line for people."`
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
	o := op{method: http.MethodGet, path: "/live", id: "watch", tag: "overview", need: account.ReadPeople, slow: true,
		summary: "What happens, while it happens", about: "Server-sent events, each with a Happening as data. Reconnect when it ends, which it does every five minutes. A slow reader misses some."}
	h := s.operation(o)
	h.Responses["200"] = &huma.Response{Description: "A stream of events.", Content: map[string]*huma.MediaType{
		"text/event-stream": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[Happening](), true, "")}}}
	s.api.OpenAPI().AddOperation(&h)
	s.api.Adapter().Handle(&h, s.api.Middlewares().Handler(func(hc huma.Context) {
		r, w := humachi.Unwrap(hc)
		s.watch(w, r.WithContext(hc.Context()))
	}))
}

func (s *server) watch(w http.ResponseWriter, r *http.Request) {
	if !present(s.Live) {
		writeProblem(w, r, s.Log, missing("a live view"))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), liveLife)
	defer cancel()
	happenings, err := s.Live.Subscribe(ctx)
	if err != nil {
		writeProblem(w, r, s.Log, err)
		return
	}
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
		case h, open := <-happenings:
			if !open {
				return
			}
			data, err := json.Marshal(h)
			if err != nil {
				s.Log.Error("live: a happening does not encode", "kind", h.Kind, "err", err)
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
