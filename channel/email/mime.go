package email

import (
	"bytes"
	"encoding/hex"
	"html"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/heedcx/heed"
)

// letter is a mail before it is encoded.
type letter struct {
	id             heed.ID
	domain         string // of the Message-ID
	from           netmail.Address
	to             netmail.Address
	replyTo        string
	subject        string
	date           time.Time
	unsubscribeURL string // "" leaves the List-Unsubscribe headers out
	text, html     string // at least one
	locale         string
}

// encode writes the mail: headers and a multipart/alternative body, 7-bit clean, lines ending in CRLF.
func (l *letter) encode() []byte {
	var b bytes.Buffer
	b.Grow(2048 + len(l.text) + len(l.html) + (len(l.text)+len(l.html))/8)
	header := func(name, value string) {
		b.WriteString(name)
		b.WriteString(": ")
		b.WriteString(value)
		b.WriteString("\r\n")
	}
	header("From", address(l.from))
	header("To", address(l.to))
	if l.replyTo != "" {
		header("Reply-To", address(netmail.Address{Address: l.replyTo}))
	}
	header("Subject", encodeWords(l.subject))
	header("Date", l.date.Format(time.RFC1123Z))
	header("Message-ID", "<"+l.id.String()+"@"+l.domain+">")
	header("X-Heed-Message", l.id.String()) // the idempotency key: the same for every attempt
	if l.unsubscribeURL != "" {
		header("List-Unsubscribe", "<"+l.unsubscribeURL+">")
		header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	header("MIME-Version", "1.0")
	if l.html == "" {
		header("Content-Type", "text/plain; charset=utf-8")
		header("Content-Transfer-Encoding", "quoted-printable")
		b.WriteString("\r\n")
		quoted(&b, l.text)
		b.WriteString("\r\n")
		return b.Bytes()
	}
	boundary := "heed-" + hex.EncodeToString(l.id[:])
	header("Content-Type", `multipart/alternative; boundary="`+boundary+`"`)
	part := func(kind, body string) {
		b.WriteString("\r\n--" + boundary + "\r\n")
		header("Content-Type", kind+"; charset=utf-8")
		header("Content-Transfer-Encoding", "quoted-printable")
		b.WriteString("\r\n")
		quoted(&b, body)
	}
	part("text/plain", l.text)
	part("text/html", l.html)
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.Bytes()
}

func quoted(b *bytes.Buffer, s string) {
	w := quotedprintable.NewWriter(b)
	_, _ = w.Write([]byte(s)) // a buffer takes everything
	_ = w.Close()
}

// encodeWords is RFC 2047, one encoded word a line, so that no line is too long.
func encodeWords(s string) string {
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}

// address is a mailbox as a header has it.
func address(a netmail.Address) string {
	return strings.ReplaceAll(a.String(), "?= =?", "?=\r\n =?")
}

// page makes a whole document of what the author wrote, with what inboxes show beside the subject and the pixel.
func page(body, subject, preheader, locale, pixel string) string {
	var b strings.Builder
	b.Grow(len(body) + 512)
	pre := ""
	if preheader != "" {
		pre = `<div style="display:none;max-height:0;overflow:hidden">` + html.EscapeString(preheader) + `</div>`
	}
	img := ""
	if pixel != "" {
		img = `<img src="` + html.EscapeString(pixel) + `" width="1" height="1" alt="" style="border:0">`
	}
	if indexTag(body, "html") < 0 {
		if locale == "" {
			locale = "en"
		}
		b.WriteString(`<!doctype html><html lang="` + html.EscapeString(locale) + `"><head><meta charset="utf-8">` +
			`<meta name="viewport" content="width=device-width"><title>` + html.EscapeString(subject) + `</title></head><body>`)
		b.WriteString(pre)
		b.WriteString(body)
		b.WriteString(img)
		b.WriteString("</body></html>")
		return b.String()
	}
	if i := indexTag(body, "body"); i >= 0 {
		if j := strings.IndexByte(body[i:], '>'); j >= 0 {
			b.WriteString(body[:i+j+1])
			b.WriteString(pre)
			body = body[i+j+1:]
		}
	}
	i := indexTag(body, "/body")
	if i < 0 {
		i = len(body)
	}
	b.WriteString(body[:i])
	b.WriteString(img)
	b.WriteString(body[i:])
	return b.String()
}

// indexTag finds where a tag begins, in upper or lower case; -1 when there is none.
func indexTag(s, name string) int {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '<')
		if i < 0 || from+i+1+len(name) > len(s) {
			return -1
		}
		if from += i + 1; strings.EqualFold(s[from:from+len(name)], name) {
			return from - 1
		}
	}
}
