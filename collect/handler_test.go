package collect

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
)

func TestEveryTypeAndItsShortForm(t *testing.T) {
	d := newDoor(t)
	for _, c := range []struct {
		paths []string
		body  string
		want  heed.Event
	}{
		{[]string{"/v1/track", "/v1/t"}, `{"event":"Order Completed","userId":"u1","properties":{"revenue":12.5}}`,
			heed.Event{Type: heed.Track, UserID: "u1", Name: "Order Completed", Properties: heed.RawJSON(`{"revenue":12.5}`)}},
		{[]string{"/v1/identify", "/v1/i"}, `{"userId":"u1","anonymousId":"a1","traits":{"email":" Ana@Lumen.Example ","phone":"+351 912 345 678","plan":"plus"}}`,
			heed.Event{Type: heed.Identify, UserID: "u1", AnonymousID: "a1",
				IDs:        []heed.Identifier{{Namespace: heed.Email, Value: "ana@lumen.example"}, {Namespace: heed.Phone, Value: "+351 912 345 678"}},
				Properties: heed.RawJSON(`{"email":" Ana@Lumen.Example ","phone":"+351 912 345 678","plan":"plus"}`)}},
		{[]string{"/v1/page", "/v1/p"}, `{"name":"Basket","anonymousId":"a1","properties":{"path":"/basket"}}`,
			heed.Event{Type: heed.Page, AnonymousID: "a1", Name: "Basket", Touchpoint: "Basket", Properties: heed.RawJSON(`{"path":"/basket"}`)}},
		{[]string{"/v1/screen", "/v1/s"}, `{"name":"Home","userId":"u1"}`,
			heed.Event{Type: heed.Screen, UserID: "u1", Name: "Home", Touchpoint: "Home"}},
		{[]string{"/v1/group", "/v1/g"}, `{"userId":"u1","groupId":"g1","traits":{"email":"office@lumen.example"}}`,
			heed.Event{Type: heed.Group, UserID: "u1", GroupID: "g1", Properties: heed.RawJSON(`{"email":"office@lumen.example"}`)}},
		{[]string{"/v1/alias", "/v1/a"}, `{"userId":"u1","previousId":"a1"}`,
			heed.Event{Type: heed.Alias, UserID: "u1", PreviousID: "a1"}},
	} {
		for _, path := range c.paths {
			got := d.one(t, "web", path, c.body)
			want := c.want
			want.Source, want.Public, want.Channel, want.Direction, want.Department = "website", true, "web", heed.Inbound, "marketing"
			want.Timestamp, want.ReceivedAt = now, now
			if len(got.MessageID) != 34 {
				t.Errorf("%s: messageId %q was made up wrongly", path, got.MessageID)
			}
			got.MessageID = ""
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s\n got %+v\nwant %+v", path, got, want)
			}
		}
	}
}

