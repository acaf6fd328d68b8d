package app

import (
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/insight/clickhouse"
)

// Config says how Heed runs. The tags are those of the command line (kong); every flag has an environment variable,
// and may stand in the file that --config names.
type Config struct {
	Data      string `help:"Folder for everything that Heed stores." env:"HEED_DATA" default:"heed-data" placeholder:"DIR"`
	Addr      string `help:"Address to listen on." env:"HEED_ADDR" default:"127.0.0.1:8686" placeholder:"HOST:PORT"`
	PublicURL string `help:"The URL under which customers reach Heed: it stands in links of mails." env:"HEED_PUBLIC_URL" placeholder:"URL"`

	DatabaseURL string `help:"State engine: sqlite:PATH or postgres://... Default: SQLite in the data folder." env:"HEED_DATABASE_URL" placeholder:"URL"`
	NATSURL     string `name:"nats-url" help:"Stream: nats://... of a JetStream cluster. Default: in this process." env:"HEED_NATS_URL" placeholder:"URL"`
	HistoryURL  string `help:"History engine: duckdb:PATH or clickhouse://user:password@host:8123/database. Default: DuckDB in the data folder." env:"HEED_HISTORY_URL" placeholder:"URL"`
	SMTPURL     string `name:"smtp-url" help:"Where e-mail goes: smtp://user:password@host:port?tls=starttls. Default: the built-in mailbox." env:"HEED_SMTP_URL" placeholder:"URL"`

	BounceMaildir string `help:"A maildir into which your mail server drops what comes back to the bounce address: bounces and complaints." env:"HEED_BOUNCE_MAILDIR" type:"path" placeholder:"DIR"`

	Roles      []string      `help:"What this process does: collect, work, send, history, api." env:"HEED_ROLES" default:"collect,work,send,history,api"`
	Partitions int           `help:"Partitions of a new stream (default 1 embedded, 8 in a cluster)." env:"HEED_PARTITIONS"`
	Replicas   int           `help:"Replicas in a NATS cluster." env:"HEED_REPLICAS" default:"3"`
	Retention  time.Duration `help:"How long the stream keeps events; 0 is for ever. What is older cannot be replayed." env:"HEED_RETENTION" default:"0s"`
	LedgerDays int           `name:"ledger-retention" help:"How many days decisions, messages that have come to their end and ended journey runs are kept (31 or more); 0 is for ever. History keeps the facts." env:"HEED_LEDGER_RETENTION" default:"400"`
	MinFreeMB  uint64        `name:"min-free-mb" help:"Stop taking events when less than this many MiB of disk are free." env:"HEED_MIN_FREE_MB" default:"256"`
	CacheMB    int           `name:"cache-mb" help:"Page cache of SQLite in MiB." env:"HEED_CACHE_MB" default:"128"`
	HistoryMB  int           `name:"history-mb" help:"Memory limit in MiB: of DuckDB (default 256), or of one question to ClickHouse (default 4096)." env:"HEED_HISTORY_MB"`

	BootstrapWriteKey string `help:"A write key to create at start if it is absent." env:"HEED_BOOTSTRAP_WRITE_KEY" placeholder:"KEY"`
	BootstrapAPIKey   string `name:"bootstrap-api-key" help:"An API key to create at start if it is absent." env:"HEED_BOOTSTRAP_API_KEY" placeholder:"KEY"`
	Secret            string `help:"Signs links in mails. Default: made once and kept in the data folder; set it when several processes share a state engine." env:"HEED_SECRET" placeholder:"TEXT"`

	OIDCIssuer       string   `name:"oidc-issuer" help:"Identity provider with which people sign in besides their passwords: its issuer URL." env:"HEED_OIDC_ISSUER" placeholder:"URL"`
	OIDCClientID     string   `name:"oidc-client-id" help:"What the provider calls Heed. Its way back is PUBLIC_URL/api/v1/session/oidc/back." env:"HEED_OIDC_CLIENT_ID" placeholder:"ID"`
	OIDCClientSecret string   `name:"oidc-client-secret" help:"The secret that goes with it." env:"HEED_OIDC_CLIENT_SECRET" placeholder:"TEXT"`
	OIDCTitle        string   `name:"oidc-title" help:"What the button on the sign-in page says." env:"HEED_OIDC_TITLE" default:"Single sign-on" placeholder:"TEXT"`
	OIDCClaim        string   `name:"oidc-claim" help:"Claim of the id token that roles come from." env:"HEED_OIDC_CLAIM" default:"groups" placeholder:"NAME"`
	OIDCRoles        []string `name:"oidc-roles" help:"Which value of the claim is which role: heed-admins=admin,care=service." env:"HEED_OIDC_ROLES" placeholder:"VALUE=ROLE"`

	ImportMB     int64  `name:"import-mb" help:"Largest file that can be handed in to be imported, in MiB." env:"HEED_IMPORT_MB" default:"4096"`
	AllowPrivate bool   `help:"Let webhooks reach private addresses." env:"HEED_ALLOW_PRIVATE"`
	LogLevel     string `help:"debug, info, warn or error." env:"HEED_LOG_LEVEL" default:"info" enum:"debug,info,warn,error"`
	LogFormat    string `help:"text or json." env:"HEED_LOG_FORMAT" default:"text" enum:"text,json"`

	TrustedProxies []string `help:"Networks (CIDR) of the proxies in front of Heed: only from these is X-Forwarded-For believed to say who the client is, for limits, sign-in and the audit log." env:"HEED_TRUSTED_PROXIES" placeholder:"CIDR"`

	FsyncDelay time.Duration `help:"Adds a delay to each flush to disk, to measure as if on a slower one." env:"HEED_FSYNC_DELAY" default:"0s" hidden:""`
	MaxEvents  int           `kong:"-"` // see stream.Worker
	Pprof      bool          `help:"Serve profiles under /debug/pprof to API keys of role owner." env:"HEED_PPROF" hidden:""`
}

