package feedback

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // SNS signs with SHA-1 unless the topic asks for version 2
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/heedcx/heed"
)

// envelope is what SNS posts.
type envelope struct {
	Type, MessageID, TopicArn, Subject, Message, Timestamp string
	SignatureVersion, Signature, SigningCertURL            string
	SubscribeURL, Token                                    string
}

// snsHost are the hosts at which SNS keeps its certificates and takes confirmations.
var snsHost = regexp.MustCompile(`^sns\.[a-z]{2}(-[a-z]+)+-[0-9]\.amazonaws\.com(\.cn)?$`)

// snsURL accepts only addresses at SNS itself, so that a forged message cannot make us call elsewhere.
func snsURL(s, pathPrefix, pathSuffix string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.User == nil && snsHost.MatchString(u.Host) &&
		strings.HasPrefix(u.Path, pathPrefix) && strings.HasSuffix(u.Path, pathSuffix)
}

func (h *Handler) ses(ctx context.Context, c Config, body []byte) ([]report, error) {
	var m envelope
	if err := decode(body, &m); err != nil {
		return nil, err
	}
	if !slices.Contains(c.Topics, m.TopicArn) {
		return nil, heed.Errorf(heed.Forbidden, "The topic %.200q may not report here: add it to the webhook's topics.", m.TopicArn)
	}
	if err := h.verifySNS(ctx, m); err != nil {
		return nil, err
	}
	if err := h.recent(isoTime(m.Timestamp), retried); err != nil {
		return nil, err
	}
	switch m.Type {
	case "SubscriptionConfirmation":
		if !snsURL(m.SubscribeURL, "/", "") {
			return nil, heed.Errorf(heed.Forbidden, "The address of the confirmation is not Amazon's.")
		}
		if _, err := h.o.Fetch(ctx, m.SubscribeURL); err != nil {
			return nil, &heed.Error{Code: heed.Unavailable, Message: "The subscription could not be confirmed.", Cause: err}
		}
		h.o.Log.InfoContext(ctx, "subscribed to delivery reports", "topic", m.TopicArn)
		return nil, nil
	case "Notification":
		return h.sesReport(m)
	}
	h.n.ignored.Add(1) // UnsubscribeConfirmation
	return nil, nil
}

// verifySNS checks the signature as Amazon documents it: over named fields, each followed by its value, by a key whose
// certificate lies at SNS.
func (h *Handler) verifySNS(ctx context.Context, m envelope) error {
	fields := []string{"Message", m.Message, "MessageId", m.MessageID}
	if m.Type == "Notification" {
		if m.Subject != "" {
			fields = append(fields, "Subject", m.Subject)
		}
	} else {
		fields = append(fields, "SubscribeURL", m.SubscribeURL)
	}
	fields = append(fields, "Timestamp", m.Timestamp)
	if m.Type != "Notification" {
		fields = append(fields, "Token", m.Token)
	}
	fields = append(fields, "TopicArn", m.TopicArn, "Type", m.Type)
	text := []byte(strings.Join(fields, "\n") + "\n")

	signature, err := base64.StdEncoding.DecodeString(m.Signature)
	if err != nil || !snsURL(m.SigningCertURL, "/SimpleNotificationService-", ".pem") {
		return errSignature
	}
	cert, err := h.certificate(ctx, m.SigningCertURL)
	if err != nil {
		return err
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return errSignature
	}
	switch m.SignatureVersion {
	case "1":
		sum := sha1.Sum(text) //nolint:gosec // see above
		err = rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], signature)
	case "2":
		sum := sha256.Sum256(text)
		err = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
	default:
		return errSignature
	}
	if err != nil {
		return errSignature
	}
	return nil
}

