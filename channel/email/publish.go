package email

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
)

// Record is the TXT record that receivers need to check this signature: its DNS name and its text.
func (d DKIM) Record() (name, text string, err error) {
	name = d.Selector + "._domainkey." + d.Domain
	s, err := d.signer()
	if err != nil {
		return name, "", err
	}
	switch k := s.options.Signer.Public().(type) {
	case ed25519.PublicKey:
		return name, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(k), nil
	case *rsa.PublicKey:
		der, err := x509.MarshalPKIXPublicKey(k)
		return name, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), err
	}
	return name, "", nil
}