func TestBatch(t *testing.T) {
	d := newDoor(t)
	body := `{"context":{"ip":"203.0.113.7","locale":"pt"},"batch":[
		{"type":"track","event":"A","userId":"u1","messageId":"m1"},
		{"type":"track","event":"B","userId":"u1","messageId":"m2","context":{"locale":"en"}},
		{"type":"page","anonymousId":"a1","messageId":"m3","context":{}}],"sentAt":"2026-02-26T09:59:00Z","integrations":{"All":true}}`
	for _, path := range []string{"/v1/batch", "/v1/b", "/v1/import", "/v1/batch/", "/beacon/v1/batch"} {
		d.events = nil
		if w := d.send(t, "web", path, body); w.Code != 200 || w.Body.String() != `{"success":true}` {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		if len(d.events) != 3 {
			t.Fatalf("%s: %d events", path, len(d.events))
		}
		for i, want := range []string{`{"ip":"203.0.113.7","locale":"pt"}`, `{"locale":"en","ip":"203.0.113.7"}`, `{"ip":"203.0.113.7","locale":"pt"}`} {
			if got := string(d.events[i].Context); got != want {
				t.Errorf("event %d: context %s, want %s", i, got, want)
			}
		}
		if d.events[1].MessageID != "m2" || d.events[1].Name != "B" {
			t.Errorf("event 1: %+v", d.events[1])
		}
	}
	if len(d.letters) != 0 {
		t.Errorf("letters: %+v", d.letters)
	}
}

func TestKeysInEveryPlace(t *testing.T) {
	d := newDoor(t)
	event := `"type":"track","event":"A","userId":"u1"`
	for name, c := range map[string]struct{ key, path, body string }{
		"header":          {"web", "/v1/track", `{` + event + `}`},
		"body":            {"", "/v1/track", `{` + event + `,"writeKey":"web"}`},
		"batch":           {"", "/v1/batch", `{"batch":[{` + event + `}],"writeKey":"web"}`},
		"event of batch":  {"", "/v1/batch", `{"batch":[{` + event + `,"writeKey":"web"}]}`},
		"query":           {"", "/beacon/v1/batch?writeKey=web", `{"batch":[{` + event + `}]}`},
		"header and body": {"web", "/v1/track", `{` + event + `,"writeKey":"nonsense"}`},
	} {
		if e := d.one(t, c.key, c.path, c.body); e.Source != "website" {
			t.Errorf("%s: source %q", name, e.Source)
		}
	}
	d.events = nil
	for name, c := range map[string]struct{ key, body string }{
		"unknown in header": {"nope", `{` + event + `,"writeKey":"web"}`},
		"unknown in body":   {"", `{` + event + `,"writeKey":"nope"}`},
		"none":              {"", `{` + event + `}`},
		"a number":          {"", `{` + event + `,"writeKey":7}`},
	} {
		w := d.send(t, c.key, "/v1/track", c.body)
		if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "write key") || len(d.events)+len(d.letters) != 0 {
			t.Errorf("%s: %d %s, %d events, %d letters", name, w.Code, w.Body, len(d.events), len(d.letters))
		}
	}
}

