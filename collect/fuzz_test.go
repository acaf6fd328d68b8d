package collect

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzScanner holds the scanner to the standard library: what we take is valid JSON, and what is valid JSON we take
// unless one of our own limits says no.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`{}`, `[1,2.5e-3,"a\u00e9\ud83d\ude00",null,true,false,{"a":[{}]}]`, `"\u0000"`, `1e400`, `-0`, `01`, "\"\x7f\xc3\xa9\"", `{"a":1,}`, `[`, `"`, `nul`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s := scanner{b: append(append([]byte(nil), in...), make([]byte, pad)...)}
		i := space(s.b, 0)
		end := s.value(i, 0)
		if end >= 0 {
			if end > len(in) {
				t.Fatalf("read %d of %d bytes", end, len(in))
			}
			if end = space(s.b, end); end < len(in) {
				return // the caller's to refuse
			}
			got := s.b[:len(in)]
			if !json.Valid(got) || !utf8.Valid(got) {
				t.Fatalf("took %q", in)
			}
			return
		}
		if s.err.text == "" || s.err.at < 0 || s.err.at > len(s.b) {
			t.Fatalf("fault %+v", s.err)
		}
		pathAt(s.b, i, s.err.at)
		ours := strings.Contains(s.err.text, "deeper") || strings.Contains(s.err.text, "range") || strings.Contains(s.err.text, "too long") || strings.Contains(s.err.text, "UTF-8")
		if json.Valid(in) && !ours {
			t.Fatalf("refused %q: %+v", in, s.err)
		}
	})
}

// FuzzRequest sends any body to every kind of endpoint. What is stored must be events as we promise them, what is
// refused must be findable, and the answer must be one that we document.
func FuzzRequest(f *testing.F) {
	f.Add(string(load(3)), 0)
	f.Add(`{"batch":[{"type":"track","event":"A","userId":"u","context":{"traits":{"email":"a@b.c"},"externalIds":[{"id":"1","type":"x"}],"heed":{"direction":"inbound"}}}],"context":{"ip":"1","device":{"id":"d"}},"sentAt":"2026-02-26T09:59:00Z"}`, 0)
	f.Add(`{"batch":[{"a":NaN},{"type":"page","anonymousId":"u"},{"type":"track","userId":"x,"event":"A"},{"type":"page","anonymousId":"u"}]}`, 0)
	f.Add(`{"type":"track","event":"A","userId":"u","timestamp":"2026-02-26T09:59:00.123Z"}`, 1)
	f.Add(`{"groupId":"g","userId":"u","traits":{"a":1e5}}`, 2)
	f.Fuzz(func(t *testing.T, body string, kind int) {
		d := newDoor(t)
		path := [...]string{"/v1/batch", "/v1/track", "/v1/group", "/v1/identify"}[uint(kind)%4]
		w := d.send(t, "till", path, body)
		switch w.Code {
		case 200, 400, 413:
		default:
			t.Fatalf("status %d", w.Code)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("answer %s", w.Body)
		}
		if w.Code != 200 && (len(d.events) > 0 || len(d.letters) == 0) {
			t.Fatalf("status %d, %d events, %d letters", w.Code, len(d.events), len(d.letters))
		}
		for _, e := range d.events {
			if e.MessageID == "" || e.Timestamp > now || e.Timestamp < earliest || e.Source != "shop" || e.Direction == "" {
				t.Fatalf("event %+v", e)
			}
			for _, s := range []string{e.UserID, e.AnonymousID, e.GroupID, e.PreviousID, e.MessageID, e.Name, e.Touchpoint} {
				if !utf8.ValidString(s) || hasControl(s, escaped) {
					t.Fatalf("text %q", s)
				}
			}
			for _, raw := range []string{string(e.Properties), string(e.Context)} {
				if raw != "" && (!json.Valid([]byte(raw)) || raw[0] != '{') {
					t.Fatalf("JSON %s", raw)
				}
			}
		}
		for _, l := range d.letters {
			if l.Reason == "" || l.Event != "" && !json.Valid([]byte(l.Event)) {
				t.Fatalf("letter %+v", l)
			}
		}
	})
}
