package email_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/internal/spec"
)

func pkcs8(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestDKIM(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pub, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaPub, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, []byte(pkcs8(t, rsaKey)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_DKIM_KEY", pkcs8(t, edKey))
	var s sink
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none", brand(t, email.Setup{DKIM: []email.DKIM{
		{Domain: "lumen.example", Selector: "r", KeyFile: file}, {Domain: "lumen.example", Selector: "e", KeyEnv: "TEST_DKIM_KEY"},
		{Domain: "other.example", Selector: "x", KeyFile: file},
	}}), nil)
	c := message(1, "a@example.com")
	c.Message.Template = "plain" // has lines with dots
	deliver(t, e, message(0, "a@example.com"), c)
	txt := map[string]string{
		"r._domainkey.lumen.example": "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPub),
		"e._domainkey.lumen.example": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(pub),
	}
	verify := func(data []byte) (good int) {
		got, err := dkim.VerifyWithOptions(bytes.NewReader(data), &dkim.VerifyOptions{LookupTXT: func(d string) ([]string, error) { return []string{txt[d]}, nil }})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 {
			t.Errorf("%d signatures", len(got))
		}
		for _, v := range got {
			if !slices.Contains(v.HeaderKeys, "List-Unsubscribe") || !slices.Contains(v.HeaderKeys, "List-Unsubscribe-Post") {
				t.Errorf("RFC 8058 wants the List-Unsubscribe headers signed: %v", v.HeaderKeys)
			}
			if v.Err == nil {
				good++
			}
		}
		return good
	}
	for _, m := range s.taken() {
		if n := verify(m.data); n != 2 {
			t.Errorf("%d good signatures on\n%s", n, m.data)
		}
		if n := verify(bytes.Replace(m.data, []byte("=One-Click"), []byte("=Two-Click"), 1)); n != 0 {
			t.Error("a changed header passes")
		}
	}
}

func TestCheckSpecOfChannel(t *testing.T) {
	for yaml, want := range map[string]string{
		`{}`: "", `{"dkim":[{"domain":"x.example","selector":"s","key":"nonsense"}]}`: "not PEM", `{"dkim":[{"domain":"x.example"}]}`: "selector",
		`{"bounce_address":"a+b@x.example"}`: "plain address", `{"throttle":{"gmail.com":"fast"}}`: "not a rate", `{"tracking":{"clickz":true}}`: "clickz",
		`{"from":{"email":"nobody"}}`: "not an e-mail address",
	} {
		errs := email.CheckSpec(spec.Spec{Kind: spec.Channel, Name: "email", Body: heed.RawJSON(yaml)})
		if want == "" && len(errs) != 0 || want != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), want)) {
			t.Errorf("%s: got %v", yaml, errs)
		}
	}
}
