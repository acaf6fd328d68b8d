package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

const people = `
kind: import
name: people
source: crm
type: identify
zone: Europe/Lisbon
without_person: reject
timestamp: {column: since, layout: "DD/MM/YYYY HH:mm"}
ids: {user_id: id, email: mail, phone: tel, loyalty_card: {column: card, type: integer}}
properties:
  first_name: first
  age: {column: age, type: integer}
  vip: {column: vip, type: boolean}
  balance: {column: balance, type: number, round: 2}
  plan: {column: plan, default: free}
  born: {column: born, type: time, layout: YYYY-MM-DD}
  origin: {constant: crm}
  score: {constant: 7}
`

func read(t testing.TB, path string) [][]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(b))
	out, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPeopleAndWhatIsWrongWithThem(t *testing.T) {
	file := write(t, "people.csv", "\ufeff\"id\",mail,tel,card,since,first,age,vip,balance,plan,born\r\n"+
		"u1, Ana@Lumen.Example ,+351 912 345 678,77.0,29/03/2026 00:30,\"Inês \"\"Né\"\"\",41,yes,10.456,plus,1985-02-03\r\n"+
		"\r\n"+
		"u2,,,,25/12/2025 12:00,,,,,,\n"+
		"u3,,,,12-25-2025,,,,,,\n"+
		"u4,,,,25/12/2025 12:00,,forty,,,,\n"+
		",,,,25/12/2025 12:00,Nobody,,,,,\n"+
		"u5,,,,25/12/2025 12:00,,,maybe,,,\n"+
		"u6,,,,25/12/2025 12:00,,,,NaN,,\n"+
		"u7,,,,25/12/2025 12:00,,,,1e400,,\n"+
		"u8,,,,25/12/2125 12:00,,,,,,\n"+
		"u\x019,,,,25/12/2025 12:00,,,,,,\n"+
		"u10,,,,25/12/2025 12:00,\xff\xfe,,,,,\n"+
		"u11,,\n"+
		"u12,,,,,,,,,,\n"+
		"u13,,,,25/12/2025 12:00,'; DROP TABLE person; {{ 7|times:7 }},1.5,,,,\n"+
		"u14,,,,25/12/2025 12:00,last,,,,,")
	mem := newMemory()
	// Clock: 2026-02-26, so that 2026-03-29 would be in the future.
	im := mem.importer(3)
	im.Clock = fixed(heed.At(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)))
	res, err := im.Run(context.Background(), mapping(t, people), file, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(mem.events) != 3 || res.Accepted != 3 || res.Rejected != 12 || res.Lines != 17 {
		t.Fatalf("%d events, %+v", len(mem.events), res)
	}
	want := heed.Event{
		Type: heed.Identify, Source: "crm", Direction: heed.Inbound, UserID: "u1", MessageID: mem.events[0].MessageID,
		Timestamp: heed.At(time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)), ReceivedAt: im.Clock.Now(),
		IDs:        []heed.Identifier{{Namespace: "email", Value: "ana@lumen.example"}, {Namespace: "loyalty_card", Value: "77"}, {Namespace: "phone", Value: "+351 912 345 678"}},
		Properties: heed.RawJSON(`{"age":41,"balance":10.46,"born":"1985-02-03T00:00:00Z","first_name":"Inês \"Né\"","origin":"crm","plan":"plus","score":7,"vip":true,"email":"ana@lumen.example","phone":"+351 912 345 678"}`),
	}
	if !reflect.DeepEqual(mem.events[0], want) {
		t.Errorf("got  %+v\nwant %+v", mem.events[0], want)
	}
	if got := string(mem.events[1].Properties); got != `{"origin":"crm","plan":"free","score":7}` {
		t.Errorf("got %s", got)
	}
	got := read(t, res.Rejects)
	for i, want := range []struct{ line, reason, raw string }{
		{"line", "reason", "raw"},
		{"5", `timestamp: want a date of the form 02/01/2006 15:04, got "12-25-2025"`, "u3,"},
		{"6", `properties.age: want a number, got "forty"`, "u4,"},
		{"7", "ids: nobody is named", ",,,,"},
		{"8", `properties.vip: want true or false, got "maybe"`, "u5,"},
		{"9", `properties.balance: want a number, got "NaN"`, "u6,"},
		{"10", `properties.balance: want a number, got "1e400"`, "u7,"},
		{"11", "is not between 1900 and tomorrow", "u8,"},
		{"12", `ids.user_id: has a control character: "u\x019"`, "u\x019"},
		{"13", "not valid UTF-8: say encoding", "u10"},
		{"14", "the line has 3 fields, the header has 11", "u11,,"},
		{"15", "timestamp: is empty", "u12"},
		{"16", "properties.age: want a whole number, got 1.5", "u13"},
	} {
		if got[i][0] != want.line || !strings.Contains(got[i][1], want.reason) || !strings.HasPrefix(got[i][2], want.raw) {
			t.Errorf("got %q, want %q", got[i], want)
		}
	}
}

