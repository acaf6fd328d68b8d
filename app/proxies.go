package app

import (
	"net/netip"
	"strings"

	"github.com/heedcx/heed"
)

// proxies are the networks whose X-Forwarded-For is believed: CIDR blocks, or single addresses.
func (c *Config) proxies() (out []netip.Prefix, err error) {
	for _, text := range c.TrustedProxies {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil || a.Zone() != "" {
				return nil, heed.FieldErrorf("trusted-proxies", "want networks such as 10.0.0.0/8 or addresses, got %q", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if p.Addr().Is4In6() {
			return nil, heed.FieldErrorf("trusted-proxies", "write %q as an IPv4 network", text)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
