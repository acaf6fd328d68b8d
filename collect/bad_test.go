package collect

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestBadEvents puts each bad event between two good ones: they are kept, the field is named, and the dead letter holds
// the event.
func TestBadEvents(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200)
	for name, c := range map[string]struct{ event, field, says string }{
		"not JSON":                {`{"type":"track","event":"A","userId":"u","properties":{"a":NaN}}`, "batch[1].properties.a", "not JSON"},
		"no comma":                {`{"type":"track" "event":"A","userId":"u"}`, "batch[1]", "comma"},
		"no quotes":               {`{type:"track","event":"A","userId":"u"}`, "batch[1]", "name of a field"},
		"1e400":                   {`{"type":"track","event":"A","userId":"u","properties":{"items":[{"price":1},{"price":1e400}]}}`, "batch[1].properties.items[1].price", "out of range"},
		"a number of 400 digits":  {`{"type":"track","event":"A","userId":"u","properties":{"n":` + strings.Repeat("9", 400) + `}}`, "batch[1].properties.n", "out of range"},
		"Infinity":                {`{"type":"track","event":"A","userId":"u","properties":{"a":-Infinity}}`, "batch[1].properties.a", "not JSON"},
		"a leading zero":          {`{"type":"track","event":"A","userId":"u","properties":{"a":01}}`, "batch[1].properties.a", "comma"},
		"userId a number":         {`{"type":"track","event":"A","userId":42}`, "batch[1].userId", "want a string, got a number"},
		"userId an object":        {`{"type":"track","event":"A","userId":{"$ne":null}}`, "batch[1].userId", "want a string, got an object"},
		"properties a string":     {`{"type":"track","event":"A","userId":"u","properties":"x"}`, "batch[1].properties", "want an object, got a string"},
		"traits an array":         {`{"type":"identify","userId":"u","traits":[]}`, "batch[1].traits", "want an object, got an array"},
		"context true":            {`{"type":"track","event":"A","userId":"u","context":true}`, "batch[1].context", "want an object"},
		"timestamp a number":      {`{"type":"track","event":"A","userId":"u","timestamp":1772100002}`, "batch[1].timestamp", "want a string"},
		"timestamp no date":       {`{"type":"track","event":"A","userId":"u","timestamp":"2026-02-30T00:00:00Z"}`, "batch[1].timestamp", "ISO 8601"},
		"an event that is a word": {`"track"`, "batch[1]", "want an event"},
		"null":                    {`null`, "batch[1]", "want an event"},
		"no type":                 {`{"event":"A","userId":"u"}`, "batch[1].type", "is missing"},
		"unknown type":            {`{"type":"erase","userId":"u"}`, "batch[1].type", `got "erase"`},
		"type a number":           {`{"type":1,"userId":"u"}`, "batch[1].type", "want a string"},
		"no name":                 {`{"type":"track","userId":"u"}`, "batch[1].event", "is missing"},
		"nobody":                  {`{"type":"track","event":"A"}`, "batch[1].userId", "userId or an anonymousId"},
		"group without group":     {`{"type":"group","userId":"u"}`, "batch[1].groupId", "is missing"},
		"alias without id":        {`{"type":"alias","userId":"u"}`, "batch[1].previousId", "is missing"},
		"invalid UTF-8":           {"{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\xff\"}", "batch[1].userId", "UTF-8"},
		"overlong UTF-8":          {"{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"properties\":{\"a\":\"\xc0\xaf\"}}", "batch[1].properties.a", "UTF-8"},
		"a raw control character": {"{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\x01\"}", "batch[1].userId", "control character"},
		"an escaped one in an id": {`{"type":"track","event":"A","userId":"u\u001b[31m"}`, "batch[1].userId", `control character: "u\x1b[31m"`},
		"DEL in an id":            {"{\"type\":\"track\",\"event\":\"A\",\"anonymousId\":\"u\x7f\"}", "batch[1].anonymousId", "control character"},
		"C1 in a messageId":       {`{"type":"track","event":"A","userId":"u","messageId":"a\u0085b"}`, "batch[1].messageId", "control character"},
		"newline in an e-mail":    {`{"type":"identify","userId":"u","traits":{"email":"a@b.example\nBcc: all"}}`, "batch[1].traits.email", "control character"},
		"a long id":               {`{"type":"track","event":"A","userId":"` + strings.Repeat("x", 600) + `"}`, "batch[1].userId", "600 bytes long, the limit is 256"},
		"a large event":           {`{"type":"track","event":"A","userId":"u","properties":{"a":"` + strings.Repeat("x", 33<<10) + `"}}`, "batch[1]", "the limit of an event is 32768"},
		"too deep":                {`{"type":"track","event":"A","userId":"u","properties":` + deep + `}`, "batch[1].properties", "nested deeper than 60"},
		"too deep, arrays":        {`{"type":"track","event":"A","userId":"u","x":` + strings.Repeat("[", 3000) + strings.Repeat("]", 3000) + `}`, "batch[1].x", "nested deeper"},
		"an unknown escape":       {`{"type":"track","event":"A","userId":"\x41"}`, "batch[1].userId", "escape"},
		"externalIds a word":      {`{"type":"track","event":"A","userId":"u","context":{"externalIds":"x"}}`, "batch[1].context.externalIds", "want an array"},
		"externalIds no type":     {`{"type":"track","event":"A","userId":"u","context":{"externalIds":[{"id":"1"}]}}`, "batch[1].context.externalIds[0].type", "want the name"},
		"direction":               {`{"type":"track","event":"A","userId":"u","context":{"heed":{"direction":"sideways"}}}`, "batch[1].context.heed.direction", "inbound or outbound"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			good := `{"type":"track","event":"A","userId":"u"}`
			w := d.send(t, "web", "/v1/batch", `{"batch":[`+good+`,`+c.event+` , `+good+`]}`)
			var res struct {
				Accepted, Rejected int
				Errors             []Refusal
			}
			if err := json.Unmarshal(w.Body.Bytes(), &res); err != nil || w.Code != 200 || res.Accepted != 2 || len(d.events) != 2 || len(res.Errors) != 1 {
				t.Fatalf("status %d, %d stored: %s (%v)", w.Code, len(d.events), w.Body, err)
			}
			e := res.Errors[0]
			if !strings.HasPrefix(e.Field, c.field) || !strings.Contains(e.Message, c.says) || e.Index != 1 {
				t.Errorf("got %+v, want %s: ...%s...", e, c.field, c.says)
			}
			if len(d.letters) != 1 || d.letters[0].Source != "website" || d.letters[0].Stage != "collect" || !strings.HasPrefix(d.letters[0].Reason, c.field) {
				t.Fatalf("letters %+v", d.letters)
			}
			if !json.Valid([]byte(d.letters[0].Event)) {
				t.Errorf("the dead letter is no JSON: %s", d.letters[0].Event)
			}
			// The same event alone is a 400 that names the same field without the batch.
			if strings.HasPrefix(c.event, "{") && !strings.HasPrefix(c.field, "batch[1].type") {
				w = d.send(t, "web", "/v1/batch", `{"batch":[`+c.event+`]}`)
				if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "batch[0]") {
					t.Errorf("alone: %d %s", w.Code, w.Body)
				}
			}
		})
	}
}