type fixed heed.Time

func (f fixed) Now() heed.Time { return heed.Time(f) }

// TestBrokenQuoteCostsItsOwnLine puts broken quotes on lines of a file of 400,000, with honest multi-line fields
// around them.
func TestBrokenQuoteCostsItsOwnLine(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,text,n\n")
	broken := map[int]string{
		300_000: `u300000,"White hanging heart,7`,
		300_001: `u300001,"Box" of 6,7`,
		300_500: `u300500,text,"7`,
		399_999: `u399999,"at the very end,7`,
	}
	lines, events := 1, 0
	for line := 2; line <= 400_000; {
		switch s, is := broken[line]; {
		case is:
			b.WriteString(s + "\n")
			line++
		case line%1000 == 0 || line == 300_498:
			fmt.Fprintf(&b, "u%d,\"two\nlines, and a \"\"quote\"\"\",7\n", line)
			line, events = line+2, events+1
		default:
			fmt.Fprintf(&b, "u%d,6\" pipe \"x\",7\n", line)
			line, events = line+1, events+1
		}
		lines = line - 1
	}
	file := write(t, "broken.csv", b.String())
	m := mapping(t, "kind: import\nname: q\nsource: s\nevent: A\nids: {user_id: id}\nproperties: {text: text, n: {column: n, type: integer}}\n")
	mem := newMemory()
	res, err := mem.importer(0).Run(context.Background(), m, file, "")
	if err != nil {
		t.Fatal(err)
	}
	if int(res.Accepted) != events || len(mem.events) != events || int(res.Rejected) != len(broken) || int(res.Lines) != lines {
		t.Fatalf("%+v, want %d events of %d lines", res, events, lines)
	}
	for _, got := range read(t, res.Rejects)[1:] {
		line := 0
		if _, err := fmt.Sscan(got[0], &line); err != nil || broken[line] != got[2] || !strings.Contains(got[1], "quote") {
			t.Errorf("rejected %q", got)
		}
	}
	for i := range mem.events {
		switch p := string(mem.events[i].Properties); p {
		case `{"n":7,"text":"6\" pipe \"x\""}`, `{"n":7,"text":"two\nlines, and a \"quote\""}`:
		default:
			t.Fatalf("%s: %s", mem.events[i].UserID, p)
		}
	}
}

func TestResumeAfterEveryFailure(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,n\n")
	for i := range 1000 {
		if i%100 == 50 {
			fmt.Fprintf(&b, "u%d,x\n", i)
		} else {
			fmt.Fprintf(&b, "u%d,%d\n", i, i)
		}
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(b.String())); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := write(t, "n.csv.gz", z.String())
	m := mapping(t, "kind: import\nname: n\nsource: s\nevent: A\nids: {user_id: id}\nproperties: {n: {column: n, type: number}}\n")

	testx.Each(t, []string{Queries}, func(t *testing.T, d db.DB) {
		mem := newMemory()
		runs, writes := 0, 0
		mem.fail = func(int) error {
			if writes++; writes%4 == 0 { // every fourth write fails, after three that did not
				return errDown
			}
			return nil
		}
		rejects := filepath.Join(t.TempDir(), "r.csv")
		im := mem.importer(30)
		im.Jobs = Store{d}
		last := int64(-1)
		im.Progress = func(p Progress) {
			if p.Lines < last || p.Bytes > p.Size {
				t.Errorf("progress went from %d to %+v", last, p)
			}
			last = p.Lines
		}
		for {
			runs++
			res, err := im.Run(context.Background(), m, file, rejects)
			if err == nil {
				if res.Accepted != 990 || res.Rejected != 10 || res.Lines != 1001 || res.Already {
					t.Errorf("%+v", res)
				}
				break
			}
			if !errors.Is(err, errDown) || !strings.Contains(err.Error(), "run the import again") {
				t.Fatal(err)
			}
		}
		ids := map[string]bool{}
		for i := range mem.events {
			ids[mem.events[i].MessageID] = true
		}
		if len(mem.events) != 990 || len(ids) != 990 || runs < 3 {
			t.Errorf("%d events, %d ids, %d runs", len(mem.events), len(ids), runs)
		}
		if got := read(t, rejects); len(got) != 11 || got[1][0] != "52" || got[10][0] != "952" {
			t.Errorf("rejects %q", got)
		}
		res, err := im.Run(context.Background(), m, file, rejects)
		if err != nil || !res.Already || res.Accepted != 990 || len(mem.events) != 990 {
			t.Errorf("the run after the last: %+v %v", res, err)
		}
		jobs, err := Store{d}.List(context.Background(), 10)
		if err != nil || len(jobs) != 1 || jobs[0].File != "n.csv.gz" || jobs[0].Done == 0 {
			t.Errorf("jobs %+v %v", jobs, err)
		}

		// The same lines, not compressed, are the same file.
		if res, err = im.Run(context.Background(), m, write(t, "n.csv", b.String()), rejects); err != nil || !res.Already {
			t.Errorf("the file without gzip: %+v %v", res, err)
		}

		// A job store that was lost: the same ids come again, for the stream to drop.
		other := newMemory()
		if _, err := other.importer(7).Run(context.Background(), m, file, filepath.Join(t.TempDir(), "r.csv")); err != nil {
			t.Fatal(err)
		}
		for i := range other.events {
			if !ids[other.events[i].MessageID] {
				t.Fatalf("another id for %+v", other.events[i])
			}
		}
	})
}

