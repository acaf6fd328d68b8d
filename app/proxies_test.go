package app

import (
	"fmt"
	"testing"

	"github.com/heedcx/heed"
)

func TestTrustedProxies(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.0.0/8":      "[10.0.0.0/8]",
		"10.1.2.3/8":      "[10.0.0.0/8]",
		"192.0.2.1":       "[192.0.2.1/32]",
		"2001:db8::/32":   "[2001:db8::/32]",
		"::1":             "[::1/128]",
		"proxy.example":   "trusted-proxies",
		"10.0.0.0/33":     "trusted-proxies",
		"fe80::1%eth0":    "trusted-proxies",
		"::ffff:10.0.0.1": "trusted-proxies",
		"":                "trusted-proxies",
	} {
		c := Config{TrustedProxies: []string{in}}
		got, err := c.proxies()
		text := fmt.Sprint(got)
		if err != nil {
			text = err.(*heed.Error).Field
		}
		if text != want {
			t.Errorf("%q: got %s, want %s", in, text, want)
		}
	}
	if got, err := (&Config{}).proxies(); len(got) > 0 || err != nil {
		t.Errorf("by default %v are trusted, %v", got, err)
	}
}
