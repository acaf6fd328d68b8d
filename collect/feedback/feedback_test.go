package feedback

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

const now = heed.Time(1772100002000000) // 2026-02-26T10:00:02Z

var ours = Sent{ID: heed.MakeID(now, [10]byte{1}), Person: heed.MakeID(now, [10]byte{2}), Channel: "email", Purpose: "newsletter", Journey: "welcome", Address: "ana@lumen.example"}

const topic = "arn:aws:sns:eu-west-1:123456789012:heed"

type world struct {
	*Handler
	clock   *clock.Virtual
	events  []heed.Event
	fail    error
	refuses bool // to be tracked
	fetched []string
	rsa     *rsa.PrivateKey
	cert    []byte
	ecdsa   *ecdsa.PrivateKey
}

func (w *world) Write(_ context.Context, events []heed.Event) (stream.Position, error) {
	if w.fail != nil {
		return nil, w.fail
	}
	w.events = append(w.events, events...)
	return nil, nil
}

func (w *world) Find(_ context.Context, id heed.ID) (Sent, bool, error) {
	return ours, id == ours.ID, nil
}

func (w *world) FindByProvider(_ context.Context, id string) (Sent, bool, error) {
	return ours, id == "their-id", nil
}

func (w *world) Untracked(_ context.Context, person heed.ID) (bool, error) {
	return w.refuses && person == ours.Person, nil
}

