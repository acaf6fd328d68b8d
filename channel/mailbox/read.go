package mailbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strconv"
	"strings"

	"github.com/heedcx/heed/channel"
)

// Summary is a mail in a list.
type Summary struct {
	ID      string `json:"id"`
	At      string `json:"at"`
	From    string `json:"from"`
	To      string `json:"to"`
	Subject string `json:"subject"`
	Size    int    `json:"size"`
	Message string `json:"message,omitempty"` // the id of the message it came from
}

// Opened is one mail in full.
type Opened struct {
	Summary
	Headers []HeaderField `json:"headers"`
	Text    string        `json:"text"`
	HasHTML bool          `json:"has_html"` // see .../html
}

// HeaderField is one header as it came, decoded.
type HeaderField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func header(data []byte) netmail.Header {
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return netmail.Header{}
	}
	return m.Header
}

func decode(s string) string {
	if d, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		s = d
	}
	return channel.Clean(s, 2000)
}

func summary(m Mail, h netmail.Header) Summary {
	from := decode(h.Get("From"))
	if from == "" {
		from = m.From
	}
	return Summary{
		ID: strconv.FormatUint(m.ID, 10), At: m.At.String(), From: from, To: m.To, Subject: decode(h.Get("Subject")), Size: len(m.Data),
		Message: channel.Clean(h.Get("X-Heed-Message"), 36),
	}
}

// bodies finds the text and the HTML of a mail.
func bodies(data []byte) (text, html string) {
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return string(data), ""
	}
	walk(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body, 0, &text, &html)
	return strings.ToValidUTF8(text, "\uFFFD"), strings.ToValidUTF8(html, "\uFFFD")
}

func walk(kind, encoding string, body io.Reader, depth int, text, html *string) {
	t, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t = "text/plain"
	}
	if strings.HasPrefix(t, "multipart/") && depth < 5 {
		r := multipart.NewReader(body, params["boundary"])
		for range 50 {
			p, err := r.NextRawPart()
			if err != nil {
				return
			}
			walk(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, depth+1, text, html)
		}
		return
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, _ := io.ReadAll(io.LimitReader(body, MaxMail)) // what can be read is shown
	switch {
	case t == "text/html" && *html == "":
		*html = string(b)
	case t == "text/plain" && *text == "":
		*text = string(b)
	}
}