func TestWhereItHappened(t *testing.T) {
	d := newDoor(t)
	type place struct {
		touchpoint, channel string
		direction           heed.Direction
		department          string
	}
	for name, c := range map[string]struct {
		key, path, body string
		want            place
	}{
		"source's defaults": {"till", "/v1/track", `{"event":"A"}`, place{"Store till", "shop", "inbound", "sales"}},
		"properties of a server key": {"till", "/v1/track", `{"event":"A","properties":{"touchpoint":"Click and collect","channel":"web","direction":"outbound","department":"service"}}`,
			place{"Click and collect", "web", "outbound", "service"}},
		"properties that mean something else": {"till", "/v1/track", `{"event":"A","properties":{"touchpoint":7,"channel":{"a":1},"direction":"north"}}`,
			place{"Store till", "shop", "inbound", "sales"}},
		"properties of a public key": {"web", "/v1/track", `{"event":"A","userId":"u","properties":{"channel":"email","direction":"outbound"}}`,
			place{"", "web", "inbound", "marketing"}},
		"context": {"till", "/v1/track", `{"event":"A","properties":{"touchpoint":"B"},"context":{"heed":{"touchpoint":"Help page","direction":"outbound"}}}`,
			place{"Help page", "shop", "outbound", "sales"}},
		"a browser does not speak for the brand": {"web", "/v1/track", `{"event":"A","userId":"u","context":{"heed":{"touchpoint":"Help page","direction":"outbound"}}}`,
			place{"Help page", "web", "inbound", "marketing"}},
		"page of a source with a touchpoint": {"till", "/v1/page", `{"name":"Home"}`, place{"Store till", "shop", "inbound", "sales"}},
		"control characters":                 {"till", "/v1/track", `{"event":"A","context":{"heed":{"touchpoint":"A\nB"}}}`, place{"A B", "shop", "inbound", "sales"}},
	} {
		e := d.one(t, c.key, c.path, c.body)
		if got := (place{e.Touchpoint, e.Channel, e.Direction, e.Department}); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	d.events = nil
	w := d.send(t, "till", "/v1/batch", `{"context":{"heed":{"touchpoint":"Fair"}},"batch":[{"type":"track","event":"A"},{"type":"track","event":"B","context":{"heed":{"touchpoint":"Booth 2"}}}]}`)
	if w.Code != 200 || d.events[0].Touchpoint != "Fair" || d.events[1].Touchpoint != "Booth 2" {
		t.Errorf("%d %s %+v", w.Code, w.Body, d.events)
	}
}

func TestIdentifiers(t *testing.T) {
	d := newDoor(t)
	e := d.one(t, "till", "/v1/track", `{"event":"A","context":{"device":{"id":"dev-1","name":"x"},"traits":{"email":"A@b.example","phone":491701234567},
		"externalIds":[{"id":"77","type":"loyaltyCard","collection":"users"},{"id":78,"type":"Crm Id"},{"id":"a@b.example","type":"email"}]}}`)
	want := []heed.Identifier{{Namespace: "email", Value: "a@b.example"}, {Namespace: "phone", Value: "491701234567"}, {Namespace: "device", Value: "dev-1"},
		{Namespace: "loyalty_card", Value: "77"}, {Namespace: "crm_id", Value: "78"}}
	if !reflect.DeepEqual(e.IDs, want) {
		t.Errorf("got %v", e.IDs)
	}
	// RudderStack's SDKs put the traits of an identify into the context.
	e = d.one(t, "web", "/v1/identify", `{"userId":"u","context":{"traits":{"email":"a@b.example","city":"Porto"}}}`)
	if string(e.Properties) != `{"email":"a@b.example","city":"Porto"}` || len(e.IDs) != 1 {
		t.Errorf("got %s %v", e.Properties, e.IDs)
	}
}

func TestClockSkew(t *testing.T) {
	d := newDoor(t)
	at := func(s string) heed.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return heed.At(v)
	}
	for name, c := range map[string]struct {
		fields string
		want   heed.Time
	}{
		"nothing said":              {``, now},
		"no sentAt":                 {`,"timestamp":"2026-02-26T09:00:00Z"`, at("2026-02-26T09:00:00Z")},
		"clock an hour ahead":       {`,"timestamp":"2026-02-26T11:00:00.000Z","sentAt":"2026-02-26T11:00:02.000Z"`, at("2026-02-26T10:00:00Z")},
		"clock a year behind":       {`,"originalTimestamp":"2025-02-26T10:00:00+00:00","sentAt":"2025-02-26T10:00:30Z"`, at("2026-02-26T09:59:32Z")},
		"both":                      {`,"timestamp":"2026-02-26T08:00:00Z","originalTimestamp":"2026-02-26T10:00:00Z","sentAt":"2026-02-26T10:00:02Z"`, at("2026-02-26T08:00:00Z")},
		"history, sent today":       {`,"timestamp":"2011-12-09T12:50:00Z","sentAt":"2026-02-26T10:00:02Z"`, at("2011-12-09T12:50:00Z")},
		"a device without a clock":  {`,"timestamp":"1970-01-01T00:00:10Z","sentAt":"1970-01-01T00:00:20Z"`, at("2026-02-26T09:59:52Z")},
		"the far future":            {`,"timestamp":"9999-12-31T23:59:59Z"`, now},
		"the far past":              {`,"timestamp":"1601-01-01T00:00:00Z"`, now},
		"sent before it happened":   {`,"timestamp":"2026-02-26T10:00:00Z","sentAt":"2026-02-26T09:00:00Z"`, now},
		"null":                      {`,"timestamp":null,"sentAt":null`, now},
		"an offset, and a fraction": {`,"timestamp":"2026-02-26T10:30:00.123456789+01:00"`, at("2026-02-26T09:30:00Z") + 123456},
	} {
		if got := d.one(t, "web", "/v1/track", `{"event":"A","userId":"u"`+c.fields+`}`).Timestamp; got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	e := d.one(t, "web", "/v1/batch", `{"sentAt":"2026-02-26T11:00:02Z","batch":[{"type":"track","event":"A","userId":"u","timestamp":"2026-02-26T11:00:00Z"}]}`)
	if e.Timestamp != at("2026-02-26T10:00:00Z") {
		t.Errorf("sentAt of the batch: got %s", e.Timestamp)
	}
}

func TestTransientTroubleIsNeverAnother4xx(t *testing.T) {
	d := newDoor(t)
	body := `{"batch":[{"type":"track","event":"A","userId":"u"}]}`
	for _, c := range []struct {
		err  error
		want int
	}{
		{heed.Errorf(heed.Unavailable, "the stream is down"), 503},
		{errors.New("no space left on device"), 503},
		{heed.Errorf(heed.Invalid, "odd"), 503},
		{heed.Errorf(heed.TooMany, "slow down"), 429},
	} {
		d.fail = c.err
		w := d.send(t, "web", "/v1/batch", body, func(r *http.Request) { r.Header.Set("Origin", "https://lumen.example") })
		after := w.Header().Get("Retry-After")
		if w.Code != c.want || after < "1" || after > "5" || w.Header().Get("Access-Control-Expose-Headers") != "Retry-After" {
			t.Errorf("%v: %d, Retry-After %q, %v", c.err, w.Code, after, w.Header())
		}
		if strings.Contains(w.Body.String(), "no space") {
			t.Errorf("the answer shows the cause: %s", w.Body)
		}
	}
	d.fail = nil
	if w := d.send(t, "web", "/v1/batch", body); w.Code != 200 {
		t.Errorf("after recovery: %d", w.Code)
	}
	full := newDoor(t, func(o *Options) { o.MaxInFlight = 10 })
	if w := full.send(t, "web", "/v1/batch", body); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("too many in flight: %d", w.Code)
	}
	if got := full.Counts().InFlight; got != 0 {
		t.Errorf("in flight %d", got)
	}
}

