package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

// rebuildSpecs give memory something of everything.
const rebuildSpecs = mailSpecs + `
---
kind: purpose
name: newsletter
title: Stories
class: marketing
consent: opt_in
---
kind: segment
name: buyers
rule: did "Order Completed" at least 2 times within 90d
---
kind: segment
name: gold
rule: trait plan = "gold" and not in segment "buyers"
---
kind: lifecycle
name: ladder
stages:
  - {name: visitor, rule: everyone}
  - {name: buyer, rule: orders.count >= 1}
---
kind: journey
name: follow
trigger: {event: Ordered}
nodes:
  - {id: mark, update: {set: {journeyed: true}}}
  - {id: pause, wait: 30d}
  - {id: done, end: true}
`

// traffic is what happens to 40 people, some of whom turn out to be one.
func (w *world) traffic() {
	w.t.Helper()
	for round := range 4 {
		var list []map[string]any
		for i := range 40 {
			id, anon := fmt.Sprint("u", i), fmt.Sprint("a", i)
			at := time.Now().AddDate(0, 0, -100+25*round+i%20).UTC().Format(time.RFC3339)
			list = append(list,
				map[string]any{"type": "page", "anonymousId": anon, "name": "Home", "timestamp": at, "messageId": fmt.Sprint("p", round, "-", i)},
				map[string]any{"type": "track", "userId": id, "event": "Order Completed", "timestamp": at, "messageId": fmt.Sprint("o", round, "-", i%20),
					"properties": map[string]any{"order_id": fmt.Sprint(id, "-", round), "revenue": 10 + i}})
			if round == 1 {
				list = append(list, map[string]any{"type": "identify", "userId": id, "anonymousId": anon, "timestamp": at,
					"traits":  map[string]any{"first_name": fmt.Sprint("N", i), "email": mail(i), "plan": []string{"gold", "basic"}[i%2]},
					"context": map[string]any{"timezone": "Europe/Lisbon", "locale": "pt"}})
			}
			if round == 2 && i%3 == 0 {
				list = append(list, map[string]any{"type": "track", "userId": id, "event": []string{"Consent Granted", "Consent Denied"}[i%2], "timestamp": at,
					"properties": map[string]any{"purpose": "newsletter", "channel": "email"}}, track(id, "Ordered"))
			}
		}
		w.events(list...)
	}
	w.until("every mail is out", func() bool {
		for _, m := range w.messages("limit=200") {
			if m.State == "reserved" || m.State == "sending" {
				return false
			}
		}
		return true
	})
	w.settled()
}

// memory is every person's document, and the lists, as text.
func memory(t *testing.T, c app.Config) map[string]string {
	t.Helper()
	d, err := db.Open(context.Background(), c.DatabaseURL, db.Options{CacheMB: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	out := map[string]string{}
	err = d.Read(context.Background(), func(q db.Querier) error {
		for what, sql := range map[string]string{
			"person":  "SELECT id, CAST(stage AS TEXT), CAST(wake AS TEXT), CAST(doc AS TEXT) FROM person",
			"segment": "SELECT person, segment, CAST(since AS TEXT), '' FROM segment_member",
			"search":  "SELECT person, token, kind, '' FROM person_search",
			"columns": "SELECT id, words, CAST(open_cases AS TEXT), '' FROM person",
			"message": "SELECT id, state, reason, '' FROM message",
			"run":     "SELECT id, journey, state, '' FROM journey_run",
		} {
			rows, err := q.QuerySQL(context.Background(), sql)
			if err != nil {
				return err
			}
			for rows.Next() {
				var id heed.ID
				var a, b, doc string
				if err := rows.Scan(&id, &a, &b, &doc); err != nil {
					return err
				}
				if what == "person" {
					var v any // the engines order the keys as they like
					if err := json.Unmarshal([]byte(doc), &v); err != nil {
						return err
					}
					text, _ := json.Marshal(v)
					out[what+" "+id.String()] = a + " " + b + " " + string(text)
				} else {
					out[what+" "+id.String()+" "+a+" "+b] = b
				}
			}
			rows.Close()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, before, after map[string]string) {
	t.Helper()
	shown := 0
	for k, v := range before {
		if after[k] != v && shown < 5 {
			at := 0
			for at < len(v) && at < len(after[k]) && v[at] == after[k][at] {
				at++
			}
			at = max(0, at-20)
			t.Errorf("%s\n was ... %.200s\n  is ... %.200s", k, v[min(at, len(v)):], after[k][min(at, len(after[k])):])
			shown++
		}
	}
	for k := range after {
		if _, had := before[k]; !had && shown < 10 {
			t.Errorf("%s is new: %s", k, after[k])
			shown++
		}
	}
}

func TestMemoryAfterARebuildIsAsItWas(t *testing.T) {
	for name, partitions := range map[string]int{"sqlite": 1, "sqlite, four partitions": 4, "postgres": 1, "postgres, four partitions": 4} {
		t.Run(name, func(t *testing.T) {
			database := ""
			if strings.HasPrefix(name, "postgres") {
				database = testx.NewPostgres(t)
			}
			c := config(t, database, func(c *app.Config) { c.Partitions = partitions })
			w := boot(t, c)
			w.apply(rebuildSpecs)
			w.traffic()
			log := slog.New(slog.DiscardHandler)
			if _, err := app.RebuildMemory(context.Background(), c, log, nil); heed.CodeOf(err) != heed.Conflict {
				t.Errorf("while a server runs: %v", err)
			}
			w.stop()
			before := memory(t, c)
			if n := strings.Count(fmt.Sprint(before), "journeyed"); n == 0 {
				t.Fatal("the journey has left no trace: the test tests too little")
			}
			// Interrupted once on its way, then to the end, then once more from the beginning.
			ctx, cancel := context.WithCancel(context.Background())
			if _, err := app.RebuildMemory(ctx, c, log, func(done, all uint64) { cancel() }); err == nil {
				t.Error("it was not interrupted")
			}
			if _, err := app.Open(context.Background(), c, "test", log); heed.CodeOf(err) != heed.Conflict || !strings.Contains(err.Error(), "heed replay --memory") {
				t.Errorf("Open with half a memory: %v", err)
			}
			for range 2 {
				out, err := app.RebuildMemory(context.Background(), c, log, nil)
				if err != nil {
					t.Fatal(err)
				}
				if out.People != 40 || out.Restored != 0 {
					t.Errorf("rebuilt %+v", out)
				}
				same(t, before, memory(t, c))
			}
			w = boot(t, c)
			var list struct{ Items []summary }
			w.call(http.MethodGet, "/api/v1/people?segment=buyers&limit=200", nil, &list)
			if len(list.Items) == 0 {
				t.Error("nobody is in the segment")
			}
			w.stop()
		})
	}
}
