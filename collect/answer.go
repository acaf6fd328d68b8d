package collect

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
)

// sdkHeaders are what Segment's and RudderStack's browser SDKs send besides what needs no permission.
const sdkHeaders = "Authorization, Content-Type, Content-Encoding, AnonymousId, X-Retry-Count"

// allowOrigin lets every page send to us and read the answer: a write key is public, and no cookie is looked at.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != "" {
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Access-Control-Expose-Headers", "Retry-After")
	}
}

func (h *Handler) preflight(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	allowed := sdkHeaders
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" && len(asked) < 1024 && headerList(asked) {
		allowed += ", " + asked
	}
	header.Set("Access-Control-Allow-Headers", allowed)
	header.Set("Access-Control-Max-Age", "7200")
	header.Set("Vary", "Access-Control-Request-Headers")
	h.stats.answer(http.StatusNoContent)
	w.WriteHeader(http.StatusNoContent)
}

func headerList(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == ',' || r == ' ' || r == '_')
	}) < 0
}

var success = []byte(`{"success":true}`)

// answer says what became of the events: 200 when at least one was stored (or nothing was refused), else 400.
func (h *Handler) answer(w http.ResponseWriter, q *request) {
	if len(q.refused) == 0 {
		h.json(w, http.StatusOK, success)
		return
	}
	shown := q.refused[:min(len(q.refused), maxShown)]
	if len(q.events) == 0 {
		first := &q.refused[0]
		h.problem(w, http.StatusBadRequest, &heed.Error{Code: heed.Invalid, Field: first.Field, Message: first.Error()}, shown)
		return
	}
	body, err := json.Marshal(struct {
		Success  bool      `json:"success"`
		Accepted int       `json:"accepted"`
		Rejected int       `json:"rejected"`
		Errors   []Refusal `json:"errors"`
	}{true, len(q.events), len(q.refused), shown})
	if err != nil { // only strings and numbers in it
		body = success
	}
	h.json(w, http.StatusOK, body)
}

func (h *Handler) json(w http.ResponseWriter, status int, body []byte) {
	h.write(w, status, jsonType, body)
}

func (h *Handler) write(w http.ResponseWriter, status int, content []string, body []byte) {
	header := w.Header()
	header["Content-Type"] = content
	header.Set("Content-Length", strconv.Itoa(len(body)))
	h.stats.answer(status)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a sender that has gone is no trouble of ours
}

// Ready as header values, so that an answer does not allocate them.
var (
	jsonType    = []string{"application/json"}
	problemType = []string{"application/problem+json"}
)

// problem answers with problem+json (RFC 9457): a code, a sentence, the field, and each refused event.
func (h *Handler) problem(w http.ResponseWriter, status int, err error, refused []Refusal) {
	p := struct {
		Title  string    `json:"title"`
		Status int       `json:"status"`
		Code   heed.Code `json:"code"`
		Detail string    `json:"detail"`
		Field  string    `json:"field,omitempty"`
		Errors []Refusal `json:"errors,omitempty"`
	}{http.StatusText(status), status, heed.CodeOf(err), heed.MessageOf(err), "", refused}
	if e, ok := err.(*heed.Error); ok {
		p.Field = e.Field
	}
	body, _ := json.Marshal(p) // only strings and numbers in it
	h.write(w, status, problemType, body)
}

// busy answers with a status after which the sender tries again, and when. The moments are spread, so that they do not
// all come back at once.
func (h *Handler) busy(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Retry-After", strconv.Itoa(1+int(h.turn.Add(1)%5)))
	h.problem(w, status, err, nil)
}

func (h *Handler) unknownKey(w http.ResponseWriter) {
	h.stats.refuse("other")
	h.problem(w, http.StatusUnauthorized, heed.Errorf(heed.Unauthorized,
		"There is no such write key. Send it as the user name of Basic authentication or as writeKey in the body; `heed key list` shows the keys."), nil)
}
