package app_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
)

// dsn is what a mail server reports of a mail of ours.
func dsn(message, address string) string {
	return strings.ReplaceAll(`From: MAILER-DAEMON@mx.example
To: bounces@lumen.example
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; `+address+`
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--b
Content-Type: message/rfc822

From: hello@lumen.example
To: `+address+`
X-Heed-Message: `+message+`
Subject: Thank you

Thank you
--b--
`, "\n", "\r\n")
}

func TestABounceInTheMaildirReachesThePerson(t *testing.T) {
	each(t, func(c *app.Config) {
		c.BounceMaildir = filepath.Join(c.Data, "bounces")
		for _, sub := range []string{"new", "cur", "tmp"} {
			if err := os.MkdirAll(filepath.Join(c.BounceMaildir, sub), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}, func(t *testing.T, w *world) {
		w.apply(mailSpecs)
		w.events(person("ann", map[string]any{"email": mail(1)}), track("ann", "Ordered"))
		m := w.sentMail(mail(1))
		dir := w.Config.BounceMaildir
		for name, text := range map[string]string{"1": dsn(m.ID, mail(1)), "2": "Subject: hello\r\n\r\nno report\r\n"} {
			if err := os.WriteFile(filepath.Join(dir, "new", name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.until("the bounce is known", func() bool { return w.messages("channel=email")[0].State == "bounced" })
		w.until("both mails are put away", func() bool {
			left, _ := os.ReadDir(filepath.Join(dir, "new"))
			return len(left) == 0
		})
		_, text := w.do("GET", "/api/v1/people/"+m.Person, nil)
		if !strings.Contains(string(text), "hard_bounce") {
			t.Errorf("the address is not suppressed: %s", text)
		}
	})
}

func TestAMaildirThatIsNoneIsSaidAtOnce(t *testing.T) {
	c := config(t, "", func(c *app.Config) { c.BounceMaildir = filepath.Join(t.TempDir(), "nothing") })
	if _, err := app.Open(context.Background(), c, "test", slog.New(slog.DiscardHandler)); heed.CodeOf(err) != heed.Invalid || !strings.Contains(err.Error(), "bounce-maildir") {
		t.Errorf("got %v", err)
	}
}
