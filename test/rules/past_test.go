package rules

import (
	"bytes"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	duckdb "github.com/duckdb/duckdb-go/v2"
	"pgregory.net/rapid"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/clickhouse"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
)

// past is a history engine that rules are compiled to.
type past interface {
	// fill replaces what is in it.
	fill(t *rapid.T, people map[heed.ID]*heed.Person, events map[heed.ID][]heed.Event)
	// holds tells for whom each rule holds, in the order of their ids, and by which SQL.
	holds(t *rapid.T, rules []*rule.Rule) (people [][]string, sql []string)
	// counted hands over what the counters are up to a sequence.
	counted(t *rapid.T, specs []rule.CounterSpec, until uint64, yield func(key heed.ID, counter string, c heed.Counter))
}

type inDuckDB struct{ db *sql.DB }

func openHistory(t *testing.T) *sql.DB {
	h, err := sql.Open("duckdb", "?threads=1&memory_limit=512MB")
	if err != nil {
		t.Fatal(err)
	}
	h.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = h.Close() })
	exec(t, h, `CREATE TABLE event (key UUID, ts BIGINT, type VARCHAR, name VARCHAR, touchpoint VARCHAR, channel VARCHAR, source VARCHAR, department VARCHAR, direction VARCHAR, properties VARCHAR, part INTEGER, seq BIGINT, idx INTEGER)`)
	exec(t, h, `CREATE TABLE keymap (key UUID, person UUID)`)
	return h
}

func exec(t interface{ Fatal(...any) }, h *sql.DB, text string, args ...any) {
	if _, err := h.Exec(text, args...); err != nil {
		t.Fatal(text, err)
	}
}

func (h *inDuckDB) fill(t *rapid.T, people map[heed.ID]*heed.Person, events map[heed.ID][]heed.Event) {
	exec(t, h.db, "DELETE FROM event")
	exec(t, h.db, "DELETE FROM keymap")
	for id := range people {
		exec(t, h.db, "INSERT INTO keymap VALUES (?, ?)", id.String(), id.String())
		for _, e := range events[id] {
			var props any
			if len(e.Properties) > 0 {
				props = string(e.Properties)
			}
			exec(t, h.db, "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)", id.String(), int64(e.Timestamp), e.Type.String(), e.Name, e.Touchpoint, e.Channel, e.Source, e.Department, string(e.Direction), props, int64(e.Seq), e.Index)
		}
	}
}

func (h *inDuckDB) holds(t *rapid.T, rules []*rule.Rule) (people [][]string, sql []string) {
	for _, r := range rules {
		text, args, err := r.HistorySQL(rule.DuckDB, now)
		if err != nil {
			t.Fatal(r, err)
		}
		rows, err := h.db.Query(text, args...)
		if err != nil {
			t.Fatalf("%s\n%s %v: %v", r, text, args, err)
		}
		var got []string
		for rows.Next() {
			var id duckdb.UUID
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			got = append(got, heed.ID(id).String())
		}
		if err := rows.Err(); err != nil {
			t.Fatalf("%s\n%s %v: %v", r, text, args, err)
		}
		people, sql = append(people, got), append(sql, text)
	}
	return people, sql
}

func (h *inDuckDB) counted(t *rapid.T, specs []rule.CounterSpec, until uint64, yield func(key heed.ID, counter string, c heed.Counter)) {
	text, args, err := rule.CountersSQL(rule.DuckDB, specs, map[int]uint64{0: until}, heed.ID{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := h.db.Query(text, args...)
	if err != nil {
		t.Fatalf("%s %v: %v", text, args, err)
	}
	for rows.Next() {
		var key duckdb.UUID
		var id string
		var c heed.Counter
		var recent string
		if err := rows.Scan(&key, &id, &c.N, &c.First, &c.Last, &recent); err != nil {
			t.Fatal(err)
		}
		if c.Recent, err = rule.ParseRecent(recent); err != nil {
			t.Fatal(err)
		}
		yield(heed.ID(key), id, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// inClickHouse goes through the store as a follower does. A question over HTTP takes milliseconds and not microseconds,
// so all rules are one question, and the four people that there may be stay in the key map.
type inClickHouse struct {
	store *clickhouse.Store
	url   string
	there map[heed.ID]*heed.Person
}

func openClickHouse(t *testing.T) *inClickHouse {
	u, err := url.Parse(testx.NewClickHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := clickhouse.Open(t.Context(), u.String(), clickhouse.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var keys []insight.KeyChange
	for i := range 4 {
		id := heed.MakeID(now, [10]byte{byte(i + 1)})
		keys = append(keys, insight.KeyChange{N: int64(i + 1), Key: id, Person: id})
	}
	if err := s.Commit(t.Context(), insight.Commit{Keys: keys}); err != nil {
		t.Fatal(err)
	}
	return &inClickHouse{store: s, url: "http://" + u.Host + "/?database=" + strings.Trim(u.Path, "/")}
}

func (h *inClickHouse) fill(t *rapid.T, people map[heed.ID]*heed.Person, events map[heed.ID][]heed.Event) {
	r, err := http.Post(h.url, "text/plain", strings.NewReader("TRUNCATE TABLE event_log"))
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(r, err)
	}
	_ = r.Body.Close()
	h.there = people
	for id, list := range events {
		for i := range list {
			if err := h.store.Append(t.Context(), insight.Rows{Seq: list[i].Seq, Events: list[i : i+1], Keys: []heed.ID{id}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := h.store.Commit(t.Context(), insight.Commit{}); err != nil {
		t.Fatal(err)
	}
}

var place = regexp.MustCompile(`\$[0-9]+`)

func (h *inClickHouse) holds(t *rapid.T, rules []*rule.Rule) (people [][]string, sql []string) {
	var all []any
	var parts []string
	for i, r := range rules {
		text, args, err := r.HistorySQL(rule.ClickHouse, now)
		if err != nil {
			t.Fatal(r, err)
		}
		sql = append(sql, text)
		text = place.ReplaceAllStringFunc(text, func(p string) string {
			n, _ := strconv.Atoi(p[1:])
			return "$" + strconv.Itoa(n+len(all))
		})
		all = append(all, args...)
		parts = append(parts, fmt.Sprintf("SELECT %d AS n, person FROM (%s)", i, text))
	}
	ids := make([][]heed.ID, len(rules))
	err := h.store.Query(t.Context(), strings.Join(parts, " UNION ALL "), all, insight.Limits{}, func(r insight.Row) error {
		var n int
		var id heed.ID
		err := r.Scan(&n, &id)
		if h.there[id] != nil {
			ids[n] = append(ids[n], id)
		}
		return err
	})
	if err != nil {
		t.Fatalf("%v\n%s\n%v: %v", rules, strings.Join(parts, "\n"), all, err)
	}
	for _, list := range ids {
		slices.SortFunc(list, func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) })
		var text []string
		for _, id := range list {
			text = append(text, id.String())
		}
		people = append(people, text)
	}
	return people, sql
}

func (h *inClickHouse) counted(t *rapid.T, specs []rule.CounterSpec, until uint64, yield func(key heed.ID, counter string, c heed.Counter)) {
	text, args, err := rule.CountersSQL(rule.ClickHouse, specs, map[int]uint64{0: until}, heed.ID{})
	if err != nil {
		t.Fatal(err)
	}
	err = h.store.Counters(t.Context(), text, args, func(key heed.ID, counter string, c heed.Counter) error {
		yield(key, counter, c)
		return nil
	})
	if err != nil {
		t.Fatalf("%s\n%v: %v", text, args, err)
	}
}