func TestBrowserRoutes(t *testing.T) {
	d := newDoor(t)
	get := func(method, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		for _, f := range change {
			f(r)
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w
	}
	w := get("OPTIONS", "/v1/t", func(r *http.Request) {
		r.Header.Set("Origin", "https://lumen.example")
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "authorization,content-type,x-new-header")
	})
	if h := w.Header(); w.Code != 204 || h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "x-new-header") ||
		!strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("preflight: %d %v", w.Code, h)
	}
	var s struct {
		Integrations map[string]struct{ APIKey, APIHost, Protocol string }
	}
	w = get("GET", "/v1/projects/web/settings")
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil || s.Integrations["Segment.io"].APIHost != "example.com/v1" || s.Integrations["Segment.io"].Protocol != "http" {
		t.Errorf("settings: %v %s", err, w.Body)
	}
	if w = get("GET", "/v1/projects/nope/settings"); w.Code != 404 {
		t.Errorf("settings of an unknown key: %d", w.Code)
	}
	var c struct {
		Source struct {
			Enabled      bool
			Destinations []any
		}
	}
	w = get("GET", "/sourceConfig/?p=npm&v=3&writeKey=web")
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || !c.Source.Enabled || c.Source.Destinations == nil {
		t.Errorf("sourceConfig: %v %s", err, w.Body)
	}
	if w = get("GET", "/cluster-info"); w.Code != 404 {
		t.Errorf("cluster-info: %d", w.Code)
	}
	if w = get("GET", "/v1/track"); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("GET track: %d", w.Code)
	}
	if w = d.send(t, "web", "/v1/m", `{"series":[]}`); w.Code != 200 || len(d.events) != 0 {
		t.Errorf("m: %d", w.Code)
	}
	w = get("GET", "/pixel/v1/track?writeKey=web&anonymousId=a1&event=Mail+Opened&properties.campaign=spring&context.page.path=%2F")
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/gif" || !strings.HasPrefix(w.Body.String(), "GIF89a") || len(d.events) != 1 ||
		string(d.events[0].Properties) != `{"campaign":"spring"}` || string(d.events[0].Context) != `{"page":{"path":"/"}}` {
		t.Errorf("pixel: %d %v %+v", w.Code, w.Header(), d.events)
	}
	if w = get("GET", "/pixel/v1/page?writeKey=web&anonymousId=a1&name=Home"); w.Code != 200 || d.events[1].Type != heed.Page {
		t.Errorf("pixel page: %d", w.Code)
	}
	if w = get("GET", "/pixel/v1/track?writeKey=nope&anonymousId=a1&event=A"); w.Code != 401 {
		t.Errorf("pixel of an unknown key: %d", w.Code)
	}
}

