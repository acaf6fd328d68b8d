package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// Finding is one thing that the doctor looked at.
type Finding struct {
	Name  string
	Level Level
	Text  string // a sentence; when something is wrong, what to do
}

// Level says how bad it is.
type Level string

// The levels.
const (
	Fine    Level = "ok"
	Warning Level = "warning" // Heed works, and could do better
	Wrong   Level = "wrong"   // Heed does not work like this
)

// Doctor looks at everything that Heed stands on. It may run beside a server, and changes nothing.
type Doctor struct {
	Config   Config
	Resolver *net.Resolver // nil: the system's
	Found    func(Finding)
}

const (
	slowFsync  = 20 * time.Millisecond
	fsyncTries = 20
	lookTime   = 5 * time.Second
)

// Look reports what it finds, and says whether nothing is wrong.
func (d *Doctor) Look(ctx context.Context) bool {
	ok := true
	report := func(name string, level Level, format string, args ...any) {
		ok = ok && level != Wrong
		d.Found(Finding{name, level, fmt.Sprintf(format, args...)})
	}
	if err := d.Config.Validate(); err != nil {
		report("configuration", Wrong, "%v", err)
		return false
	}
	report("configuration", Fine, "It is complete: data in %s, reached at %s.", d.Config.Data, d.Config.PublicURL)
	if says := d.Config.linksLead(); says != "" {
		report("links", Warning, "%s", says)
	}
	d.folder(report)
	d.clock(report)
	brand, setup := d.state(ctx, report)
	d.stream(ctx, report)
	d.history(ctx, report)
	d.smtp(ctx, report)
	d.dns(ctx, report, brand, setup)
	return ok
}

type reporter func(name string, level Level, format string, args ...any)

