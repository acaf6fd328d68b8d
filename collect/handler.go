package collect

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
)

// Handler is the HTTP door.
type Handler struct {
	o        Options
	routes   map[string]route
	stats    stats
	inFlight atomic.Int64
	turn     atomic.Uint32 // spreads Retry-After
}

// route is what a path takes.
type route struct {
	method string
	serve  func(h *Handler, w http.ResponseWriter, r *http.Request)
}

// New makes a handler.
func New(o Options) *Handler {
	if o.MaxInFlight == 0 {
		o.MaxInFlight = 256 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	h := &Handler{o: o, routes: map[string]route{}}
	post := func(path string, as heed.Type) {
		h.routes[path] = route{http.MethodPost, func(h *Handler, w http.ResponseWriter, r *http.Request) { h.collect(w, r, as) }}
	}
	for path, as := range map[string]heed.Type{"track": heed.Track, "identify": heed.Identify, "page": heed.Page,
		"screen": heed.Screen, "group": heed.Group, "alias": heed.Alias, "batch": 0, "import": 0} {
		post("/v1/"+path, as)
		if path != "import" { // its letter is taken by identify, as in Segment's own API
			post("/v1/"+path[:1], as)
		}
	}
	post("/beacon/v1/batch", 0)
	h.routes["/v1/m"] = route{http.MethodPost, (*Handler).metrics}
	h.routes["/pixel/v1/track"] = route{http.MethodGet, func(h *Handler, w http.ResponseWriter, r *http.Request) { h.pixel(w, r, heed.Track) }}
	h.routes["/pixel/v1/page"] = route{http.MethodGet, func(h *Handler, w http.ResponseWriter, r *http.Request) { h.pixel(w, r, heed.Page) }}
	h.routes["/sourceConfig"] = route{http.MethodGet, (*Handler).sourceConfig}
	return h
}

// ServeHTTP implements http.Handler. It answers 404 to every path that is not its own: mount it at /v1/, /beacon/,
// /pixel/, /sourceConfig and, so that RudderStack's Go SDK finds nothing there, /cluster-info.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimSuffix(r.URL.Path, "/")
	to, ok := h.routes[path]
	if key, is := settingsKey(path); is {
		to, ok = route{http.MethodGet, func(h *Handler, w http.ResponseWriter, r *http.Request) { h.settings(w, r, key) }}, true
	}
	if !ok {
		h.problem(w, http.StatusNotFound, heed.Errorf(heed.NotFound, "There is nothing at this address."), nil)
		return
	}
	allowOrigin(w, r)
	switch {
	case r.Method == http.MethodOptions:
		h.preflight(w, r)
	case r.Method != to.method && !(to.method == http.MethodGet && r.Method == http.MethodHead):
		w.Header().Set("Allow", to.method+", OPTIONS")
		h.problem(w, http.StatusMethodNotAllowed, heed.Errorf(heed.Invalid, "This address takes %s.", to.method), nil)
	default:
		to.serve(h, w, r)
	}
}

// settingsKey takes the key out of /v1/projects/{key}/settings.
func settingsKey(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "/v1/projects/")
	if !ok {
		return "", false
	}
	key, ok := strings.CutSuffix(rest, "/settings")
	return key, ok && key != "" && !strings.Contains(key, "/")
}

// headerKey is the write key in the Authorization header: Basic, where it is the user name. Some SDKs leave out the
// colon.
func headerKey(r *http.Request) string {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return ""
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return ""
	}
	key, _, _ := strings.Cut(string(b), ":")
	return key
}

// collect takes a request with events in it.
func (h *Handler) collect(w http.ResponseWriter, r *http.Request, as heed.Type) {
	q := takeRequest()
	defer q.release()
	key := headerKey(r)
	if key == "" && r.URL.RawQuery != "" {
		key = r.URL.Query().Get("writeKey")
	}
	src, known := Source{}, false
	if key != "" {
		if src, known = h.o.Keys.WriteKey(key); !known {
			h.unknownKey(w)
			return
		}
	}
	done, ok := h.admit(w, r)
	if !ok {
		return
	}
	defer done()
	if err := q.read(r); err != nil {
		h.unread(w, r, q, src, known, err)
		return
	}
	h.stats.bytes.Add(int64(len(q.body)))
	more := q.parse(as)
	if !known {
		if src, known = h.o.Keys.WriteKey(q.key()); !known {
			h.unknownKey(w)
			return
		}
	}
	list := "batch"
	if as != 0 {
		list = ""
	}
	if h.finish(w, r, q, src, as, list, more) {
		h.answer(w, q)
	}
}