func TestNDJSON(t *testing.T) {
	file := write(t, "calls.ndjson", `{"call":{"at":1772000000,"from":"+351912345678"},"agent":"Rui","minutes":3.5,"tags":["late",{"a":"\u0000\ud83d"}],"ok":true}
{"call":{"at":1772000060,"from":"+351912345678"},"minutes":0,"note":"x\u0000y"}
{"call":{"at":1772000120},"minutes":1e400}
{"call":
[1]

{"call":{"at":1772000180,"from":"+351912345679"},"minutes":12}`)
	m := mapping(t, `
kind: import
name: calls
source: call_centre
channel: phone
department: service
timestamp: {column: call.at, layout: unix}
ids: {phone: call.from}
properties: {agent: agent, minutes: minutes, tags: tags, ok: ok, note: note}
rows:
  - {when: minutes == 0, event: Call Missed}
  - {when: minutes > 10, skip: true}
  - {event: {value: '"Call with " + (agent ?? "nobody")'}}
`)
	mem := newMemory()
	res, err := mem.importer(0).Run(context.Background(), m, file, "")
	if err != nil {
		t.Fatal(err)
	}
	if res.Accepted != 2 || res.Rejected != 3 || res.Skipped != 1 {
		t.Fatalf("%+v", res)
	}
	if e := mem.events[0]; e.Name != "Call with Rui" || string(e.Properties) != `{"agent":"Rui","minutes":3.5,"ok":true,"tags":["late",{"a":"\ufffd\ufffd"}]}` ||
		e.Timestamp != 1772000000000000 || e.IDs[0].Value != "+351912345678" || e.Channel != "phone" {
		t.Errorf("%+v %s", e, e.Properties)
	}
	if e := mem.events[1]; e.Name != "Call Missed" || string(e.Properties) != `{"minutes":0,"note":"x�y"}` {
		t.Errorf("%+v %s", e, e.Properties)
	}
	got := read(t, res.Rejects)
	for i, want := range []string{"minutes: has a number that is out of range", "ends too early", "want a JSON object"} {
		if !strings.Contains(got[i+1][1], want) {
			t.Errorf("got %q, want %s", got[i+1], want)
		}
	}
}

func TestEncodingsAndDelimiters(t *testing.T) {
	m := "kind: import\nname: e\nsource: s\nevent: A\ndelimiter: \";\"\nids: {user_id: id}\nproperties: {n: name}\n"
	mem := newMemory()
	if _, err := mem.importer(0).Run(context.Background(), mapping(t, m+"encoding: windows-1252\n"), write(t, "e.csv", "id;name\nu;In\xeas \x80\n"), ""); err != nil {
		t.Fatal(err)
	}
	if got := string(mem.events[0].Properties); got != `{"n":"Inês €"}` {
		t.Errorf("got %s", got)
	}
	mem = newMemory()
	if _, err := mem.importer(0).Run(context.Background(), mapping(t, m+"header: [id, name]\nformat: csv\n"), write(t, "data", "u;x\n"), ""); err != nil || len(mem.events) != 1 {
		t.Errorf("without a header: %v, %d events", err, len(mem.events))
	}
	for text, want := range map[string]string{"": "the file is empty", "id;id\n": "no name of its own", "id;\n": "no name of its own", "id;\xff\n": "UTF-8", "id;other\n": `properties.n: the file has no column "name"; it has id, other`} {
		_, err := newMemory().importer(0).Run(context.Background(), mapping(t, m), write(t, "e.csv", text), "")
		if err == nil || !strings.Contains(err.Error(), want) || heed.CodeOf(err) != heed.Invalid {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := newMemory().importer(0).Run(context.Background(), mapping(t, m), write(t, "e.csv.gz", "\x1f\x8bxxxxxxxxxxxxxx"), ""); err == nil {
		t.Error("a broken gzip was taken")
	}
	long := "id;name\nu1;" + strings.Repeat("x", 2<<20) + "\nu2;y\n"
	mem = newMemory()
	res, err := mem.importer(0).Run(context.Background(), mapping(t, m), write(t, "e.csv", long), "")
	if err != nil || len(mem.events) != 1 || mem.events[0].UserID != "u2" || res.Rejected != 1 {
		t.Errorf("a long line: %v %+v", err, res)
	}
}
