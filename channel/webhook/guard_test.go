package webhook

import (
	"net/netip"
	"testing"
)

func TestPublic(t *testing.T) {
	for _, a := range []string{"8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
	for _, a := range []string{
		"127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.1.1", "0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1", "240.0.0.1", "198.18.0.1",
		"192.0.0.192", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
		"2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "2001:db8::1", "2001::1", "fec0::1", "64:ff9b:1::1",
	} {
		if public(netip.MustParseAddr(a)) {
			t.Errorf("%s is not public", a)
		}
	}
}

func TestGuardSeesWhatIsDialled(t *testing.T) {
	g := guard([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")})
	for addr, ok := range map[string]bool{"8.8.8.8:443": true, "10.1.2.3:80": true, "[::ffff:10.1.2.3]:80": true, "10.2.0.1:80": false, "[::1]:443": false, "/run/x.sock": false, "nonsense": false} {
		if err := g("tcp4", addr, nil); (err == nil) != ok {
			t.Errorf("%s: %v", addr, err)
		}
	}
	if g("unix", "8.8.8.8:1", nil) == nil {
		t.Error("a socket file passes")
	}
}
