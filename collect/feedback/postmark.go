package feedback

import (
	"net/http"
	"strconv"
	"strings"
)

type postmarkReport struct {
	RecordType, MessageID, Recipient, Email, Type, Details, Description, OriginalLink string
	DeliveredAt, BouncedAt, ReceivedAt, ChangedAt                                     string
	ID                                                                                int64
	Inactive, SuppressSending                                                         bool
	SuppressionReason                                                                 string
	Metadata                                                                          map[string]string
}

// hardBounces are Postmark's types after which an address does not come back.
var hardBounces = map[string]bool{"HardBounce": true, "BadEmailAddress": true, "ManuallyDeactivated": true}

func (h *Handler) postmark(c Config, r *http.Request, body []byte) ([]report, error) {
	user, password, _ := r.BasicAuth()
	// Both are compared whatever the first comparison says.
	if ok := same(user, c.User); !same(password, c.Password) || !ok {
		return nil, errSignature
	}
	var p postmarkReport
	if err := decode(body, &p); err != nil {
		return nil, err
	}
	x := report{provider: p.MessageID, address: p.Recipient, key: strconv.FormatInt(p.ID, 10), detail: p.Details}
	for name, v := range p.Metadata {
		if n := strings.ReplaceAll(strings.ToLower(name), "-", "_"); n == Argument {
			x.message = messageOf(v)
		}
	}
	if x.address == "" {
		x.address = p.Email
	}
	at := p.ReceivedAt
	switch p.RecordType {
	case "Delivery":
		x.name, at = Delivered, p.DeliveredAt
	case "Bounce":
		x.name, at, x.hard = Bounced, p.BouncedAt, p.Inactive || hardBounces[p.Type]
		x.detail = strings.TrimSpace(p.Type + " " + p.Description + " " + p.Details)
		if p.Type == "SpamNotification" || p.Type == "SpamComplaint" {
			x.name, x.hard = Complained, false
		}
	case "SpamComplaint":
		x.name, at = Complained, p.BouncedAt
	case "Open":
		x.name = Opened
	case "Click":
		x.name, x.url = Clicked, p.OriginalLink
	case "SubscriptionChange":
		if !p.SuppressSending || p.SuppressionReason != "ManualSuppression" { // bounces and complaints are reported by themselves
			h.n.ignored.Add(1)
			return nil, nil
		}
		x.name, at = Unsubscribed, p.ChangedAt
	default:
		h.n.ignored.Add(1)
		return nil, nil
	}
	if x.at = isoTime(at); p.ID == 0 {
		x.key = p.MessageID + ":" + at
	}
	return []report{x}, nil
}
