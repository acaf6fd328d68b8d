package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/rule"
)

// Options for Open. Zero values take the defaults.
type Options struct {
	// MemoryMB bounds what one question may take of the server's memory, in MiB; 4096 by default. Sorting and grouping
	// go to the server's disk at half of it.
	MemoryMB int
	// Threads is how many threads of the server work on one question; by default as many as the server likes.
	Threads int
	// QueryTime bounds each question; 30 s by default.
	QueryTime time.Duration
	// QueryRows bounds the rows of History.Query; 1,000,000 by default.
	QueryRows int
	Logger    *slog.Logger // required
}

// Store is a history store in one database of a ClickHouse server.
type Store struct {
	target Target
	o      Options
	log    *slog.Logger
	conn   driver.Conn

	mu      sync.Mutex // held by whoever writes
	epoch   uint64     // of the follower that this store works for; 0 before Resume
	token   uint64     // tells it from another that counts the same
	commits uint64     // tried in this epoch
	rows    []byte     // RowBinary of what was appended since the last commit
	seen    uint64     // fact records remembered so far
}

var _ insight.Store = (*Store)(nil)

const (
	dialTime  = 5 * time.Second
	writeTime = 2 * time.Minute // for one statement of a commit
	longTime  = 6 * time.Hour   // for deletions of a replay and for compaction
	questions = 8               // at once
)

// Open opens the store at a URL (see Parse), and makes the database and its tables if need be.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	target, err := Parse(url)
	if err != nil {
		return nil, err
	}
	if o.Logger == nil {
		return nil, errors.New("insight/clickhouse: Options.Logger is required")
	}
	if o.MemoryMB <= 0 {
		o.MemoryMB = 4096
	}
	if o.QueryTime <= 0 {
		o.QueryTime = 30 * time.Second
	}
	if o.QueryRows <= 0 {
		o.QueryRows = 1_000_000
	}
	s := &Store{target: target, o: o, log: o.Logger}
	if s.conn, err = s.connect(target.Database); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		_ = s.conn.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) connect(database string) (driver.Conn, error) {
	o := &driver.Options{
		Protocol: driver.HTTP, Addr: []string{s.target.Addr},
		Auth:        driver.Auth{Database: database, Username: s.target.User, Password: s.target.Password},
		DialTimeout: dialTime, MaxOpenConns: questions + 2, MaxIdleConns: questions, ConnMaxLifetime: 10 * time.Minute,
		ReadTimeout: longTime, // what takes too long is ended by its context
	}
	if s.target.TLS {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c, err := driver.Open(o)
	if err != nil {
		return nil, fmt.Errorf("insight/clickhouse: %w", err)
	}
	return c, nil
}

// prepare brings the schema up to date.
func (s *Store) prepare(ctx context.Context) error {
	err := s.exec(ctx, writeTime, "SELECT 1")
	if code(err) == codeNoDatabase {
		if err = s.createDatabase(ctx); err != nil {
			return err
		}
		err = s.exec(ctx, writeTime, "SELECT 1")
	}
	if err != nil {
		return s.unreachable(err)
	}
	return s.migrate(ctx)
}

func (s *Store) createDatabase(ctx context.Context) error {
	c, err := s.connect("")
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+s.target.Database); err != nil {
		return &heed.Error{Code: heed.Unavailable, Message: "ClickHouse has no database " + s.target.Database + " and does not let Heed make it. Create it, and give Heed's user all rights on it.",
			Cause: fmt.Errorf("insight/clickhouse: %w", err)}
	}
	return nil
}

// unreachable says what kept us from the server.
func (s *Store) unreachable(err error) error {
	message := "ClickHouse does not answer. Check that it runs, and the host and port in HEED_HISTORY_URL (HTTP, usually 8123)."
	switch code(err) {
	case 0:
	case codeAuthFailed, codeWrongPassword, codeNoUser:
		message = "ClickHouse does not accept the user or password in HEED_HISTORY_URL."
	default:
		message = "ClickHouse answers, but refuses Heed's first question."
	}
	return &heed.Error{Code: heed.Unavailable, Message: message, Cause: fmt.Errorf("insight/clickhouse: %s: %w", s.target.Addr, err)}
}

// Ping asks whether the server answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.exec(ctx, dialTime, "SELECT 1"); err != nil {
		return s.unreachable(err)
	}
	return nil
}

// Look asks the server at a URL for its version, and changes nothing; made says whether Heed's database is there.
func Look(ctx context.Context, url string) (version string, made bool, err error) {
	s := &Store{o: Options{QueryTime: dialTime, MemoryMB: 64}}
	if s.target, err = Parse(url); err != nil {
		return "", false, err
	}
	for _, database := range []string{s.target.Database, ""} {
		if s.conn, err = s.connect(database); err != nil {
			return "", false, err
		}
		err = s.each(ctx, "SELECT version()", nil, func(r *row) error { return r.Scan(&version) })
		_ = s.conn.Close()
		if code(err) != codeNoDatabase {
			made = database != ""
			break
		}
	}
	if err != nil {
		return "", false, s.unreachable(err)
	}
	return version, made, nil
}

// Dialect implements insight.History.
func (s *Store) Dialect() rule.Dialect { return rule.ClickHouse }

// Close ends the connections. What was not committed is lost.
func (s *Store) Close() error { return s.conn.Close() }