// TestInjectionIsJustText: nothing here runs SQL or templates, so it must arrive as it was sent.
func TestInjectionIsJustText(t *testing.T) {
	d := newDoor(t)
	traits := `{"name":"'; DROP TABLE person;--","city":"{{ 7 | times: 7 }}","x":"<script>alert(1)</script>","y":"${jndi:ldap://x}"}`
	e := d.one(t, "web", "/v1/identify", `{"userId":"' OR 1=1 --","traits":`+traits+`}`)
	if e.UserID != "' OR 1=1 --" || string(e.Properties) != traits {
		t.Errorf("got %q %s", e.UserID, e.Properties)
	}
}

// TestWhatStopsDatabases: \u0000 and half surrogates are JSON, but PostgreSQL and DuckDB refuse them.
func TestWhatStopsDatabases(t *testing.T) {
	d := newDoor(t)
	e := d.one(t, "web", "/v1/track", `{"event":"A","userId":"u","properties":{"a":"x\u0000y","b":"\ud83d\ude00","c":"\ud83dx","d":"\ude00","e":"\ud83d\u0041","f":"\\u0000"}}`)
	if want := `{"a":"x\ufffdy","b":"\ud83d\ude00","c":"\ufffdx","d":"\ufffd","e":"\ufffd\u0041","f":"\\u0000"}`; string(e.Properties) != want {
		t.Errorf("got %s\nwant %s", e.Properties, want)
	}
}

