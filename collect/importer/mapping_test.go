package importer

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestMappingErrorsNameFieldAndLine(t *testing.T) {
	head := "kind: import\nname: m\nsource: s\n" // lines 1 to 3
	for name, c := range map[string]struct{ text, want string }{
		"unknown field":        {head + "event: A\ncolour: red\n", "m.yaml:5:9: import m: colour: there is no such field"},
		"unknown in a row":     {head + "rows:\n  - event: A\n    evnt: B\n", "rows[0].evnt: there is no such field"},
		"no source":            {"kind: import\nname: m\nevent: A\n", "source: is missing"},
		"no event":             {head, "event: is missing"},
		"another kind":         {"kind: segment\nname: m\n", "kind: import"},
		"two documents":        {head + "event: A\n---\n" + head, "want one document"},
		"type":                 {head + "event: A\ntype: purchase\n", "m.yaml:5:7: import m: type: want track"},
		"zone":                 {head + "event: A\nzone: Mars/Base\n", `m.yaml:5:7: import m: zone: there is no time zone "Mars/Base"`},
		"wrong type":           {head + "event: A\ncolumns: 7\n", "m.yaml:5:10: import m: columns: want an object, got number"},
		"expression":           {head + "rows:\n  - when: Quantity >\n    event: A\n", "m.yaml:5:11: import m: rows[0].when: unexpected token EOF"},
		"two sources":          {head + "event: A\nproperties:\n  a: {column: x, value: y}\n", "m.yaml:6:7: import m: properties.a: want exactly one of"},
		"property type":        {head + "event: A\nproperties:\n  a: {column: x, type: money}\n", `properties.a.type: want text, number, integer, boolean or time, got "money"`},
		"round":                {head + "event: A\nproperties:\n  a: {column: x, round: 99}\n", "properties.a.round: want 0 to 12"},
		"namespace":            {head + "event: A\nids: {User ID: x}\n", "ids.User ID: is no name"},
		"a person's own id":    {head + "event: A\nids: {person_id: x}\n", "ids.person_id: is no name"},
		"direction":            {head + "event: A\ndirection: up\n", "direction: want inbound or outbound"},
		"without_person":       {head + "event: A\nwithout_person: drop\n", "without_person: want keep or reject"},
		"when at the top":      {head + "event: A\nwhen: x > 1\n", "when: belongs into rows"},
		"identify without ids": {head + "type: identify\n", "ids: is missing"},
		"no YAML":              {"kind: [", "m.yaml"},
		"anchors":              {head + "event: &a A\nchannel: *a\n", "anchors"},
		"not UTF-8":            {head + "event: \xff\n", "UTF-8"},
		"name":                 {"kind: import\nname: ../m\nsource: s\nevent: A\n", "name: "},
	} {
		_, err := ParseMapping("m.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, c.want)
		}
	}
	// All that is wrong is reported at once.
	_, err := ParseMapping("m.yaml", []byte("kind: import\nname: m\nzone: X\ndirection: up\n"))
	if n := strings.Count(err.Error(), "\n") + 1; n != 4 {
		t.Errorf("%d problems: %v", n, err)
	}
}

func TestExpressionsAreCheckedAgainstTheFile(t *testing.T) {
	m := mapping(t, "kind: import\nname: m\nsource: s\ncolumns: {n: number}\nrows:\n  - when: n > 1 and city == \"Porto\"\n    event: A\n    properties: {a: {value: 'n * 2 + total'}}\n")
	_, err := newMemory().importer(0).Run(context.Background(), m, write(t, "m.csv", "n,city\n1,x\n"), "")
	if err == nil || !strings.Contains(err.Error(), `mapping.yaml:8:22: import m: rows[0].properties.a: the file has no column "total"; it has n, city`) {
		t.Errorf("got %v", err)
	}
	m = mapping(t, "kind: import\nname: m\nsource: s\nevent: {value: string(now())}\n") // the same line must always give the same event
	if _, err = newMemory().importer(0).Run(context.Background(), m, write(t, "m.csv", "n\n1\n"), ""); err == nil || !strings.Contains(err.Error(), "unknown name now") {
		t.Errorf("got %v", err)
	}
	m = mapping(t, "kind: import\nname: m\nsource: s\nrows:\n  - when: n > 1\n    event: A\n")
	_, err = newMemory().importer(0).Run(context.Background(), m, write(t, "m.csv", "n\n1\n"), "")
	if err == nil || !strings.Contains(err.Error(), "rows[0].when: invalid operation: > (mismatched types string and int)") {
		t.Errorf("got %v", err)
	}
}

// FuzzMapping reads any text as a mapping; what passes must import a file without a panic, whatever becomes of its lines.
func FuzzMapping(f *testing.F) {
	f.Add(people)
	f.Add("kind: import\nname: m\nsource: s\ncolumns: {age: number}\nrows:\n  - {when: 'age > 3 and first startsWith \"x\"', skip: true}\n  - {event: A, properties: {x: {value: 'age * 2', round: 1}}}\n")
	f.Add("kind: import\nname: m\nsource: s\nformat: ndjson\nevent: {column: mail}\n")
	dir := f.TempDir()
	file := filepath.Join(dir, "p.csv")
	writeTo(f, file, "id,mail,tel,card,since,first,age,vip,balance,plan,born\nu1,a@b.c,1,2,25/12/2025 12:00,x,4,y,1,p,2000-01-01\n{\"mail\":\"x\"}\n\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMapping("m.yaml", []byte(text))
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without a word")
			}
			return
		}
		mem := newMemory()
		res, err := mem.importer(0).Run(context.Background(), m, file, filepath.Join(t.TempDir(), "r.csv"))
		if err == nil && int(res.Accepted) != len(mem.events) {
			t.Fatalf("%+v, %d events", res, len(mem.events))
		}
	})
}

// FuzzCSV holds the CSV reader to its promise: every line is read once, whole or refused.
func FuzzCSV(f *testing.F) {
	f.Add("a,b\n\"c\nd\",e\n", byte(','))
	f.Add("a,\"b\nc,d\n\"e\"f,g\n", byte(','))
	f.Fuzz(func(t *testing.T, text string, delimiter byte) {
		if delimiter == '"' || delimiter == '\n' || delimiter == '\r' {
			return
		}
		c := &csvReader{lines: newLines(strings.NewReader(text)), delimiter: delimiter, want: 2}
		taken := 0
		for {
			raw, n, err := c.next()
			if n == 0 {
				break
			}
			if err != nil && n != 1 || err == nil && len(c.fields) != 2 {
				t.Fatalf("%d lines, %d fields: %v", n, len(c.fields), err)
			}
			if got := strings.Count(string(raw), "\n") + 1; got != n {
				t.Fatalf("raw has %d lines of %d", got, n)
			}
			c.lines.take(n)
			taken += n
		}
		want := strings.Count(text, "\n")
		if text != "" && !strings.HasSuffix(text, "\n") {
			want++
		}
		if taken != want {
			t.Fatalf("took %d of %d lines", taken, want)
		}
	})
}
