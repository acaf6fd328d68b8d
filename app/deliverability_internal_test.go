package app

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"

	"github.com/heedcx/heed/channel/email"
)

// records is a DNS of its own: the TXT records by name.
type records map[string][]string

func (z records) LookupTXT(_ context.Context, name string) ([]string, error) {
	if name == "broken.example.com" {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name}
	}
	if texts, ok := z[name]; ok {
		return texts, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z records) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if name == "mails.com" {
		return []*net.MX{{Host: "mx.mails.com."}}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func TestRecordsOfADomain(t *testing.T) {
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	key := email.DKIM{Domain: "good.com", Selector: "heed", Key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}
	_, wanted, err := key.Record()
	if err != nil || !strings.HasPrefix(wanted, "v=DKIM1; k=ed25519; p=") {
		t.Fatal(wanted, err)
	}
	l := &looker{ctx: context.Background(), dns: records{
		"good.com": {"google-site-verification=x", "v=spf1 include:relay.example ~all"}, "two.com": {"v=spf1 -all", "v=spf1 ~all"}, "open.com": {"v=spf1 +all"},
		"heed._domainkey.good.com": {wanted}, "_dmarc.good.com": {"v=DMARC1; p=reject"}, "_dmarc.soft.com": {"v=DMARC1; p=none"},
	}}
	for domain, want := range map[string]string{"good.com": "ok", "two.com": "wrong", "open.com": "weak", "none.com": "missing", "broken.example.com": "unknown"} {
		if r := l.spf(domain, "relay.example"); r.State != want || want == "missing" && r.Publish != "v=spf1 a:relay.example ~all" {
			t.Errorf("SPF of %s: %+v", domain, r)
		}
	}
	if r := l.dkim(key); r.State != "ok" || r.Publish != "" {
		t.Errorf("%+v", r)
	}
	key.Selector = "other"
	if r := l.dkim(key); r.State != "missing" || r.Publish != wanted {
		t.Errorf("%+v", r)
	}
	for domain, want := range map[string]string{"good.com": "ok", "shop.good.com": "ok", "soft.com": "weak", "none.com": "missing"} {
		if r := l.dmarc(domain); r.State != want {
			t.Errorf("DMARC of %s: %+v", domain, r)
		}
	}
	if r := l.mx("mails.com"); r.State != "ok" || len(r.Found) != 1 {
		t.Errorf("%+v", r)
	}
	l.offline = true // a domain for examples is not asked for
	if r := l.spf("good.com", ""); r.State != "unknown" {
		t.Errorf("%+v", r)
	}
}
