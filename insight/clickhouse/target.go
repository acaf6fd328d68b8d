package clickhouse

import (
	"net"
	"net/url"
	"regexp"

	"github.com/heedcx/heed"
)

// Target says where a database is.
type Target struct {
	Addr           string // host:port of the HTTP interface
	Database       string
	User, Password string
	TLS            bool
}

const wantURL = "want clickhouse://user:password@host:8123/database, with ?tls=on for HTTPS (port 8443)"

var databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// Parse reads a URL. Its errors do not show the password.
func Parse(text string) (Target, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "clickhouse" || u.Opaque != "" {
		return Target{}, heed.FieldErrorf("history-url", wantURL)
	}
	if u.Hostname() == "" {
		return Target{}, heed.FieldErrorf("history-url", "the host is missing: "+wantURL)
	}
	t := Target{Database: u.Path, User: u.User.Username()}
	t.Password, _ = u.User.Password()
	if len(t.Database) > 0 {
		t.Database = t.Database[1:]
	}
	if !databaseName.MatchString(t.Database) {
		return Target{}, heed.FieldErrorf("history-url", "%q is not a name for a database (letters, digits, _): "+wantURL, t.Database)
	}
	for name, values := range u.Query() {
		if name != "tls" || len(values) != 1 || values[0] != "on" && values[0] != "off" {
			return Target{}, heed.FieldErrorf("history-url", "the one option is tls=on or tls=off: "+wantURL)
		}
		t.TLS = values[0] == "on"
	}
	port := u.Port()
	switch {
	case port == "9000" || port == "9440":
		return Target{}, heed.FieldErrorf("history-url", "%s is the port of ClickHouse's native protocol; Heed speaks HTTP, usually on 8123 (8443 with tls=on)", port)
	case port == "" && t.TLS:
		port = "8443"
	case port == "":
		port = "8123"
	}
	t.Addr = net.JoinHostPort(u.Hostname(), port)
	return t, nil
}