func TestBrokenBodies(t *testing.T) {
	d := newDoor(t)
	good := `{"type":"track","event":"A","userId":"u"}`
	for name, c := range map[string]struct {
		body    string
		code    int
		kept    int
		letters int
		says    string
	}{
		"empty":                  {``, 400, 0, 1, "want a JSON object"},
		"a word":                 {`hello`, 400, 0, 1, "want a JSON object"},
		"only a brace":           {`{`, 400, 0, 1, "ends too early"},
		"no batch":               {`{}`, 400, 0, 1, "batch: is missing"},
		"an event alone":         {good, 400, 0, 1, "batch: is missing"},
		"an empty batch":         {`{"batch":[]}`, 200, 0, 0, "success"},
		"batch of another type":  {`{"sentAt":"x","batch":{"a":1}}`, 400, 0, 1, `"batch: want an array of events`},
		"cut off in an event":    {`{"batch":[` + good + `,` + good + `,{"type":"tr`, 200, 2, 1, "batch[2].type"},
		"cut off after an event": {`{"batch":[` + good + `,` + good, 200, 2, 1, "ends too early"},
		"rubbish at the end":     {`{"batch":[` + good + `]} x`, 200, 1, 1, "something after its end"},
		"an open quote":          {`{"batch":[` + good + `,{"type":"track,"event":"A","userId":"u"},` + good + `]}`, 200, 2, 1, "batch[1]"},
		"two in a row":           {`{"batch":[` + good + `,{"a":NaN},{"a":NaN},` + good + `]}`, 200, 2, 2, "batch[2].a"},
		"all bad but balanced":   {`{"batch":[{"a":NaN},{"a":tru}]}`, 400, 0, 2, "batch[1].a"},
		"an open brace":          {`{"batch":[` + good + `,{"type":"track","event":"A","properties":{"a":1,"userId":"u"},` + good + `]}`, 200, 1, 1, "batch[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			d.events, d.letters = nil, nil
			w := d.send(t, "web", "/v1/batch", c.body)
			if w.Code != c.code || len(d.events) != c.kept || len(d.letters) != c.letters || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("status %d, %d kept, %d letters: %s", w.Code, len(d.events), len(d.letters), w.Body)
			}
		})
	}
	for _, body := range []string{``, `[]`, `"x"`, `{"event":"A"`, `{"event":"A","userId":"u"}{}`, "\xff\xfe"} {
		d.events = nil
		if w := d.send(t, "web", "/v1/track", body); w.Code != 400 || len(d.events) != 0 {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	}
	d.letters = nil
	if w := d.send(t, "web", "/v1/track", `[`+good+`]`); !strings.Contains(w.Body.String(), `"detail":"want a JSON object`) || len(d.letters) != 1 {
		t.Errorf("an array for one event: %d letters, %s", len(d.letters), w.Body)
	}
}