// admit bounds the memory of the requests under way.
func (h *Handler) admit(w http.ResponseWriter, r *http.Request) (done func(), ok bool) {
	size := r.ContentLength
	if size < 0 || size > MaxBatchBytes || r.Header.Get("Content-Encoding") != "" {
		size = MaxBatchBytes
	}
	if h.inFlight.Add(size) > h.o.MaxInFlight {
		h.inFlight.Add(-size)
		h.busy(w, http.StatusTooManyRequests, heed.Errorf(heed.TooMany, "Too many requests at once. Try again in a moment."))
		return nil, false
	}
	return func() { h.inFlight.Add(-size) }, true
}

// finish builds and stores the events. It reports false when it has answered already.
func (h *Handler) finish(w http.ResponseWriter, r *http.Request, q *request, src Source, as heed.Type, list string, more int) bool {
	if !h.prepare(w, r, q, src, as, list, more) {
		return false
	}
	if err := h.store(r.Context(), q); err != nil {
		h.notStored(w, r, err)
		return false
	}
	return true
}

// prepare builds the events. It reports false when it has answered already.
func (h *Handler) prepare(w http.ResponseWriter, r *http.Request, q *request, src Source, as heed.Type, list string, more int) bool {
	if more > 0 {
		h.tooLarge(w, r, q, src, heed.Errorf(heed.TooLarge, "The batch has %d events; the limit is %d.", MaxBatchEvents+more, MaxBatchEvents))
		return false
	}
	if err := q.build(src, h.o.Clock.Now(), as, list); err != nil {
		h.tooLarge(w, r, q, src, err)
		return false
	}
	return true
}

// notStored answers when the events could not be stored: always a status after which SDKs try again.
func (h *Handler) notStored(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		h.stats.answer(499) // the sender has gone
		return
	}
	if heed.CodeOf(err) == heed.TooMany {
		h.busy(w, http.StatusTooManyRequests, err)
		return
	}
	if !errors.Is(err, context.DeadlineExceeded) && heed.CodeOf(err) != heed.Unavailable {
		h.o.Log.ErrorContext(r.Context(), "events could not be stored", "error", err)
	}
	h.busy(w, http.StatusServiceUnavailable, &heed.Error{Code: heed.Unavailable, Message: "Events cannot be stored at the moment. Nothing was lost: try again."})
}

// unread answers when the body could not be read.
func (h *Handler) unread(w http.ResponseWriter, r *http.Request, q *request, src Source, known bool, err error) {
	var e *heed.Error
	switch {
	case r.Context().Err() != nil:
		h.stats.answer(499)
	case errors.As(err, &e) && e.Code == heed.TooLarge:
		if !known { // whoever has no key cannot fill our disk
			h.problem(w, http.StatusRequestEntityTooLarge, e, nil)
			return
		}
		q.body = q.body[:min(len(q.body), maxRaw)]
		h.tooLarge(w, r, q, src, e)
	case e == errEncoding:
		h.problem(w, http.StatusUnsupportedMediaType, e, nil)
	case e == errGzip:
		h.problem(w, http.StatusBadRequest, e, nil)
	default: // the connection broke; the sender will not read this
		h.busy(w, http.StatusServiceUnavailable, heed.Errorf(heed.Unavailable, "The request broke off. Try again."))
	}
}

// tooLarge answers 413 to a whole request and keeps the beginning of it as a dead letter.
func (h *Handler) tooLarge(w http.ResponseWriter, r *http.Request, q *request, src Source, err error) {
	q.events, q.index, q.refused, q.letters = q.events[:0], q.index[:0], q.refused[:0], q.letters[:0]
	ref := Refusal{Code: "too_large", Message: heed.MessageOf(err)}
	q.refused = append(q.refused, ref)
	q.letters = append(q.letters, letter(src.Name, h.o.Clock.Now(), ref.Message, 0, q.body, false))
	q.builder.source = src
	if err := h.store(r.Context(), q); err != nil {
		h.notStored(w, r, err)
		return
	}
	h.problem(w, http.StatusRequestEntityTooLarge, err, nil)
}
