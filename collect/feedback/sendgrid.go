package feedback

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
)

type sendgridEvent struct {
	Email, Event, Reason, Response, Status, Type, URL string
	Timestamp                                         int64
	EventID                                           string `json:"sg_event_id"`
	ProviderID                                        string `json:"sg_message_id"`
	SMTPID                                            string `json:"smtp-id"`
	Message                                           string `json:"heed_message"`
}

func (h *Handler) sendgrid(key *ecdsa.PublicKey, r *http.Request, body []byte) ([]report, error) {
	stamp := r.Header.Get("X-Twilio-Email-Event-Webhook-Timestamp")
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Twilio-Email-Event-Webhook-Signature"))
	if err != nil || len(signature) == 0 {
		return nil, errSignature
	}
	sum := sha256.New()
	sum.Write([]byte(stamp))
	sum.Write(body)
	if !ecdsa.VerifyASN1(key, sum.Sum(nil), signature) {
		return nil, errSignature
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || seconds > 1<<40 {
		return nil, errSignature
	}
	if err := h.recent(heed.Time(seconds*1e6), retried); err != nil {
		return nil, err
	}
	var events []sendgridEvent
	if err := decode(body, &events); err != nil {
		return nil, err
	}
	var out []report
	for _, e := range events {
		x := report{message: messageOf(e.Message, e.SMTPID), address: e.Email, at: heed.Time(e.Timestamp * 1e6), key: e.EventID, detail: e.Reason}
		x.provider, _, _ = strings.Cut(e.ProviderID, ".") // behind the dot is where it was filtered
		if x.key == "" {
			x.key = e.Event + ":" + strconv.FormatInt(e.Timestamp, 10)
		}
		switch e.Event {
		case "delivered":
			x.name, x.detail = Delivered, e.Response
		case "bounce":
			x.name, x.hard = Bounced, e.Type != "blocked"
			x.detail = strings.TrimSpace(e.Status + " " + e.Reason)
		case "dropped":
			x.name = Failed
		case "spamreport":
			x.name = Complained
		case "open":
			x.name = Opened
		case "click":
			x.name, x.url = Clicked, e.URL
		case "unsubscribe", "group_unsubscribe":
			x.name = Unsubscribed
		default: // processed, deferred, group_resubscribe
			h.n.ignored.Add(1)
			continue
		}
		out = append(out, x)
	}
	return out, nil
}
