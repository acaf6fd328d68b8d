package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// DKIM is one signature that mails carry. The key is PEM: an RSA key of at least 1024 bits, or Ed25519, in PKCS #8 or
// PKCS #1. Prefer key_file or key_env: specs are kept in every version.
type DKIM struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector"`
	Key      string `json:"key,omitempty"`
	KeyFile  string `json:"key_file,omitempty"`
	KeyEnv   string `json:"key_env,omitempty"`
}

// signed are the headers that a signature covers. From and the RFC 8058 pair must be among them; those named twice
// cannot be added again on the way.
var signed = []string{
	"From", "From", "To", "To", "Subject", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type",
	"Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Heed-Message",
}

type signer struct{ options dkim.SignOptions }

func (d DKIM) signer() (*signer, error) {
	if d.Domain == "" || d.Selector == "" {
		return nil, errors.New("it needs domain and selector: the key's DNS name is SELECTOR._domainkey.DOMAIN")
	}
	text := d.Key
	switch {
	case d.KeyFile != "":
		b, err := os.ReadFile(d.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("key_file: %w", err)
		}
		text = string(b)
	case d.KeyEnv != "":
		if text = os.Getenv(d.KeyEnv); text == "" {
			return nil, fmt.Errorf("key_env: the variable %s is empty", d.KeyEnv)
		}
	}
	key, err := parseKey(text)
	if err != nil {
		return nil, err
	}
	return &signer{dkim.SignOptions{
		Domain: strings.ToLower(d.Domain), Selector: d.Selector, Signer: key, Hash: crypto.SHA256, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	}}, nil
}

func parseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the key is not PEM: it begins with -----BEGIN PRIVATE KEY-----")
	}
	if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the key cannot be read: make one with `openssl genpkey -algorithm ed25519` or `-algorithm rsa`")
	}
	switch k := k.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < 1024 {
			return nil, fmt.Errorf("an RSA key of %d bits is too weak: take 2048", k.N.BitLen())
		}
		return k, nil
	case ed25519.PrivateKey:
		return k, nil
	}
	return nil, fmt.Errorf("a key of type %T is of no use for DKIM: take RSA or Ed25519", k)
}

// sign puts a signature before the mail for each signer whose domain the sender's address is in.
func sign(signers []*signer, domain string, data []byte) ([]byte, error) {
	for _, s := range signers {
		if d := s.options.Domain; domain != d && !strings.HasSuffix(domain, "."+d) {
			continue
		}
		o := s.options
		var b bytes.Buffer
		b.Grow(len(data) + 1024)
		if err := dkim.Sign(&b, bytes.NewReader(data), &o); err != nil {
			return nil, fmt.Errorf("dkim %s: %w", o.Domain, err)
		}
		data = b.Bytes()
	}
	return data, nil
}
