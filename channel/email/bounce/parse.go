package bounce

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
)

// Bounds of what is read of a report.
const (
	MaxReport = 1 << 20 // bytes; what follows is not read
	maxParts  = 20
	maxPart   = 256 << 10
)

// ErrNotReport is returned for mail that is neither a delivery report nor a complaint: an out-of-office note, spam.
var ErrNotReport = errors.New("bounce: this mail is not a report")

// Report is what one mail reports.
type Report struct {
	// Message is the message that the report is about, from the headers that came back; zero when they do not say.
	Message    heed.ID
	Recipients []Recipient
	Complaint  bool
	Type       string // of a complaint: abuse, fraud, not-spam, ...
}

// Recipient is the fate of a mail at one address.
type Recipient struct {
	Address string // final recipient, or the original one
	Action  string // failed, delayed, delivered, relayed, expanded
	Status  string // 5.1.1
	Detail  string // the server's words
	Hard    bool   // the address is no good
}

// Parse reads a report as it arrived, headers first.
func Parse(r io.Reader) (*Report, error) {
	m, err := mail.ReadMessage(bufio.NewReader(io.LimitReader(r, MaxReport)))
	if err != nil {
		return nil, ErrNotReport
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["boundary"] == "" {
		return nil, ErrNotReport
	}
	rep := &Report{}
	known := false
	parts := multipart.NewReader(m.Body, params["boundary"])
	for range maxParts {
		p, err := parts.NextRawPart()
		if err != nil {
			break // the end, or a report that was cut off: what there is counts
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		body := decoded(p)
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			known = true
			rep.status(body)
		case "message/feedback-report":
			known, rep.Complaint = true, true
			h := fields(bufio.NewReader(body))
			rep.Type = channel.Clean(strings.ToLower(h.Get("Feedback-Type")), 40)
			if to := h.Get("Original-Rcpt-To"); to != "" {
				rep.Recipients = append(rep.Recipients, Recipient{Address: bare(to), Action: "complaint"})
			}
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers":
			rep.original(fields(bufio.NewReader(body)))
		}
	}
	if !known {
		return nil, ErrNotReport
	}
	return rep, nil
}

func decoded(p *multipart.Part) io.Reader {
	r := io.LimitReader(p, maxPart)
	switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	}
	return r
}

// fields reads a block of header fields, up to an empty line or whatever is not one.
func fields(r *bufio.Reader) textproto.MIMEHeader {
	h, _ := textproto.NewReader(r).ReadMIMEHeader() // with an error it returns what it read
	if h == nil {
		h = textproto.MIMEHeader{}
	}
	return h
}

// status reads the blocks of a delivery status: one about the message, then one for each recipient.
func (rep *Report) status(body io.Reader) {
	r := bufio.NewReader(body)
	for n := 0; n < 100; n++ {
		h := fields(r)
		if len(h) == 0 {
			if _, err := r.Peek(1); err != nil {
				return
			}
			continue
		}
		if id := h.Get("Original-Envelope-Id"); id != "" && rep.Message.IsZero() {
			rep.Message, _ = heed.ParseID(id)
		}
		action := strings.ToLower(strings.TrimSpace(h.Get("Action")))
		if action == "" {
			continue
		}
		to := h.Get("Final-Recipient")
		if to == "" {
			to = h.Get("Original-Recipient")
		}
		_, detail := typed(h.Get("Diagnostic-Code"))
		status, _, _ := strings.Cut(strings.TrimSpace(h.Get("Status")), " ")
		rep.Recipients = append(rep.Recipients, Recipient{
			Address: address(to), Action: channel.Clean(action, 20), Status: channel.Clean(status, 20), Detail: channel.Clean(detail, 500), Hard: action == "failed" && hard(status),
		})
	}
}

// typed splits "rfc822; ada@example.com".
func typed(s string) (kind, value string) {
	k, v, ok := strings.Cut(s, ";")
	if !ok {
		return "", strings.TrimSpace(s)
	}
	return strings.ToLower(strings.TrimSpace(k)), strings.TrimSpace(v)
}

func address(s string) string {
	_, v := typed(s)
	return bare(v)
}

func bare(s string) string { return channel.Clean(strings.Trim(strings.TrimSpace(s), "<>"), 254) }

// original looks for our message in the headers that came back.
func (rep *Report) original(h textproto.MIMEHeader) {
	if id, err := heed.ParseID(strings.TrimSpace(h.Get("X-Heed-Message"))); err == nil {
		rep.Message = id
		return
	}
	if !rep.Message.IsZero() {
		return
	}
	local, _, _ := strings.Cut(bare(h.Get("Message-Id")), "@")
	if id, err := heed.ParseID(local); err == nil {
		rep.Message = id
	}
}

// hard says whether a status (RFC 3463) means that the address is no good, rather than full, slow or suspicious of us.
func hard(status string) bool {
	class, rest, _ := strings.Cut(status, ".")
	if class != "5" {
		return false
	}
	switch rest {
	case "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4":
		return true // no such mailbox, no such domain, moved away, disabled; 5.4.4: no host for the domain
	case "0.0":
		return true // failed for good and no word why: more mail would only harm our name
	}
	return false
}
