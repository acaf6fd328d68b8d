package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// Options for Open. Zero values take the defaults.
type Options struct {
	// MemoryMB is DuckDB's memory limit in MiB, 256 by default. DuckDB's own default is 80% of the machine.
	MemoryMB int
	// Threads is how many threads DuckDB uses; by default half of the processors. Reading gets faster with more of
	// them, but writing costs a third more processor time with two than with one.
	Threads int
	// TempMB bounds what queries that do not fit in memory may put on disk, in MiB; 4096 by default.
	TempMB int
	// QueryTime bounds each question; 30 s by default. A long reader keeps the write-ahead log from shrinking.
	QueryTime time.Duration
	// QueryRows bounds the rows of History.Query; 1,000,000 by default.
	QueryRows int
	Logger    *slog.Logger // required
}

// Store is a history store in one DuckDB file.
type Store struct {
	path    string
	exports string // the only folder that DuckDB itself may write to
	o       Options
	log     *slog.Logger

	mu      sync.Mutex // held by whoever writes
	writer  *raw
	events  *appender
	changes *appender
	via     *appender
	gone    *appender
	inTx    bool
	pack    pack
	closed  bool

	use     sync.RWMutex // held for reading while the fields below are used
	file    mapping.Database
	checkMu sync.Mutex
	checker *raw // parses what comes from outside
	readers *sql.DB
}

var (
	_ insight.Store  = (*Store)(nil)
	_ insight.Packer = (*Store)(nil)
)

// Open opens the store in the file at path, which it creates if need be. path may carry the scheme "duckdb:".
func Open(ctx context.Context, path string, o Options) (_ *Store, err error) {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "duckdb:"), "//")
	if path == "" || strings.ContainsAny(path, "?%#'") {
		return nil, heed.FieldErrorf("history-url", "want duckdb:PATH with a path free of ?, %%, # and quotes, got %q", path)
	}
	if o.Logger == nil {
		return nil, errors.New("insight/duckdb: Options.Logger is required")
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	o = withDefaults(o)
	s := &Store{path: path, exports: path + ".export", o: o, log: o.Logger}
	if err := s.start(); err != nil {
		_ = s.Close()
		return nil, err
	}
	if err := s.readers.PingContext(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// start opens the file and everything on it.
func (s *Store) start() (err error) {
	if s.file, err = openFile(s.path, s.options()); err != nil {
		return err
	}
	s.pack = pack{}
	// What a crash left of an export or a query is of no use to anyone.
	for _, dir := range []string{s.exports, s.path + ".tmp"} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("insight/duckdb: %w", err)
		}
	}
	if err := os.MkdirAll(s.exports, 0o700); err != nil {
		return fmt.Errorf("insight/duckdb: %w", err)
	}
	connector, err := driver.NewConnector(s.path+"?"+s.query(), nil)
	if err != nil {
		return fmt.Errorf("insight/duckdb: open %s: %w", s.path, err)
	}
	s.readers = sql.OpenDB(connector)
	s.readers.SetMaxOpenConns(4) // each may take its share of the memory limit
	s.readers.SetMaxIdleConns(4)
	if s.checker, err = connect(s.file); err != nil {
		return err
	}
	for _, sql := range s.lockdown() {
		if err := s.checker.exec(sql); err != nil {
			return err
		}
	}
	return s.openWriter()
}

// stop undoes start.
func (s *Store) stop() (err error) {
	if s.readers != nil {
		err = s.readers.Close()
		s.readers = nil
	}
	if s.checker != nil {
		s.checker.close()
		s.checker = nil
	}
	s.closeWriter()
	mapping.Close(&s.file)
	return err
}

// restart opens the file anew: after a failure in the middle of a checkpoint, for lack of space say, DuckDB answers
// nothing more until then.
func (s *Store) restart() error {
	s.log.Warn("history opens its file anew")
	return s.reopen()
}

func (s *Store) reopen() error {
	s.use.Lock()
	defer s.use.Unlock()
	if err := s.stop(); err != nil {
		s.log.Warn("history closed its file", "err", err)
	}
	if err := s.start(); err != nil {
		_ = s.stop()
		return err
	}
	return nil
}

func withDefaults(o Options) Options {
	if o.MemoryMB <= 0 {
		o.MemoryMB = 256
	}
	if o.Threads <= 0 {
		o.Threads = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if o.TempMB <= 0 {
		o.TempMB = 4096
	}
	if o.QueryTime <= 0 {
		o.QueryTime = 30 * time.Second
	}
	if o.QueryRows <= 0 {
		o.QueryRows = 1_000_000
	}
	return o
}

// options are DuckDB's settings when the file is opened.
func (s *Store) options() map[string]string {
	return map[string]string{
		"memory_limit":             strconv.Itoa(s.o.MemoryMB) + "MiB",
		"threads":                  strconv.Itoa(s.o.Threads),
		"preserve_insertion_order": "false",  // every query that needs an order names it
		"checkpoint_threshold":     "128MiB", // rows are written when a group is full (see pack), unless they are large
		"duckdb_api":               "go",     // what the driver sets: all connections must agree
	}
}

// lockdown shuts the doors, in an order that matters; afterwards no setting can be changed.
func (s *Store) lockdown() []string {
	return []string{
		"SET GLOBAL temp_directory = '" + s.path + ".tmp'",
		fmt.Sprintf("SET GLOBAL max_temp_directory_size = '%dMiB'", s.o.TempMB),
		"SET GLOBAL autoinstall_known_extensions = false",
		"SET GLOBAL autoload_known_extensions = false",
		"SET GLOBAL allow_community_extensions = false",
		"SET GLOBAL allow_persistent_secrets = false",
		"SET GLOBAL allowed_directories = ['" + s.exports + "']",
		"SET GLOBAL enable_external_access = false",
		"SET GLOBAL lock_configuration = true",
	}
}

func (s *Store) query() string {
	v := url.Values{}
	for k, o := range s.options() {
		if k != "duckdb_api" {
			v.Set(k, o)
		}
	}
	return v.Encode()
}

// openWriter connects the writer and brings the schema up to date.
func (s *Store) openWriter() (err error) {
	if s.writer, err = connect(s.file); err != nil {
		return err
	}
	for _, sql := range schema {
		if err := s.writer.exec(sql); err != nil {
			return err
		}
	}
	for _, a := range []struct {
		into           **appender
		catalog, table string
		columns        []column
	}{
		{&s.events, "", "event", eventColumns()},
		{&s.changes, "temp", "change", changeColumns()},
		{&s.via, "temp", "via", viaColumns()},
		{&s.gone, "temp", "gone", goneColumns()},
	} {
		if *a.into, err = s.writer.appender(a.catalog, a.table, a.columns); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the file. What was not committed is lost.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.use.Lock()
	defer s.use.Unlock()
	s.closed = true
	return s.stop()
}

func (s *Store) closeWriter() {
	for _, a := range []**appender{&s.events, &s.changes, &s.via, &s.gone} {
		if *a != nil {
			(*a).close()
			*a = nil
		}
	}
	if s.writer != nil {
		if s.inTx {
			_ = s.writer.exec("ROLLBACK")
			s.inTx = false
		}
		s.writer.close()
		s.writer = nil
	}
}
