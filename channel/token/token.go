// Package token makes the tokens in the links of messages: signed, without personal data, and of no use for anything
// that we did not mean.
//
// Tokens for unsubscribing, preferences and opens carry ids and are signed with HMAC-SHA256. A click's token carries
// the address that the author wrote, which may hold anything, so it is sealed (XChaCha20-Poly1305): nobody but us can
// read it or make one, and the redirect can only lead where a message of ours pointed.
package token

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/heedcx/heed"
)

// Kind says what a token is for; one kind never passes for another.
type Kind byte

// The kinds.
const (
	Unsubscribe Kind = 'u'
	Preferences Kind = 'p'
	Open        Kind = 'o'
	Click       Kind = 'c'
)

// MaxLen bounds the text of a token.
const MaxLen = 4096

const (
	macLen    = 16
	bounceMac = 8
)

// ErrToken is returned for any token that is not ours: cut short, changed, of another kind or another installation.
var ErrToken = errors.New("token: not one of ours")

// Claims are what a token says.
type Claims struct {
	Message heed.ID
	Person  heed.ID
	Purpose string
	Channel string
	URL     string // clicks only
}

// Keys sign and read tokens. They are safe for use by several goroutines.
type Keys struct {
	mac  []byte
	seal []byte
}

// New derives the keys from the installation's secret of at least 32 bytes.
func New(secret []byte) (*Keys, error) {
	if len(secret) < 32 {
		return nil, errors.New("token: the secret needs 32 bytes")
	}
	mac, err := hkdf.Key(sha256.New, secret, nil, "heed link signatures", 32)
	if err != nil {
		return nil, err
	}
	seal, err := hkdf.Key(sha256.New, secret, nil, "heed sealed links", chacha20poly1305.KeySize)
	return &Keys{mac: mac, seal: seal}, err
}

// Make returns the token, fit for a URL path.
func (k *Keys) Make(kind Kind, c Claims) string {
	b := make([]byte, 0, 128+len(c.URL))
	b = append(b, byte(kind))
	if kind == Click {
		body := append(make([]byte, 0, 32+len(c.URL)), c.Message[:]...)
		body = append(append(body, c.Person[:]...), c.URL...)
		aead, _ := chacha20poly1305.NewX(k.seal) // the key has the right length
		var nonce [chacha20poly1305.NonceSizeX]byte
		_, _ = rand.Read(nonce[:])
		b = aead.Seal(append(b, nonce[:]...), nonce[:], body, b[:1])
		return base64.RawURLEncoding.EncodeToString(b)
	}
	b = append(append(b, c.Message[:]...), c.Person[:]...)
	b = append(append(append(b, c.Channel...), 0), c.Purpose...)
	b = append(b, k.sum(b)[:macLen]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Read checks a token of the kind and returns what it says; ErrToken for anything else.
func (k *Keys) Read(kind Kind, text string) (Claims, error) {
	var c Claims
	if len(text) > MaxLen {
		return c, ErrToken
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < 1+32+macLen || b[0] != byte(kind) {
		return c, ErrToken
	}
	if kind == Click {
		if len(b) < 1+chacha20poly1305.NonceSizeX {
			return c, ErrToken
		}
		aead, _ := chacha20poly1305.NewX(k.seal)
		body, err := aead.Open(nil, b[1:1+aead.NonceSize()], b[1+aead.NonceSize():], b[:1])
		if err != nil || len(body) < 32 {
			return c, ErrToken
		}
		copy(c.Message[:], body)
		copy(c.Person[:], body[16:])
		c.URL = string(body[32:])
		return c, nil
	}
	b, mac := b[:len(b)-macLen], b[len(b)-macLen:]
	if !hmac.Equal(k.sum(b)[:macLen], mac) {
		return c, ErrToken
	}
	copy(c.Message[:], b[1:])
	copy(c.Person[:], b[17:])
	var ok bool
	if c.Channel, c.Purpose, ok = strings.Cut(string(b[33:]), "\x00"); !ok {
		return Claims{}, ErrToken
	}
	return c, nil
}

func (k *Keys) sum(b []byte) []byte {
	h := hmac.New(sha256.New, k.mac)
	h.Write(b)
	return h.Sum(nil)
}

// BounceTag is the part of a return address that ties a bounce to its message: 49 characters, short enough for the
// local part of an address.
func (k *Keys) BounceTag(id heed.ID) string {
	return hex.EncodeToString(id[:]) + "-" + hex.EncodeToString(k.sum(append([]byte("b"), id[:]...))[:bounceMac])
}

// ReadBounceTag returns the message of a BounceTag, in upper or lower case.
func (k *Keys) ReadBounceTag(tag string) (heed.ID, error) {
	var id heed.ID
	raw, sig, ok := strings.Cut(tag, "-")
	b, err := hex.DecodeString(raw)
	if !ok || err != nil || len(b) != len(id) {
		return id, ErrToken
	}
	mac, err := hex.DecodeString(sig)
	if err != nil || !hmac.Equal(mac, k.sum(append([]byte("b"), b...))[:bounceMac]) {
		return id, ErrToken
	}
	copy(id[:], b)
	return id, nil
}
