package app_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/internal/testx"
)

// nameServer answers TXT questions from the zone; for other names it says that there are none.
func nameServer(t *testing.T, zone map[string]string) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			if text, ok := zone[strings.TrimSuffix(q.Name.String(), ".")]; ok {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}, Body: &dnsmessage.TXTResource{TXT: []string{text}}}}
			} else {
				m.RCode = dnsmessage.RCodeNameError
			}
			if out, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

func findings(c app.Config, r *net.Resolver) (ok bool, all map[string][]app.Finding) {
	all = map[string][]app.Finding{}
	d := app.Doctor{Config: c, Resolver: r, Found: func(f app.Finding) { all[f.Name] = append(all[f.Name], f) }}
	ok = d.Look(context.Background())
	return ok, all
}

func TestTheDoctorSaysWhatIsWrong(t *testing.T) {
	c := config(t, "", func(c *app.Config) { c.SMTPURL = answering(t, "250 ok") })
	dns := nameServer(t, map[string]string{"mail.lumen-and-loom.com": "v=spf1 include:smtp.example -all", "_dmarc.lumen-and-loom.com": "v=DMARC1; p=reject"})
	if ok, all := findings(c, dns); !ok || all["sender"][0].Level != app.Warning || all["flush"][0].Level == app.Wrong || all["smtp"][0].Level != app.Fine {
		t.Errorf("before the first start: %+v", all)
	}
	w := boot(t, c)
	w.apply(strings.Replace(mailSpecs, "hello@lumen.example", "hello@lumen-and-loom.com", 1) +
		"---\nkind: channel\nname: email\nbounce_address: bounces@mail.lumen-and-loom.com\nfeedback: {provider: signed, secret: " + reportSecret + "}\n")
	ok, all := findings(c, dns)
	if !ok || all["server"] == nil || all["spf"][0].Level != app.Fine || all["dmarc"][0].Level != app.Fine || all["dkim"][0].Level != app.Warning || all["state store"][0].Level != app.Fine {
		t.Errorf("beside a server: %+v", all)
	}
	for name, list := range all {
		for _, f := range list {
			if strings.Contains(f.Text, reportSecret) || len(f.Text) < 10 {
				t.Errorf("%s: %s", name, f.Text)
			}
		}
	}
	bad := c
	bad.SMTPURL, bad.MinFreeMB = "smtp://127.0.0.1:1?tls=none", 1<<40
	if ok, all := findings(bad, nameServer(t, nil)); ok || all["smtp"][0].Level != app.Wrong || all["disk"][0].Level != app.Wrong || all["spf"][0].Level != app.Warning || all["dmarc"][0].Level != app.Warning {
		t.Errorf("with a wrong configuration: %+v", all)
	}
	if _, all := findings(c, dns); all["links"] == nil || all["links"][0].Level != app.Warning {
		t.Errorf("links in mails that lead to this machine: %+v", all["links"])
	}
	open := c
	open.PublicURL = "https://heed.lumen-and-loom.com"
	if _, all := findings(open, dns); all["links"] != nil {
		t.Errorf("links that everybody can open: %+v", all["links"])
	}
	bad.SMTPURL = strings.TrimSuffix(c.SMTPURL, "?tls=none")
	if ok, all := findings(bad, nameServer(t, nil)); ok || all["smtp"][0].Level != app.Wrong || !strings.Contains(all["smtp"][0].Text, "tls=none") {
		t.Errorf("with a server that offers no TLS: %+v", all["smtp"])
	}
	bad.Addr = "nowhere"
	if ok, all := findings(bad, nil); ok || all["configuration"][0].Level != app.Wrong {
		t.Errorf("with an address that is none: %+v", all)
	}
}

// Whoever only looks does not migrate, and says that it is to be done.
func TestTheDoctorDoesNotMigrate(t *testing.T) {
	c := config(t, testx.NewPostgres(t), nil)
	for range 2 {
		if ok, all := findings(c, nameServer(t, nil)); !ok || all["state store"][0].Level != app.Warning || !strings.Contains(all["state store"][0].Text, "heed migrate") {
			t.Errorf("before the first start: %+v", all["state store"])
		}
	}
	if err := app.Migrate(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if ok, all := findings(c, nameServer(t, nil)); !ok || all["state store"][0].Level != app.Fine {
		t.Errorf("after it: %+v", all["state store"])
	}
}
