package feedback

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/heedcx/heed"
)

// maxBody bounds a webhook's body; SendGrid's largest are below 800 KB.
const maxBody = 1 << 20

// Handler takes webhooks at /webhooks/{name}.
type Handler struct {
	o    Options
	keys map[string]*ecdsa.PublicKey // sendgrid, by name
	n    counters

	mu    sync.Mutex
	certs map[string]*x509.Certificate // of SNS, by URL
}

// New checks the webhooks and makes a handler.
func New(o Options) (*Handler, error) {
	h := &Handler{o: o, keys: map[string]*ecdsa.PublicKey{}, certs: map[string]*x509.Certificate{}}
	if h.o.Fetch == nil {
		h.o.Fetch = publicClient()
	}
	for name, c := range o.Webhooks {
		bad := func(field, format string, args ...any) error {
			return heed.FieldErrorf("webhooks."+name+"."+field, format, args...)
		}
		switch c.Kind {
		case "ses":
			if len(c.Topics) == 0 || slices.Contains(c.Topics, "") {
				return nil, bad("topics", "is missing: the ARNs of the SNS topics that may report")
			}
		case "sendgrid":
			der, err := base64.StdEncoding.DecodeString(c.PublicKey)
			if err != nil {
				return nil, bad("public_key", "is not base64: copy the verification key from SendGrid's settings")
			}
			key, err := x509.ParsePKIXPublicKey(der)
			if err != nil {
				return nil, bad("public_key", "is no public key: copy the verification key from SendGrid's settings")
			}
			ec, ok := key.(*ecdsa.PublicKey)
			if !ok {
				return nil, bad("public_key", "is not an ECDSA key")
			}
			h.keys[name] = ec
		case "postmark":
			if c.User == "" || len(c.Password) < 16 {
				return nil, bad("password", "want a user and a password of at least 16 characters, as in the webhook's URL")
			}
		case "signed":
			if len(c.Secret) < 16 {
				return nil, bad("secret", "want at least 16 characters")
			}
		default:
			return nil, bad("kind", "want ses, sendgrid, postmark or signed, got %q", c.Kind)
		}
	}
	return h, nil
}

// ServeHTTP implements http.Handler: 204 when the reports are on disk.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, "/webhooks/")
	c, known := h.o.Webhooks[name]
	switch {
	case !ok || !known:
		h.answer(w, r, heed.Errorf(heed.NotFound, "There is no such webhook."))
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		h.answer(w, r, heed.Errorf(heed.TooLarge, "The report is larger than %d bytes, or broke off.", maxBody))
		return
	}
	var reports []report
	switch c.Kind {
	case "ses":
		reports, err = h.ses(r.Context(), c, body)
	case "sendgrid":
		reports, err = h.sendgrid(h.keys[name], r, body)
	case "postmark":
		reports, err = h.postmark(c, r, body)
	case "signed":
		reports, err = h.signed(c, r, body)
	}
	if err == nil {
		if err = h.take(r.Context(), name, c, reports); err != nil {
			err = &heed.Error{Code: heed.Unavailable, Message: "The report could not be stored.", Cause: err}
		}
	}
	h.answer(w, r, err)
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusNoContent
	switch heed.CodeOf(err) {
	case "":
		w.WriteHeader(status)
		return
	case heed.NotFound:
		status = http.StatusNotFound
	case heed.TooLarge:
		status = http.StatusRequestEntityTooLarge
	case heed.Invalid:
		status = http.StatusBadRequest
	case heed.Unauthorized, heed.Forbidden:
		h.n.refused.Add(1)
		status = http.StatusUnauthorized
		h.o.Log.WarnContext(r.Context(), "a delivery report was refused", "path", r.URL.Path, "error", err)
	default: // the provider tries again
		w.Header().Set("Retry-After", "5")
		status = http.StatusServiceUnavailable
		h.o.Log.ErrorContext(r.Context(), "a delivery report could not be stored", "path", r.URL.Path, "error", err)
		err = heed.Errorf(heed.Unavailable, "The report cannot be stored at the moment. Send it again.")
	}
	body, _ := json.Marshal(map[string]any{"title": http.StatusText(status), "status": status, "code": heed.CodeOf(err), "detail": heed.MessageOf(err)})
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the provider may have gone
}

var errSignature = heed.Errorf(heed.Unauthorized, "The signature is missing or wrong.")

// recent refuses what was signed too long ago, or ahead of its time.
func (h *Handler) recent(signed heed.Time, window time.Duration) error {
	now := h.o.Clock.Now()
	if signed < now.Add(-window) || signed > now.Add(ahead) {
		return heed.Errorf(heed.Unauthorized, "The report was signed at %s, which is too long ago or in the future.", signed)
	}
	return nil
}

// same compares two secrets in a time that tells nothing of either, not even their lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// decode reads JSON into v; what is wrong with it is the sender's to know.
func decode(body []byte, v any) error {
	if err := json.Unmarshal(body, v); err != nil {
		return heed.Errorf(heed.Invalid, "The report is not what this kind of webhook sends: %s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// isoTime reads the dates of providers; zero when there is none.
func isoTime(s string) heed.Time {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return heed.At(t)
		}
	}
	return 0
}

// publicClient gets from the internet and from nowhere else.
func publicClient() func(ctx context.Context, url string) ([]byte, error) {
	client := &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{DialContext: dialPublic, TLSHandshakeTimeout: 5 * time.Second, Proxy: nil},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, url string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		res, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s answered %s", req.URL.Host, res.Status)
		}
		return io.ReadAll(io.LimitReader(res.Body, 64<<10))
	}
}