// certificate returns SNS's certificate at an address that was checked, from memory when it was used before.
func (h *Handler) certificate(ctx context.Context, at string) (*x509.Certificate, error) {
	h.mu.Lock()
	cert := h.certs[at]
	h.mu.Unlock()
	now := h.o.Clock.Now().Std()
	if cert == nil {
		text, err := h.o.Fetch(ctx, at)
		if err != nil {
			return nil, &heed.Error{Code: heed.Unavailable, Message: "The certificate of the signature could not be fetched.", Cause: err}
		}
		block, _ := pem.Decode(text)
		if block == nil {
			return nil, errSignature
		}
		if cert, err = x509.ParseCertificate(block.Bytes); err != nil {
			return nil, errSignature
		}
		h.mu.Lock()
		if len(h.certs) >= 16 {
			clear(h.certs)
		}
		h.certs[at] = cert
		h.mu.Unlock()
	}
	if now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return nil, errSignature
	}
	return cert, nil
}

// sesMail is the message of SES in a notification: "eventType" with a configuration set, "notificationType" without.
type sesMail struct {
	EventType, NotificationType string
	Mail                        struct {
		MessageID     string
		Tags          map[string][]string
		Headers       []struct{ Name, Value string }
		CommonHeaders struct{ MessageID string }
		Destination   []string
	}
	Bounce struct {
		BounceType, BounceSubType, Timestamp string
		BouncedRecipients                    []struct{ EmailAddress, DiagnosticCode, Status string }
	}
	Complaint struct {
		ComplaintFeedbackType, Timestamp string
		ComplainedRecipients             []struct{ EmailAddress string }
	}
	Delivery struct {
		Timestamp, SMTPResponse string
		Recipients              []string
	}
	Open, Subscription struct{ Timestamp string }
	Click              struct{ Timestamp, Link string }
	Reject             struct{ Reason string }
	Failure            struct{ ErrorMessage string }
}

func (h *Handler) sesReport(m envelope) ([]report, error) {
	if !json.Valid([]byte(m.Message)) { // a test message from the console
		h.n.ignored.Add(1)
		return nil, nil
	}
	var s sesMail
	if err := decode([]byte(m.Message), &s); err != nil {
		return nil, err
	}
	base := report{provider: s.Mail.MessageID, key: m.MessageID}
	candidates := slices.Clone(s.Mail.Tags[Argument])
	for _, header := range s.Mail.Headers {
		if strings.EqualFold(header.Name, Header) {
			candidates = append(candidates, header.Value)
		}
	}
	base.message = messageOf(append(candidates, s.Mail.CommonHeaders.MessageID)...)
	if len(s.Mail.Destination) > 0 {
		base.address = s.Mail.Destination[0]
	}
	one := func(name, at string) report {
		r := base
		r.name, r.at = name, isoTime(at)
		return r
	}
	var out []report
	switch s.EventType + s.NotificationType {
	case "Bounce":
		for _, to := range s.Bounce.BouncedRecipients {
			r := one(Bounced, s.Bounce.Timestamp)
			r.address, r.hard, r.key = to.EmailAddress, s.Bounce.BounceType == "Permanent", r.key+":"+to.EmailAddress
			r.detail = strings.TrimSpace(s.Bounce.BounceType + " " + s.Bounce.BounceSubType + " " + to.DiagnosticCode)
			out = append(out, r)
		}
	case "Complaint":
		for _, to := range s.Complaint.ComplainedRecipients {
			r := one(Complained, s.Complaint.Timestamp)
			r.address, r.detail, r.key = to.EmailAddress, s.Complaint.ComplaintFeedbackType, r.key+":"+to.EmailAddress
			out = append(out, r)
		}
	case "Delivery":
		r := one(Delivered, s.Delivery.Timestamp)
		r.detail = s.Delivery.SMTPResponse
		out = append(out, r)
	case "Open":
		out = append(out, one(Opened, s.Open.Timestamp))
	case "Click":
		r := one(Clicked, s.Click.Timestamp)
		r.url = s.Click.Link
		out = append(out, r)
	case "Reject":
		r := one(Failed, m.Timestamp)
		r.detail = s.Reject.Reason
		out = append(out, r)
	case "Rendering Failure":
		r := one(Failed, m.Timestamp)
		r.detail = s.Failure.ErrorMessage
		out = append(out, r)
	case "Subscription":
		out = append(out, one(Unsubscribed, s.Subscription.Timestamp))
	default: // Send, DeliveryDelay: nothing has been decided yet
		h.n.ignored.Add(1)
	}
	return out, nil
}
