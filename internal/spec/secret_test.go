package spec_test

import (
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

const channelBody = `{"dkim": [{"domain": "a.example", "key": "PEM \"one\""}, {"domain":"b.example","key_file":"/k"}],
 "feedback": {"provider":"postmark", "user": "u", "password" : "sesame-sesame-12", "public_key": "shown"}, "secret":""}`

func TestSecretsAreHiddenAndComeBackAsTheyWere(t *testing.T) {
	for _, c := range []struct{ kind, body, secret string }{
		{spec.Channel, channelBody, "sesame-sesame-12"},
		{spec.Channel, channelBody, "PEM"},
		{spec.Template, `{"headers":[{"name":"X-Trace","value":"shown"},{"value":"Bearer abc","name":"Authorization"}]}`, "abc"},
	} {
		had := spec.Spec{Kind: c.kind, Name: "x", Body: heed.RawJSON(c.body)}
		shown := spec.Redact(had)
		text := string(shown.Body)
		if strings.Contains(text, c.secret) || !strings.Contains(text, "shown") || !strings.Contains(text, spec.Hidden) {
			t.Errorf("shown as %s", text)
		}
		back, err := spec.Reveal(shown, had)
		if err != nil || len(spec.Diff(back.Body, had.Body)) != 0 {
			t.Errorf("came back as %s (%v)", back.Body, err)
		}
		if _, err := spec.Reveal(shown, spec.Spec{Kind: c.kind}); heed.CodeOf(err) != heed.Invalid {
			t.Errorf("a secret that nobody knows was accepted: %v", err)
		}
	}
	brand := spec.Spec{Kind: spec.Brand, Body: heed.RawJSON(`{"key":"not one"}`)}
	if string(spec.Redact(brand).Body) != string(brand.Body) {
		t.Error("a brand has no secrets")
	}
}

// TestASecretDoesNotMoveToAnotherHost: else whoever may write templates could have it sent to themselves.
func TestASecretDoesNotMoveToAnotherHost(t *testing.T) {
	body := func(url, value string) spec.Spec {
		return spec.Spec{Kind: spec.Template, Name: "x", Body: heed.RawJSON(`{"url":"` + url + `","headers":[{"name":"Authorization","value":"` + value + `"}]}`)}
	}
	had := body("https://crm.example/a", "Bearer abc")
	if got, err := spec.Reveal(body("https://CRM.example/b?c=d", spec.Hidden), had); err != nil || !strings.Contains(string(got.Body), "Bearer abc") {
		t.Errorf("another path: %s, %v", got.Body, err)
	}
	for _, url := range []string{"https://evil.example/a", "http://crm.example/a", "https://crm.example:8443/a", ""} {
		if got, err := spec.Reveal(body(url, spec.Hidden), had); heed.CodeOf(err) != heed.Invalid || strings.Contains(string(got.Body), "abc") {
			t.Errorf("%q got %s, %v", url, got.Body, err)
		}
	}
	if _, err := spec.Reveal(body("https://evil.example/a", "Bearer new"), had); err != nil {
		t.Errorf("with a secret of its own: %v", err)
	}
}

func TestAPlanDoesNotTellSecrets(t *testing.T) {
	old := spec.Spec{Kind: spec.Channel, Name: "email", Body: heed.RawJSON(`{"feedback":{"secret":"old-old-old-old-old","user":"a"}}`)}
	for body, want := range map[string]string{
		`{"feedback":{"secret":"new-new-new-new-new","user":"a"}}`: "~ a secret: another one",
		`{"feedback":{"secret":"old-old-old-old-old","user":"b"}}`: `~ feedback.user: "a" -> "b"`,
		`{"feedback":{"user":"a"}}`:                                `- feedback.secret: "(hidden)"`,
	} {
		c := spec.Plan(spec.SetOf(old), spec.SetOf(spec.Spec{Kind: spec.Channel, Name: "email", Body: heed.RawJSON(body)}), false)
		if len(c) != 1 || c[0].Action != spec.Update || strings.Join(c[0].Diff, "|") != want {
			t.Errorf("%s is planned as %+v, want %s", body, c, want)
		}
	}
}
