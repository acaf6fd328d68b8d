package token_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel/token"
)

func keys(t testing.TB, b byte) *token.Keys {
	t.Helper()
	k, err := token.New(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTokens(t *testing.T) {
	k, other := keys(t, 1), keys(t, 2)
	c := token.Claims{Message: heed.ID{1}, Person: heed.ID{2}, Purpose: "news", Channel: "email"}
	kinds := []token.Kind{token.Unsubscribe, token.Preferences, token.Open, token.Click}
	for _, kind := range kinds {
		want := c
		if kind == token.Click {
			want = token.Claims{Message: c.Message, Person: c.Person, URL: "https://x.example/?mail=ada@example.com"}
		}
		s := k.Make(kind, want)
		if got, err := k.Read(kind, s); err != nil || got != want {
			t.Errorf("%c: got %+v, %v", kind, got, err)
		}
		if len(s) > 200 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("%c: %q", kind, s)
		}
		for _, wrong := range kinds {
			if _, err := k.Read(wrong, s); wrong != kind && !errors.Is(err, token.ErrToken) {
				t.Errorf("%c passes for %c", kind, wrong)
			}
		}
		if _, err := other.Read(kind, s); !errors.Is(err, token.ErrToken) {
			t.Errorf("%c: another installation's token passes", kind)
		}
		for i := range s {
			b := []byte(s)
			if b[i] = 'A'; s[i] == 'A' {
				b[i] = 'B'
			}
			if _, err := k.Read(kind, string(b)); !errors.Is(err, token.ErrToken) {
				t.Errorf("%c: changed at %d and passes", kind, i)
			}
			if _, err := k.Read(kind, s[:i]); !errors.Is(err, token.ErrToken) {
				t.Errorf("%c: cut at %d and passes", kind, i)
			}
		}
	}
	if _, err := token.New(make([]byte, 16)); err == nil {
		t.Error("a short secret passes")
	}
}

func TestBounceTag(t *testing.T) {
	k := keys(t, 1)
	id := heed.MakeID(1700000000000000, [10]byte{1, 2, 3})
	tag := k.BounceTag(id)
	if len("bounces+")+len(tag) > 64 {
		t.Errorf("%q is too long for a local part", tag)
	}
	for _, s := range []string{tag, strings.ToUpper(tag)} {
		if got, err := k.ReadBounceTag(s); err != nil || got != id {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "-", tag[:len(tag)-1], tag + "00", "00" + tag[2:], keys(t, 2).BounceTag(id)} {
		if _, err := k.ReadBounceTag(s); !errors.Is(err, token.ErrToken) {
			t.Errorf("%q passes", s)
		}
	}
}