// rsaKey is made once: it takes long.
var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: clock.NewVirtual(now)}
	var err error
	if w.rsa, err = rsaKey(); err != nil {
		t.Fatal(err)
	}
	if w.ecdsa, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Std().Add(-time.Hour), NotAfter: now.Std().Add(1000 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &w.rsa.PublicKey, w.rsa)
	if err != nil {
		t.Fatal(err)
	}
	w.cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	public, err := x509.MarshalPKIXPublicKey(&w.ecdsa.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	w.Handler, err = New(Options{Sink: w, Messages: w, Clock: w.clock, Log: slog.New(slog.DiscardHandler),
		Fetch: func(_ context.Context, url string) ([]byte, error) {
			w.fetched = append(w.fetched, url)
			return w.cert, nil
		},
		Webhooks: map[string]Config{
			"ses":      {Kind: "ses", Topics: []string{topic}},
			"sendgrid": {Kind: "sendgrid", PublicKey: base64.StdEncoding.EncodeToString(public)},
			"postmark": {Kind: "postmark", User: "heed", Password: "a-long-password-indeed"},
			"own":      {Kind: "signed", Secret: "a-secret-of-our-own", Channel: "sms"},
		}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) post(name, body string, change func(*http.Request)) int {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/"+name, strings.NewReader(body))
	if change != nil {
		change(r)
	}
	res := httptest.NewRecorder()
	w.ServeHTTP(res, r)
	return res.Code
}

// check compares the latest event with what it should say.
func (w *world) check(t *testing.T, name string, want properties) heed.Event {
	t.Helper()
	if len(w.events) == 0 {
		t.Fatalf("%s: no event", name)
	}
	e := w.events[len(w.events)-1]
	var got properties
	if err := json.Unmarshal(e.Properties, &got); err != nil {
		t.Fatal(err)
	}
	if e.Type != heed.Feedback || e.Name != name || e.Source != "heed" || got != want || e.Timestamp > now {
		t.Errorf("got %s %+v %+v\nwant %s %+v", e.Name, got, e, name, want)
	}
	return e
}

func known(change func(*properties)) properties {
	p := properties{Message: ours.ID, Person: ours.Person, Channel: ours.Channel, Purpose: ours.Purpose, Journey: ours.Journey, Address: ours.Address}
	change(&p)
	return p
}

// sns signs a message as SNS does.
func (w *world) sns(t *testing.T, version string, m map[string]string) string {
	t.Helper()
	text := ""
	for _, k := range []string{"Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"} {
		if v, ok := m[k]; ok {
			text += k + "\n" + v + "\n"
		}
	}
	h, sum := crypto.SHA1, []byte(nil)
	if version == "2" {
		s := sha256.Sum256([]byte(text))
		h, sum = crypto.SHA256, s[:]
	} else {
		s := sha1.Sum([]byte(text))
		sum = s[:]
	}
	sig, err := rsa.SignPKCS1v15(rand.Reader, w.rsa, h, sum)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"SignatureVersion": version, "Signature": base64.StdEncoding.EncodeToString(sig),
		"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem"}
	for k, v := range m {
		out[k] = v
	}
	b, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func notification(message string) map[string]string {
	return map[string]string{"Type": "Notification", "MessageId": "n-1", "TopicArn": topic, "Message": message, "Timestamp": "2026-02-26T10:00:01.000Z"}
}

func TestSES(t *testing.T) {
	w := newWorld(t)
	mail := `"mail":{"messageId":"ses-1","destination":["ana@lumen.example"],"tags":{"heed_message":["` + ours.ID.String() + `"]}}`
	for name, c := range map[string]struct {
		message, event string
		want           properties
	}{
		"bounce": {`{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"ana@lumen.example","diagnosticCode":"550 no such user"}],"timestamp":"2026-02-26T10:00:00.000Z"},` + mail + `}`,
			Bounced, known(func(p *properties) {
				p.Hard, p.Detail, p.Provider = true, "Permanent General 550 no such user", "ses-1"
			})},
		"soft bounce, id in a header": {`{"eventType":"Bounce","bounce":{"bounceType":"Transient","bouncedRecipients":[{"emailAddress":"x"}]},"mail":{"messageId":"m","headers":[{"name":"x-heed-message","value":"` + ours.ID.String() + `"}]}}`,
			Bounced, known(func(p *properties) { p.Detail, p.Provider = "Transient", "m" })},
		"complaint, id in the Message-Id": {`{"eventType":"Complaint","complaint":{"complaintFeedbackType":"abuse","complainedRecipients":[{"emailAddress":"x"}]},"mail":{"commonHeaders":{"messageId":"<` + ours.ID.String() + `@lumen.example>"}}}`,
			Complained, known(func(p *properties) { p.Detail = "abuse" })},
		"delivery, by the provider's id": {`{"eventType":"Delivery","delivery":{"smtpResponse":"250 ok"},"mail":{"messageId":"their-id"}}`,
			Delivered, known(func(p *properties) { p.Detail, p.Provider = "250 ok", "their-id" })},
		"click":  {`{"eventType":"Click","click":{"link":"https://lumen.example/"},` + mail + `}`, Clicked, known(func(p *properties) { p.URL, p.Provider = "https://lumen.example/", "ses-1" })},
		"open":   {`{"eventType":"Open","open":{},` + mail + `}`, Opened, known(func(p *properties) { p.Provider = "ses-1" })},
		"reject": {`{"eventType":"Reject","reject":{"reason":"Bad content"},` + mail + `}`, Failed, known(func(p *properties) { p.Detail, p.Provider = "Bad content", "ses-1" })},
		"complaint about a mail that is not ours": {`{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"Bob@lumen.example"}]},"mail":{"messageId":"other"}}`,
			Complained, properties{Channel: "email", Address: "bob@lumen.example", Provider: "other"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, version := range []string{"1", "2"} {
				if code := w.post("ses", w.sns(t, version, notification(c.message)), nil); code != 204 {
					t.Fatalf("status %d", code)
				}
				w.check(t, c.event, c.want)
			}
			if a, b := w.events[len(w.events)-1], w.events[len(w.events)-2]; a.MessageID != b.MessageID {
				t.Errorf("the same report has two ids: %s and %s", a.MessageID, b.MessageID)
			}
		})
	}
	if len(w.fetched) != 1 {
		t.Errorf("fetched %v", w.fetched)
	}
	if e := w.events[0]; e.IDs[0].Namespace != "person_id" && e.IDs[0].Namespace != "email" {
		t.Errorf("ids %v", e.IDs)
	}
	n := len(w.events)
	// A delivery of a mail that is not ours, and a mail that was only handed over, say nothing.
	for _, m := range []string{`{"eventType":"Delivery","mail":{"messageId":"other"}}`, `{"eventType":"Send",` + mail + `}`, `Successfully validated SNS topic`} {
		if code := w.post("ses", w.sns(t, "2", notification(m)), nil); code != 204 || len(w.events) != n {
			t.Errorf("%s: %d, %d events", m, code, len(w.events)-n)
		}
	}
	if c := w.Counts(); c.Unknown != 1 || c.Ignored != 2 || c.Accepted != int64(n) {
		t.Errorf("counts %+v", c)
	}
}

func TestSNSRefusesWhatIsNotAmazons(t *testing.T) {
	good := func() map[string]string { return notification(`{"eventType":"Open"}`) }
	for name, change := range map[string]func(w *world) string{
		"another text": func(w *world) string { return strings.Replace(w.sns(t, "2", good()), "Open", "Send", 1) },
		"another topic": func(w *world) string {
			m := good()
			m["TopicArn"] = "arn:aws:sns:eu-west-1:999999999999:theirs"
			return w.sns(t, "2", m)
		},
		"an old one":          func(w *world) string { m := good(); m["Timestamp"] = "2026-02-23T10:00:00Z"; return w.sns(t, "2", m) },
		"one from the future": func(w *world) string { m := good(); m["Timestamp"] = "2026-02-26T11:00:00Z"; return w.sns(t, "2", m) },
		"no time":             func(w *world) string { m := good(); m["Timestamp"] = ""; return w.sns(t, "2", m) },
		"version 3": func(w *world) string {
			return strings.Replace(w.sns(t, "2", good()), `"SignatureVersion":"2"`, `"SignatureVersion":"3"`, 1)
		},
		"no signature": func(w *world) string {
			return strings.Replace(w.sns(t, "2", good()), `"Signature":"`, `"Signature":"AAAA`, 1)
		},
		"an expired certificate": func(w *world) string {
			w.clock.Set(now.Add(2000 * time.Hour))
			m := good()
			m["Timestamp"] = w.clock.Now().String()
			return w.sns(t, "2", m)
		},
	} {
		w := newWorld(t)
		if code := w.post("ses", change(w), nil); code != 401 || len(w.events) != 0 || w.Counts().Refused != 1 {
			t.Errorf("%s: %d", name, code)
		}
	}
	for _, at := range []string{"https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-a.pem", "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
		"https://evil.example/SimpleNotificationService-a.pem", "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-a.pem", "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-a.pem",
		"https://169.254.169.254/SimpleNotificationService-a.pem", "https://s3.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem", "https://sns.eu-west-1.amazonaws.com/other.pem", ""} {
		w := newWorld(t)
		body := strings.Replace(w.sns(t, "2", good()), "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem", at, 1)
		if code := w.post("ses", body, nil); code != 401 || len(w.fetched) != 0 {
			t.Errorf("%s: %d, fetched %v", at, code, w.fetched)
		}
	}
}

func TestSubscription(t *testing.T) {
	w := newWorld(t)
	m := map[string]string{"Type": "SubscriptionConfirmation", "MessageId": "s", "TopicArn": topic, "Message": "You have chosen", "Token": "t", "Timestamp": "2026-02-26T10:00:01Z",
		"SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"}
	if code := w.post("ses", w.sns(t, "1", m), nil); code != 204 || len(w.fetched) != 2 || w.fetched[1] != m["SubscribeURL"] {
		t.Errorf("%d, fetched %v", code, w.fetched)
	}
	w = newWorld(t)
	m["SubscribeURL"] = "http://169.254.169.254/latest/meta-data/"
	if code := w.post("ses", w.sns(t, "1", m), nil); code != 401 || len(w.fetched) != 1 { // the certificate only
		t.Errorf("%d, fetched %v", code, w.fetched)
	}
}

func TestNoPrivateAddress(t *testing.T) {
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	defer inside.Close()
	for _, at := range []string{inside.URL, "https://localhost:1/", "https://[::1]:1/", "https://10.0.0.1:1/", "https://169.254.169.254/", "https://[::ffff:127.0.0.1]:1/", "https://100.64.0.1:1/", "https://0.0.0.0:1/", "https://[64:ff9b::7f00:1]:1/"} {
		if _, err := publicClient()(context.Background(), at); err == nil || !strings.Contains(err.Error(), "is not a public address") {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestSendGrid(t *testing.T) {
	w := newWorld(t)
	sign := func(body, stamp string) func(*http.Request) {
		sum := sha256.Sum256([]byte(stamp + body))
		sig, err := ecdsa.SignASN1(rand.Reader, w.ecdsa, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return func(r *http.Request) {
			r.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", stamp)
			r.Header.Set("X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(sig))
		}
	}
	id := ours.ID.String()
	body := `[{"email":"ana@lumen.example","timestamp":1772100000,"event":"processed","heed_message":"` + id + `"},
		{"email":"ana@lumen.example","timestamp":1772100000,"event":"bounce","type":"bounce","status":"5.1.1","reason":"no such user","sg_event_id":"e1","sg_message_id":"abc.filter1","heed_message":"` + id + `"},
		{"email":"ana@lumen.example","timestamp":1772100001,"event":"click","url":"https://lumen.example/?a=1\u0000","sg_event_id":"e2","smtp-id":"<` + id + `@lumen.example>"}]`
	if code := w.post("sendgrid", body, sign(body, "1772100001")); code != 204 || len(w.events) != 2 {
		t.Fatalf("%d, %d events", code, len(w.events))
	}
	w.check(t, Clicked, known(func(p *properties) { p.URL = "https://lumen.example/?a=1\ufffd" }))
	first := w.events[0]
	w.events = w.events[:1]
	if e := w.check(t, Bounced, known(func(p *properties) { p.Hard, p.Detail, p.Provider = true, "5.1.1 no such user", "abc" })); e.Timestamp != 1772100000000000 || e.MessageID != "feedback:"+id+":bounced:sendgrid:e1" {
		t.Errorf("%+v", first)
	}
	if code := w.post("sendgrid", body+" ", sign(body, "1772100001")); code != 401 {
		t.Errorf("another body: %d", code)
	}
	if code := w.post("sendgrid", body, sign(body, "1771800001")); code != 401 {
		t.Errorf("an old one: %d", code)
	}
	if code := w.post("sendgrid", body, nil); code != 401 {
		t.Errorf("unsigned: %d", code)
	}
	if code := w.post("sendgrid", `{`, sign(`{`, "1772100001")); code != 400 {
		t.Errorf("no JSON: %d", code)
	}
	w.fail = errors.New("disk full")
	if code := w.post("sendgrid", body, sign(body, "1772100001")); code != 503 {
		t.Errorf("while the stream is down: %d", code)
	}
}

func TestPostmark(t *testing.T) {
	w := newWorld(t)
	auth := func(r *http.Request) { r.SetBasicAuth("heed", "a-long-password-indeed") }
	meta := `"MessageID":"pm-1","Metadata":{"heed-message":"` + ours.ID.String() + `"}`
	for body, c := range map[string]struct {
		name string
		want properties
	}{
		`{"RecordType":"Bounce","Type":"HardBounce","ID":4,"Email":"ana@lumen.example","Description":"gone","BouncedAt":"2026-02-26T09:00:00Z",` + meta + `}`: {Bounced, known(func(p *properties) { p.Hard, p.Detail, p.Provider = true, "HardBounce gone", "pm-1" })},
		`{"RecordType":"Bounce","Type":"Transient","ID":5,` + meta + `}`:                                                                                      {Bounced, known(func(p *properties) { p.Detail, p.Provider = "Transient", "pm-1" })},
		`{"RecordType":"SpamComplaint","Type":"SpamComplaint","ID":6,` + meta + `}`:                                                                           {Complained, known(func(p *properties) { p.Provider = "pm-1" })},
		`{"RecordType":"Delivery","DeliveredAt":"2026-02-26T09:00:00.1234567Z","Details":"250",` + meta + `}`:                                                 {Delivered, known(func(p *properties) { p.Detail, p.Provider = "250", "pm-1" })},
		`{"RecordType":"Click","OriginalLink":"https://x.example","ReceivedAt":"2026-02-26T09:00:00Z",` + meta + `}`:                                          {Clicked, known(func(p *properties) { p.URL, p.Provider = "https://x.example", "pm-1" })},
		`{"RecordType":"SubscriptionChange","SuppressSending":true,"SuppressionReason":"ManualSuppression",` + meta + `}`:                                     {Unsubscribed, known(func(p *properties) { p.Provider = "pm-1" })},
	} {
		if code := w.post("postmark", body, auth); code != 204 {
			t.Fatalf("%s: %d", body, code)
		}
		w.check(t, c.name, c.want)
	}
	n := len(w.events)
	for name, change := range map[string]func(*http.Request){"none": nil, "wrong": func(r *http.Request) { r.SetBasicAuth("heed", "x") }, "wrong user": func(r *http.Request) { r.SetBasicAuth("", "a-long-password-indeed") }} {
		if code := w.post("postmark", `{}`, change); code != 401 || len(w.events) != n {
			t.Errorf("%s: %d", name, code)
		}
	}
}

func TestSigned(t *testing.T) {
	w := newWorld(t)
	sign := func(body string, at int64, secret string) func(*http.Request) {
		stamp := fmt.Sprint(at)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "." + body))
		return func(r *http.Request) {
			r.Header.Set("X-Heed-Timestamp", stamp)
			r.Header.Set("X-Heed-Signature", "v1="+hex.EncodeToString(mac.Sum(nil)))
		}
	}
	const at, secret = 1772100000, "a-secret-of-our-own"
	body := `{"reports":[{"id":"r1","message":"` + ours.ID.String() + `","name":"delivered","at":"2026-02-26T10:00:00Z"},{"id":"r2","name":"unsubscribed","address":"+351912345678"}]}`
	if code := w.post("own", body, sign(body, at, secret)); code != 204 || len(w.events) != 2 {
		t.Fatalf("%d, %d events", code, len(w.events))
	}
	e := w.check(t, Unsubscribed, properties{Channel: "sms", Address: "+351912345678"})
	if e.IDs[0] != (heed.Identifier{Namespace: "phone", Value: "+351912345678"}) || e.Direction != heed.Inbound {
		t.Errorf("%+v", e)
	}
	for name, c := range map[string]struct {
		body   string
		change func(*http.Request)
		want   int
	}{
		"another secret":  {body, sign(body, at, "another-secret-entirely"), 401},
		"ten minutes old": {body, sign(body, at-600, secret), 401},
		"from the future": {body, sign(body, at+600, secret), 401},
		"unsigned":        {body, nil, 401},
		"another name":    {`{"reports":[{"id":"x","name":"eaten"}]}`, sign(`{"reports":[{"id":"x","name":"eaten"}]}`, at, secret), 400},
		"no id":           {`{"reports":[{"name":"opened"}]}`, sign(`{"reports":[{"name":"opened"}]}`, at, secret), 400},
		"another form":    {`{"message":"x","name":"opened"}`, sign(`{"message":"x","name":"opened"}`, at, secret), 400},
		"too large":       {strings.Repeat(" ", 2<<20), nil, 413},
	} {
		if code := w.post("own", c.body, c.change); code != c.want || len(w.events) != 2 {
			t.Errorf("%s: %d, want %d", name, code, c.want)
		}
	}
	w.refuses = true
	for name, want := range map[string]int{Opened: 0, Clicked: 0, Delivered: 1} {
		body := `{"reports":[{"id":"refused-` + name + `","message":"` + ours.ID.String() + `","name":"` + name + `"}]}`
		before := len(w.events)
		if code := w.post("own", body, sign(body, at, secret)); code != 204 || len(w.events)-before != want {
			t.Errorf("%s of who refuses to be tracked: %d, %d events", name, code, len(w.events)-before)
		}
	}
	if code := w.post("nobody", body, nil); code != 404 {
		t.Errorf("an unknown webhook: %d", code)
	}
}

func TestConfigErrorsNameTheField(t *testing.T) {
	for want, c := range map[string]Config{
		"webhooks.x.kind":       {Kind: "mailgun"},
		"webhooks.x.topics":     {Kind: "ses"},
		"webhooks.x.public_key": {Kind: "sendgrid", PublicKey: "AAAA"},
		"webhooks.x.password":   {Kind: "postmark", User: "u", Password: "short"},
		"webhooks.x.secret":     {Kind: "signed", Secret: "short"},
	} {
		if _, err := New(Options{Webhooks: map[string]Config{"x": c}}); err == nil || !strings.HasPrefix(err.Error(), want+": ") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
