package duckdb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
)

// What comes from outside must reach no file, no network and no setting, through any door of DuckDB.
func TestSQLReachesNothingButTheTables(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("a,b\nhidden,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, filepath.Join(dir, "history.db"))
	run := func(text string) error {
		return s.Query(t.Context(), text, nil, insight.Limits{}, func(insight.Row) error { return nil })
	}
	if err := run("SELECT count(*) FROM event"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"SELECT * FROM read_csv('" + secret + "')",
		"SELECT * FROM '" + secret + "'",
		"SELECT content FROM read_text('" + secret + "')",
		"SELECT content FROM read_blob('" + secret + "')",
		"SELECT * FROM glob('" + dir + "/*')",
		"SELECT * FROM read_json('" + secret + "')",
		"SELECT * FROM read_parquet('https://example.com/a.parquet')",
		"SELECT * FROM sniff_csv('" + secret + "')",
		"SELECT * FROM query('SELECT * FROM read_csv(''" + secret + "'')')",
		"SELECT * FROM duckdb_logs(); COPY event TO '" + dir + "/out.csv'",
		"COPY event TO '" + dir + "/out.csv'",
		"COPY (SELECT 1) TO '" + s.exports + "/../out.csv'",
		"COPY event FROM '" + secret + "'",
		"EXPORT DATABASE '" + dir + "/out'",
		"ATTACH '" + dir + "/other.db'",
		"INSTALL httpfs", "LOAD httpfs", "LOAD '" + dir + "/x.so'",
		"SET enable_external_access = true", "SET memory_limit = '64GB'", "RESET lock_configuration", "PRAGMA threads = 64",
		"CREATE TABLE t (a INTEGER)", "CREATE TEMP TABLE t AS SELECT 1", "CREATE MACRO f(a) AS a", "CREATE SECRET (TYPE s3)",
		"UPDATE event SET name = 'x'", "TRUNCATE event", "CHECKPOINT", "VACUUM", "BEGIN", "COMMIT", "USE temp",
		"WITH x AS (DELETE FROM event RETURNING *) SELECT * FROM x",
		"SELECT getenv('HOME')",
		"EXPLAIN ANALYZE DELETE FROM event",
		"SELECT nextval('x')",
	} {
		if err := run(text); err == nil {
			t.Errorf("%s: went through", text)
		} else if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: the error shows the file: %v", text, err)
		}
	}
	for _, name := range []string{"out.csv", "out", "other.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	// The writer's connection has the same settings, whatever it may be made to run.
	if err := s.writer.exec("COPY event TO '" + dir + "/out.csv'"); err == nil {
		t.Error("the writer may write files")
	}
	if err := s.writer.exec("SET enable_external_access = true"); err == nil {
		t.Error("the writer may change settings")
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, path := range []string{"", "duckdb:", "duckdb:/x/a'b", "/x/a?b"} {
		if _, err := Open(t.Context(), path, Options{Logger: slogDiscard()}); heed.CodeOf(err) != heed.Invalid {
			t.Errorf("%q: %v", path, err)
		}
	}
	broken := filepath.Join(t.TempDir(), "history.db")
	if err := os.WriteFile(broken, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), broken, Options{Logger: slogDiscard()}); heed.CodeOf(err) != heed.Unavailable {
		t.Errorf("got %v", err)
	}
}

// A settled file opens again, with what the last process left.
func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	for range 3 {
		s, err := Open(t.Context(), path, Options{Logger: slogDiscard()})
		if err != nil {
			t.Fatal(err)
		}
		f := enginetest.CrashFollower(t, s)
		if err := f.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		st, err := s.Stats(t.Context())
		if err != nil || st.Rows != enginetest.CrashRecords*enginetest.CrashEvents || st.People != enginetest.CrashEvents || st.Keys != enginetest.CrashEvents || st.Bytes == 0 {
			t.Errorf("got %+v, %v", st, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
