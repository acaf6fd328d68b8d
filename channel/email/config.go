package email

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/heedcx/heed"
)

// TLS says how a connection is protected.
type TLS string

// The ways.
const (
	StartTLS TLS = "starttls" // plain at first, then TLS or nothing
	Implicit TLS = "implicit" // TLS from the first byte
	Plain    TLS = "none"     // for a server on this machine or in a trusted network
)

// Config is where mails are handed over.
type Config struct {
	Addr     string // host:port
	User     string
	Password string
	TLS      TLS
	Pool     int           // connections at once
	Rate     float64       // mails a second over all, 0 is no limit
	Reuse    int           // mails over one connection before it is closed
	Hello    string        // the name we give ourselves, the host's name by default
	Timeout  time.Duration // of one answer
	Roots    *x509.CertPool
	Auth     string // plain, login, scram (SHA-256), "" takes the best that the server offers
}

// ParseURL reads
//
//	smtp://user:password@host:port?tls=starttls|implicit|none&pool=8&rate=100&reuse=1000&timeout=60s&hello=NAME&ca=FILE&auth=plain|login|scram
//
// smtps:// is smtp:// with tls=implicit. The port defaults to 587, or 465 with implicit TLS. tls defaults to starttls.
func ParseURL(s string) (Config, error) {
	c := Config{TLS: StartTLS, Pool: 8, Reuse: 1000, Timeout: time.Minute}
	bad := func(format string, args ...any) (Config, error) {
		return Config{}, heed.FieldErrorf("smtp-url", format, args...)
	}
	u, err := url.Parse(s)
	if err != nil { // the error quotes the URL, and with it the password
		return bad("it cannot be read: write smtp://user:password@host:port, and encode special characters of the password as %%XX")
	}
	switch u.Scheme {
	case "smtp":
	case "smtps":
		c.TLS = Implicit
	default:
		return bad("want smtp://host:port or smtps://host:port, got scheme %q", u.Scheme)
	}
	if u.Hostname() == "" {
		return bad("the host is missing: write smtp://host:port")
	}
	if u.Path != "" && u.Path != "/" {
		return bad("a path is of no use here: %q", u.Path)
	}
	c.User = u.User.Username()
	c.Password, _ = u.User.Password()
	for key, v := range u.Query() {
		val := v[len(v)-1]
		switch key {
		case "tls":
			if c.TLS = TLS(val); c.TLS != StartTLS && c.TLS != Implicit && c.TLS != Plain {
				return bad("tls is starttls, implicit or none, not %q", val)
			}
		case "pool":
			if c.Pool, err = strconv.Atoi(val); err != nil || c.Pool < 1 || c.Pool > 1000 {
				return bad("pool is a number of connections from 1 to 1000, not %q", val)
			}
		case "reuse":
			if c.Reuse, err = strconv.Atoi(val); err != nil || c.Reuse < 1 {
				return bad("reuse is the number of mails over one connection, at least 1, not %q", val)
			}
		case "rate":
			if c.Rate, err = strconv.ParseFloat(val, 64); err != nil || !(c.Rate > 0 && c.Rate < 1e6) {
				return bad("rate is a number of mails a second, not %q", val)
			}
		case "timeout":
			if c.Timeout, err = time.ParseDuration(val); err != nil || c.Timeout < time.Second || c.Timeout > 10*time.Minute {
				return bad("timeout is a duration from 1s to 10m, not %q", val)
			}
		case "hello":
			c.Hello = val
		case "auth":
			if val != "plain" && val != "login" && val != "scram" {
				return bad("auth is plain, login or scram, not %q", val)
			}
			c.Auth = val
		case "ca":
			pem, err := os.ReadFile(val)
			if err != nil {
				return bad("ca: %v", err)
			}
			if c.Roots = x509.NewCertPool(); !c.Roots.AppendCertsFromPEM(pem) {
				return bad("ca: %s holds no PEM certificate", val)
			}
		default:
			return bad("there is no option %q: it has tls, pool, rate, reuse, timeout, hello, ca and auth", key)
		}
	}
	port := u.Port()
	if port == "" {
		if port = "587"; c.TLS == Implicit {
			port = "465"
		}
	}
	c.Addr = net.JoinHostPort(u.Hostname(), port)
	if c.Hello == "" {
		if c.Hello, err = os.Hostname(); err != nil || c.Hello == "" {
			c.Hello = "localhost"
		}
	}
	return c, nil
}

func (c Config) tls() *tls.Config {
	host, _, _ := net.SplitHostPort(c.Addr)
	return &tls.Config{ServerName: host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
}
