package clickhouse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/testx"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Target{
		"clickhouse://localhost/heed":             {Addr: "localhost:8123", Database: "heed"},
		"clickhouse://h:81/heed?tls=off":          {Addr: "h:81", Database: "heed"},
		"clickhouse://u:p%40ss@h/heed_1?tls=on":   {Addr: "h:8443", Database: "heed_1", User: "u", Password: "p@ss", TLS: true},
		"clickhouse://u:p@[::1]:8124/heed?tls=on": {Addr: "[::1]:8124", Database: "heed", User: "u", Password: "p", TLS: true},
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, says := range map[string]string{
		"http://h/heed": "want clickhouse", "clickhouse:h/heed": "want clickhouse", "clickhouse://h": "name for a database", "clickhouse:///heed": "host is missing",
		"clickhouse://h/a.b": "name for a database", "clickhouse://u:secret@h:9000/heed": "native protocol", "clickhouse://u:secret@h/heed?x=1": "one option",
		"clickhouse://u:sec%ret@h/heed": "want clickhouse", "clickhouse://h/heed?tls=on&tls=on": "one option",
	} {
		if _, err := Parse(text); heed.CodeOf(err) != heed.Invalid || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// ClickHouse's JSON functions take nothing of a document with an integer of more than 64 bits.
func TestLongIntegersBecomeDecimals(t *testing.T) {
	for doc, want := range map[string]string{
		`{"a":123456789012345678}`:                 `{"a":123456789012345678}`,
		`{"a":1234567890123456789,"b":1}`:          `{"a":1234567890123456789.0,"b":1}`,
		`{"a":-123456789012345678901 ,"b":[1]}`:    `{"a":-123456789012345678901.0 ,"b":[1]}`,
		`[12345678901234567890,12345678901234567]`: `[12345678901234567890.0,12345678901234567]`,
		`{"a":"12345678901234567890123"}`:          `{"a":"12345678901234567890123"}`,
		`{"a\"":"\\","b":12345678901234567890123}`: `{"a\"":"\\","b":12345678901234567890123.0}`,
		`{"a":0.12345678901234567890123}`:          `{"a":0.12345678901234567890123}`,
		`{"a":1e-12345678901234567890}`:            `{"a":1e-12345678901234567890}`,
		`12345678901234567890`:                     `12345678901234567890.0`,
		`true`:                                     `true`,
		``:                                         ``,
	} {
		if got := decimals(doc); got != want {
			t.Errorf("%s becomes %s", doc, got)
		}
	}
	if n := testing.AllocsPerRun(100, func() { decimals(`{"revenue":12.5,"coupon":"SPRING","items":[1,2,3]}`) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever a value holds, it comes back as it was, and a text that looks like a parameter is not one.
func TestValuesTravelBesideTheText(t *testing.T) {
	s := openTest(t, testx.NewClickHouse(t))
	id := heed.MakeID(1, [10]byte{1})
	for _, text := range []string{"", "a'b", `a\b`, `\'`, `\n`, "tab\tline\nreturn\r", "zero\x00", "ü😀", `"`, "`", "{p1:String}", "$1", "--", "/*", `\N`} {
		var same, quoted, lit string
		var whose heed.ID
		var at heed.Time
		err := s.Query(t.Context(), "SELECT $1, '$1 -- it''s \\' $2', $2 /* $9 */, $3 -- $9\n, \"$1\" FROM (SELECT 'x' AS \"$1\")", []any{text, id, heed.Time(-5)}, insight.Limits{},
			func(r insight.Row) error { return r.Scan(&same, &quoted, &whose, &at, &lit) })
		if err != nil || same != text || quoted != "$1 -- it's ' $2" || whose != id || at != -5 || lit != "x" {
			t.Errorf("%q: %q %q %s %d %q, %v", text, same, quoted, whose, at, lit, err)
		}
	}
	if err := s.Query(t.Context(), "SELECT $2", []any{1}, insight.Limits{}, nil); heed.CodeOf(err) != heed.Invalid {
		t.Error(err)
	}
}

// What comes from outside must reach no file, no network and no setting.
func TestSQLReachesNothingButTables(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("hidden,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, testx.NewClickHouse(t))
	run := func(text string) error {
		return s.Query(t.Context(), text, nil, insight.Limits{}, func(insight.Row) error { return nil })
	}
	if err := run("(WITH x AS (SELECT count() AS n FROM event) SELECT n FROM x) UNION ALL SELECT 1"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"SELECT * FROM file('" + secret + "', 'CSV', 'a String, b Int64')",
		"SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
		"SELECT * FROM remote('127.0.0.1:1', 'system.one')",
		"SELECT * FROM s3('http://127.0.0.1:1/a.csv')",
		"SELECT * FROM executable('id', 'CSV', 'a String')",
		"SELECT 1 INTO OUTFILE '" + dir + "/out.csv'",
		"SELECT 1 SETTINGS max_memory_usage = 0", "SELECT 1 SETTINGS readonly = 0", "SET max_memory_usage = 0", "SET readonly = 0",
		"INSERT INTO FUNCTION file('" + dir + "/out.csv', 'CSV') SELECT 1", "INSERT INTO mark SELECT 'epoch', 0, 9, 9, 9",
		"CREATE TABLE t (a Int64) ENGINE = Memory", "CREATE TEMPORARY TABLE t (a Int64)", "CREATE FUNCTION f AS x -> x", "ATTACH TABLE t", "BACKUP TABLE event_log TO Disk('x', 'y')",
		"TRUNCATE TABLE event_log", "OPTIMIZE TABLE event_log", "ALTER TABLE event_log DELETE WHERE 1", "RENAME TABLE event_log TO e", "SYSTEM SHUTDOWN", "KILL QUERY WHERE 1",
		"GRANT ALL ON *.* TO x", "USE system", "EXPLAIN SELECT 1", "SELECT 1; DROP TABLE event_log", "SELECT 1;; DROP TABLE event_log", "/* SELECT */ DROP TABLE event_log",
	} {
		if err := run(text); err == nil {
			t.Errorf("%s: went through", text)
		} else if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: the error shows the file: %v", text, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out.csv")); err == nil {
		t.Error("a file was written")
	}
	if _, err := s.Stats(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	o := Options{Logger: slogDiscard()}
	if _, err := Open(t.Context(), "clickhouse://u:geheim@127.0.0.1:1/heed", o); heed.CodeOf(err) != heed.Unavailable || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
	url := testx.NewClickHouse(t)
	s := openTest(t, url)
	if err := s.putMarks(t.Context(), 99, mark{kind: markSchema, value: 99}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), url, o); heed.CodeOf(err) != heed.Conflict {
		t.Errorf("a newer schema: %v", err)
	}
}

// Whoever has been replaced as the follower notices before it commits.
func TestTwoFollowers(t *testing.T) {
	url := testx.NewClickHouse(t)
	one, two := openTest(t, url), openTest(t, url)
	commit := func(s *Store, seq uint64) error {
		e := []heed.Event{{Type: heed.Track, Name: "n", Timestamp: 1, ReceivedAt: 1}}
		if err := s.Append(t.Context(), insight.Rows{Seq: seq, Events: e, Keys: make([]heed.ID, 1)}); err != nil {
			return err
		}
		return s.Commit(t.Context(), insight.Commit{Positions: insight.Positions{0: seq}})
	}
	if _, err := one.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := commit(one, 1); err != nil {
		t.Fatal(err)
	}
	if at, err := two.Resume(t.Context()); err != nil || at.Positions[0] != 1 {
		t.Fatal(at, err)
	}
	if err := commit(one, 2); heed.CodeOf(err) != heed.Conflict {
		t.Errorf("got %v", err)
	}
	if err := commit(two, 2); err != nil {
		t.Fatal(err)
	}
	st, err := two.Stats(t.Context())
	if err != nil || st.Rows != 2 || st.Positions[0] != 2 {
		t.Errorf("got %+v, %v", st, err)
	}
}
