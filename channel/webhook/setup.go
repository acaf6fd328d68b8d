package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/internal/spec"
)

// Setup is the spec of kind channel with name webhook. All of it is optional.
//
//	kind: channel
//	name: webhook
//	url: https://erp.lumen.example/hooks/heed    # for templates without a url of their own
//	secret_env: HEED_WEBHOOK_SECRET              # whsec_BASE64, as Standard Webhooks has it
type Setup struct {
	URL        string `json:"url,omitempty"`
	Secret     string `json:"secret,omitempty"`
	SecretEnv  string `json:"secret_env,omitempty"`
	SecretFile string `json:"secret_file,omitempty"`
	// Feedback lets the receiver report later what became of it, at /webhooks/webhook.
	Feedback *channel.FeedbackSetup `json:"feedback,omitempty"`

	key []byte
}

func parseSetup(s spec.Spec, fallback []byte) (*Setup, error) {
	v, err := spec.Decode[Setup](s)
	if err != nil {
		return nil, err
	}
	if v.URL != "" {
		if _, err := checkURL(v.URL); err != nil {
			return nil, heed.FieldErrorf("channel webhook: url", "%v", err)
		}
	}
	text := v.Secret
	if v.SecretEnv != "" {
		text = os.Getenv(v.SecretEnv)
	}
	if v.SecretFile != "" {
		b, err := os.ReadFile(v.SecretFile)
		if err != nil {
			return nil, heed.FieldErrorf("channel webhook: secret_file", "%v", err)
		}
		text = strings.TrimSpace(string(b))
	}
	switch {
	case text != "":
		if v.key, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_")); err != nil || len(v.key) < 24 {
			return nil, heed.FieldErrorf("channel webhook: secret", "want whsec_ and at least 24 random bytes in base64: echo whsec_$(openssl rand -base64 32)")
		}
	case v.SecretEnv != "":
		return nil, heed.FieldErrorf("channel webhook: secret_env", "the variable %s is empty", v.SecretEnv)
	default:
		v.key = fallback
	}
	return &v, nil
}

// CheckSpec says what is wrong with the webhook channel's spec, or with what webhooks need of a template; nil for
// other specs.
func CheckSpec(s spec.Spec) []error {
	if s.Deleted {
		return nil
	}
	switch {
	case s.Kind == spec.Channel && s.Name == "webhook":
		if _, err := parseSetup(s, nil); err != nil {
			return []error{err}
		}
	case s.Kind == spec.Template:
		b, err := spec.Decode[template.Body](s)
		if err != nil || b.Channel != "webhook" {
			return nil // template.CheckSpec says what is wrong
		}
		var errs []error
		if b.URL != "" {
			if _, err := checkURL(b.URL); err != nil {
				errs = append(errs, heed.FieldErrorf("template "+s.Name+": url", "%v", err))
			}
		}
		for i, h := range b.Headers {
			if err := checkHeader(h); err != nil {
				errs = append(errs, heed.FieldErrorf(fmt.Sprintf("template %s: headers[%d]", s.Name, i), "%v", err))
			}
		}
		return errs
	}
	return nil
}

func checkURL(s string) (*url.URL, error) {
	if s == "" {
		return nil, errors.New("there is no url: say where the webhook goes, in the template or in the channel's spec")
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the url must be https://host/path")
	}
	if u.User != nil {
		return nil, errors.New("the url must not carry a password: use a header")
	}
	return u, nil
}

func checkHeader(h template.Header) error {
	name := strings.ToLower(h.Name)
	if !httpguts.ValidHeaderFieldName(h.Name) || !httpguts.ValidHeaderFieldValue(h.Value) {
		return errors.New("this is not a header")
	}
	switch name {
	case "host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade", "te", "trailer":
		return fmt.Errorf("%s is set by Heed", h.Name)
	}
	if strings.HasPrefix(name, "webhook-") {
		return fmt.Errorf("%s is set by Heed", h.Name)
	}
	return nil
}

// sign sets the headers of Standard Webhooks: the signature is HMAC-SHA256 over id.timestamp.body.
func (s *Setup) sign(h http.Header, id string, now heed.Time, body []byte) {
	stamp := strconv.FormatInt(now.Std().Unix(), 10)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	m := hmac.New(sha256.New, s.key)
	_, _ = m.Write([]byte(id + "." + stamp + "."))
	_, _ = m.Write(body)
	h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
}