// folder looks at the data folder: that it can be written to, room, and how long a flush takes.
func (d *Doctor) folder(report reporter) {
	dir := d.Config.Data
	if InUse(dir) {
		report("server", Fine, "A Heed works in %s.", dir)
	}
	existing := dir
	for !isDir(existing) && existing != filepath.Dir(existing) {
		existing = filepath.Dir(existing) // it is made at the first start
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(existing, &fs); err == nil {
		free := fs.Bavail * uint64(fs.Bsize) >> 20
		switch {
		case free < d.Config.MinFreeMB:
			report("disk", Wrong, "%d MiB are free in %s; Heed stops taking events below %d (--min-free-mb). Make room.", free, existing, d.Config.MinFreeMB)
		case free < 4*d.Config.MinFreeMB:
			report("disk", Warning, "Only %d MiB are free in %s; Heed stops taking events below %d.", free, existing, d.Config.MinFreeMB)
		default:
			report("disk", Fine, "%d GiB are free in %s.", free>>10, existing)
		}
	}
	median, worst, err := fsyncTimes(existing)
	switch {
	case err != nil:
		report("flush", Wrong, "%s cannot be written to: %v. Heed must own its folder.", existing, err)
	case median > slowFsync:
		report("flush", Warning, "A flush to disk takes %s (at most %s): events are answered late. Use an SSD with a power-safe cache.", round(median), round(worst))
	default:
		report("flush", Fine, "A flush to disk takes %s (at most %s).", round(median), round(worst))
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

func fsyncTimes(dir string) (median, worst time.Duration, err error) {
	f, err := os.CreateTemp(dir, ".heed-doctor-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	times := make([]time.Duration, fsyncTries)
	block := make([]byte, 4096)
	for i := range times {
		if _, err := f.Write(block); err != nil {
			return 0, 0, err
		}
		began := time.Now()
		if err := f.Sync(); err != nil {
			return 0, 0, err
		}
		times[i] = time.Since(began)
	}
	slices.Sort(times)
	return times[len(times)/2], times[len(times)-1], nil
}

// clock looks for a clock that cannot be right.
func (d *Doctor) clock(report reporter) {
	now := time.Now()
	newest := now
	for _, name := range []string{"state.db-wal", "state.db", "lock"} {
		if info, err := os.Stat(filepath.Join(d.Config.Data, name)); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	switch ahead := newest.Sub(now); {
	case now.Year() < 2024:
		report("clock", Wrong, "It says %s. Set it, and let NTP keep it right.", now.Format(time.RFC1123))
	case ahead > time.Minute:
		report("clock", Warning, "It is %s behind what Heed wrote last: it was set back. Heed keeps its own time until it has caught up.", ahead.Round(time.Second))
	default:
		report("clock", Fine, "It says %s.", now.UTC().Format(time.RFC1123))
	}
}

// state looks at the state engine and reads what mails are sent as.
func (d *Doctor) state(ctx context.Context, report reporter) (brand channel.Brand, setup email.Setup) {
	path, embedded := strings.CutPrefix(d.Config.DatabaseURL, "sqlite:")
	if embedded {
		if _, err := os.Stat(strings.TrimPrefix(path, "//")); errors.Is(err, os.ErrNotExist) {
			report("state store", Fine, "SQLite; it is made at the first start.")
			return brand, setup
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	s, err := db.Open(ctx, d.Config.DatabaseURL, db.Options{Queries: queries(), CacheMB: 8, AsIs: true})
	if other, ok := errors.AsType[*db.SchemaError](err); ok && other.Unknown == 0 {
		report("state store", Warning, "It answers; %v: the next start of Heed, or `heed migrate`, brings it up to date.", err)
		return brand, setup
	}
	if err != nil {
		report("state store", Wrong, "It cannot be opened: %v.", err)
		return brand, setup
	}
	defer func() { _ = s.Close() }()
	if err := whole(ctx, s); err != nil {
		report("memory", Wrong, "%v", err)
	}
	specs, err := (&channel.Catalog{DB: s}).Get(ctx)
	if err != nil {
		report("state store", Wrong, "It cannot be read: %v.", err)
		return brand, setup
	}
	report("state store", Fine, "%s answers; its schema is up to date.", s.Dialect())
	if c, ok := specs.Channels["email"]; ok {
		setup, _ = spec.Decode[email.Setup](c) // it was checked when it was stored
		for _, err := range checkChannel(c, nil) {
			report("channel email", Wrong, "%v.", err)
		}
	}
	if c, ok := specs.Channels["webhook"]; ok {
		for _, err := range checkChannel(c, nil) {
			report("channel webhook", Wrong, "%v.", err)
		}
	}
	return specs.Brand, setup
}

// stream looks at a cluster; the embedded stream has no door to knock at.
func (d *Doctor) stream(ctx context.Context, report reporter) {
	if d.Config.NATSURL == "" {
		report("stream", Fine, "NATS JetStream in the process.")
		return
	}
	for one := range strings.SplitSeq(d.Config.NATSURL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil {
			report("stream", Wrong, "%q is no URL.", one)
			continue
		}
		host := u.Host
		if u.Port() == "" {
			host = net.JoinHostPort(u.Hostname(), "4222")
		}
		if err := knock(ctx, host); err != nil {
			report("stream", Wrong, "NATS does not answer at %s: %v.", host, err)
		} else {
			report("stream", Fine, "NATS answers at %s.", host)
		}
	}
}

func knock(ctx context.Context, host string) error {
	c, err := (&net.Dialer{Timeout: lookTime}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	return c.Close()
}

func (d *Doctor) smtp(ctx context.Context, report reporter) {
	if d.Config.SMTPURL == "" {
		report("smtp", Warning, "No SMTP server is set: mails land in the built-in mailbox. Set HEED_SMTP_URL to send them.")
		return
	}
	c, err := email.ParseURL(d.Config.SMTPURL)
	if err != nil {
		report("smtp", Wrong, "%v.", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	if err := c.Reach(ctx); err != nil {
		report("smtp", Wrong, "No mail can be handed over at %s: %v. Mails wait until that is possible.", c.Addr, err)
		return
	}
	how := "with TLS"
	if c.TLS == email.Plain {
		how = "without TLS"
	}
	if c.User != "" {
		how += ", and takes the login"
	}
	report("smtp", Fine, "The SMTP server answers at %s %s.", c.Addr, how)
}