func TestLimits(t *testing.T) {
	d := newDoor(t)
	event := `{"type":"track","event":"A","userId":"u"}`
	batch := func(n int) string {
		return `{"batch":[` + strings.TrimSuffix(strings.Repeat(event+",", n), ",") + `]}`
	}
	if w := d.send(t, "web", "/v1/batch", batch(MaxBatchEvents)); w.Code != 200 || len(d.events) != MaxBatchEvents {
		t.Errorf("at the limit: %d, %d events", w.Code, len(d.events))
	}
	d.events = nil
	if w := d.send(t, "web", "/v1/batch", batch(MaxBatchEvents+1)); w.Code != 413 || len(d.events) != 0 || len(d.letters) != 1 || !strings.Contains(w.Body.String(), "2501 events; the limit is 2500") {
		t.Errorf("past it: %d, %d letters, %s", w.Code, len(d.letters), w.Body)
	}
	big := `{"batch":[{"type":"track","event":"A","userId":"u","x":"` + strings.Repeat("x", 10<<20) + `"}]}`
	for name, change := range map[string]func(*http.Request){
		"10 MB":          func(*http.Request) {},
		"10 MB, chunked": func(r *http.Request) { r.ContentLength = -1 },
		"10 MB, gzip":    gzipped(t, big),
	} {
		d.letters = nil
		w := d.send(t, "web", "/v1/batch", big, change)
		if w.Code != 413 || !strings.Contains(w.Body.String(), "500 KB") || len(d.letters) != 1 || len(d.letters[0].Event) > 3*maxRaw {
			t.Errorf("%s: %d %s, %d letters", name, w.Code, w.Body, len(d.letters))
		}
	}
	d.letters = nil
	if w := d.send(t, "", "/v1/batch", big); w.Code != 413 || len(d.letters) != 0 {
		t.Errorf("without a key: %d, %d letters", w.Code, len(d.letters))
	}
	spread := `{"context":{"x":"` + strings.Repeat("x", 30<<10) + `"},"batch":[` + strings.TrimSuffix(strings.Repeat(event+",", 2000), ",") + `]}`
	if w := d.send(t, "web", "/v1/batch", spread); w.Code != 413 || !strings.Contains(w.Body.String(), "context") {
		t.Errorf("a large context for many events: %d %s", w.Code, w.Body)
	}
}

// TestZipBomb sends a gigabyte of zeros, and a gzip of a gzip; neither may cost more than the limit.
func TestZipBomb(t *testing.T) {
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	zeros := bytes.Repeat([]byte{' '}, 1<<20)
	for range 200 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	d := newDoor(t)
	q := takeRequest()
	w := d.send(t, "web", "/v1/batch", "", func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(bomb.Bytes())), int64(bomb.Len())
		r.Header.Set("Content-Encoding", "gzip")
	})
	if w.Code != 413 {
		t.Errorf("status %d", w.Code)
	}
	if cap(q.body) > 4*MaxBatchBytes {
		t.Errorf("a buffer of %d bytes is left", cap(q.body))
	}
	for name, body := range map[string]string{"not gzip": "hello", "cut": bomb.String()[:1000]} {
		w := d.send(t, "web", "/v1/batch", body, func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") })
		if w.Code != 400 && w.Code != 413 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := d.send(t, "web", "/v1/batch", "x", func(r *http.Request) { r.Header.Set("Content-Encoding", "br") }); w.Code != 415 {
		t.Errorf("br: %d", w.Code)
	}
	if w := d.send(t, "web", "/v1/batch", "", gzipped(t, `{"batch":[{"type":"track","event":"A","userId":"u"}]}`)); w.Code != 200 || len(d.events) != 1 {
		t.Errorf("an honest gzip: %d", w.Code)
	}
}

// TestBadEventsDoNotMix sends good and bad batches of different sizes through the pooled memory and checks that nothing
// of one shows up in another.
func TestBadEventsDoNotMix(t *testing.T) {
	d := newDoor(t)
	want := 0
	for i := range 300 {
		var b strings.Builder
		b.WriteString(`{"batch":[`)
		for j := range i%17 + 1 {
			if j > 0 {
				b.WriteByte(',')
			}
			if (i+j)%5 == 0 {
				fmt.Fprintf(&b, `{"type":"track","event":"E%d","userId":%d}`, i, j)
				continue
			}
			fmt.Fprintf(&b, `{"type":"track","event":"E%d","userId":"u%d-%d","properties":{"i":%d}}`, i, i, j, i)
			want++
		}
		b.WriteString(`]}`)
		d.send(t, "web", "/v1/batch", b.String())
	}
	if len(d.events) != want {
		t.Fatalf("%d events, want %d", len(d.events), want)
	}
	ids := map[string]bool{}
	for _, e := range d.events {
		if !strings.HasPrefix(e.UserID, "u"+e.Name[1:]+"-") || string(e.Properties) != `{"i":`+e.Name[1:]+`}` || ids[e.MessageID] {
			t.Fatalf("mixed up: %+v", e)
		}
		ids[e.MessageID] = true
	}
}