var roles = []string{"collect", "work", "send", "history", "api"}

// Has says whether the process plays the role.
func (c *Config) Has(role string) bool { return slices.Contains(c.Roles, role) }

// Validate checks the configuration and fills in what follows from it.
func (c *Config) Validate() error {
	for _, r := range c.Roles {
		if !slices.Contains(roles, r) {
			return heed.FieldErrorf("roles", "there is no role %q; the roles are %s", r, strings.Join(roles, ", "))
		}
	}
	if len(c.Roles) == 0 {
		return heed.FieldErrorf("roles", "name at least one of %s", strings.Join(roles, ", "))
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return heed.FieldErrorf("addr", "want HOST:PORT such as 127.0.0.1:8686, got %q", c.Addr)
	}
	if c.PublicURL == "" {
		if host == "" || host == "0.0.0.0" || host == "::" || host == "127.0.0.1" {
			host = "localhost"
		}
		c.PublicURL = "http://" + net.JoinHostPort(host, port)
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return heed.FieldErrorf("public-url", "want a URL such as https://heed.example.com, got %q", c.PublicURL)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for name, key := range map[string]string{"bootstrap-write-key": c.BootstrapWriteKey, "bootstrap-api-key": c.BootstrapAPIKey} {
		if key != "" && len(key) < 8 {
			return heed.FieldErrorf(name, "a key needs at least 8 characters")
		}
	}
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return heed.FieldErrorf("data", "%v", err)
	}
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:" + filepath.Join(c.Data, "state.db")
	}
	if c.HistoryURL == "" {
		c.HistoryURL = "duckdb:" + filepath.Join(c.Data, "history.duckdb")
	}
	if strings.HasPrefix(c.HistoryURL, "clickhouse:") {
		if _, err := clickhouse.Parse(c.HistoryURL); err != nil {
			return err
		}
	} else if !strings.HasPrefix(c.HistoryURL, "duckdb:") {
		return heed.FieldErrorf("history-url", "want duckdb:PATH or clickhouse://user:password@host:8123/database")
	}
	if c.NATSURL != "" && !strings.HasPrefix(c.NATSURL, "nats://") && !strings.HasPrefix(c.NATSURL, "tls://") {
		return heed.FieldErrorf("nats-url", "want nats://host:4222, got %q", c.NATSURL)
	}
	if err := c.checkOIDC(); err != nil {
		return err
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	if c.ImportMB < 0 || c.ImportMB > 1<<20 {
		return heed.FieldErrorf("import-mb", "want 1 to 1048576 (a TiB)")
	}
	if c.LedgerDays != 0 && c.LedgerDays < 31 || c.LedgerDays > 36_500 {
		return heed.FieldErrorf("ledger-retention", "want 31 days or more, because caps look back so far; 0 keeps everything")
	}
	if c.Partitions < 0 || c.Partitions > 256 {
		return heed.FieldErrorf("partitions", "want 1 to 256")
	}
	return nil
}

// Logger makes the logger that the configuration asks for.
func (c *Config) Logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // an enum: checked before
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, o))
}

func (c *Config) checkOIDC() error {
	if c.OIDCIssuer == "" {
		return nil
	}
	u, err := url.Parse(c.OIDCIssuer)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return heed.FieldErrorf("oidc-issuer", "want a URL such as https://login.example.com, got %q", c.OIDCIssuer)
	}
	if c.OIDCClientID == "" {
		return heed.FieldErrorf("oidc-client-id", "say what the identity provider calls Heed")
	}
	if len(c.OIDCRoles) == 0 {
		return heed.FieldErrorf("oidc-roles", "say which value of the claim %q is which role: else nobody who signs in may do anything", c.OIDCClaim)
	}
	_, err = api.RolesOf(c.OIDCRoles)
	return err
}

// linksLead says what is wrong with the address in links of mails that really go out; "" when nothing is.
func (c *Config) linksLead() string {
	if c.SMTPURL == "" || strings.HasPrefix(c.PublicURL, "https://") {
		return ""
	}
	return "Links in mails lead to " + c.PublicURL + ": customers must be able to open them, and mail programs unsubscribe with one click over https only. Set HEED_PUBLIC_URL to an https address."
}