func TestEventsHandlerAnswersPerEvent(t *testing.T) {
	d := newDoor(t)
	d.before["old"] = true
	h := d.EventsHandler(func(r *http.Request) (Source, error) {
		if r.Header.Get("Authorization") != "Bearer k" {
			return Source{}, heed.Errorf(heed.Unauthorized, "no such key")
		}
		s, _ := d.WriteKey("till")
		return s, nil
	})
	send := func(body, auth string) (int, EventsResult) {
		r := httptest.NewRequest("POST", "/api/v1/events", strings.NewReader(body))
		r.Header.Set("Authorization", auth)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var res EventsResult
		if err := json.Unmarshal(w.Body.Bytes(), &res); err != nil {
			t.Fatal(err)
		}
		return w.Code, res
	}
	code, res := send(`{"events":[{"type":"track","event":"A","messageId":"new"},{"type":"track","messageId":"bad"},{"type":"track","event":"A","messageId":"old"},{"type":"track","event":"A","messageId":"new"}]}`, "Bearer k")
	want := EventsResult{1, 2, 1, []EventResult{{0, Accepted, "new", "", ""}, {1, Rejected, "bad", "events[1].event", "is missing: a track event needs a name"}, {2, Duplicate, "old", "", ""}, {3, Duplicate, "new", "", ""}}}
	if code != 200 || !reflect.DeepEqual(res, want) {
		t.Errorf("%d %+v", code, res)
	}
	if len(d.events) != 3 || len(d.letters) != 1 || string(d.letters[0].Event) != `{"type":"track","messageId":"bad"}` {
		t.Errorf("%d events, letters %+v", len(d.events), d.letters)
	}
	for _, body := range []string{`[{"type":"track","event":"A"}]`, `{"type":"track","event":"A"}`, `{"batch":[{"type":"track","event":"A"}]}`} {
		if code, res = send(body, "Bearer k"); code != 200 || res.Accepted != 1 {
			t.Errorf("%s: %d %+v", body, code, res)
		}
	}
	if code, _ = send(`{"type":"track"}`, "Bearer k"); code != 400 {
		t.Errorf("all rejected: %d", code)
	}
	if code, _ = send(`[]`, "other"); code != 401 {
		t.Errorf("unauthorized: %d", code)
	}
}

func TestObserverAndCounts(t *testing.T) {
	var seen, refused int
	d := newDoor(t, func(o *Options) {
		o.Observer = func(src Source, events []heed.Event, bad []Refusal) { seen += len(events); refused += len(bad) }
	})
	d.send(t, "web", "/v1/batch", `{"batch":[{"type":"track","event":"A","userId":"u"},{"type":"track","userId":"u"},{"type":"track","event":1,"userId":"u"}]}`)
	d.send(t, "nope", "/v1/batch", `{}`)
	c := d.Counts()
	if seen != 1 || refused != 2 || c.Accepted != 1 || c.Rejected["missing"] != 1 || c.Rejected["type"] != 1 || c.Requests[200] != 1 || c.Requests[401] != 1 || c.Bytes == 0 {
		t.Errorf("observed %d and %d, counts %+v", seen, refused, c)
	}
}
