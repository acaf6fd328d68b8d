package feedback

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
)

// signedBody is the neutral form, for anything that delivers messages for us:
//
//	POST /webhooks/NAME
//	X-Heed-Timestamp: 1772100002                       seconds since 1970
//	X-Heed-Signature: v1=HEX                           HMAC-SHA256(secret, timestamp + "." + body)
//	{"reports": [{"id": "r-1", "message": "019...", "name": "bounced", "address": "a@b.example", "hard": true,
//	  "detail": "550 no such user", "at": "2026-02-26T10:00:00Z", "provider": "their-id", "url": ""}]}
type signedBody struct {
	Reports []struct {
		ID, Message, Name, Address, Detail, At, Provider, URL string
		Hard                                                  bool
	}
}

func (h *Handler) signed(c Config, r *http.Request, body []byte) ([]report, error) {
	stamp := r.Header.Get("X-Heed-Timestamp")
	given, err := hex.DecodeString(strings.TrimPrefix(r.Header.Get("X-Heed-Signature"), "v1="))
	if err != nil {
		return nil, errSignature
	}
	mac := hmac.New(sha256.New, []byte(c.Secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	if !hmac.Equal(mac.Sum(nil), given) {
		return nil, errSignature
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || seconds > 1<<40 {
		return nil, errSignature
	}
	if err := h.recent(heed.Time(seconds*1e6), strict); err != nil {
		return nil, err
	}
	var b signedBody
	if err := decode(body, &b); err != nil {
		return nil, err
	}
	if b.Reports == nil { // a body of another form must not be answered as taken
		return nil, heed.FieldErrorf("reports", "is missing: want {\"reports\": [{\"id\": ..., \"message\": ..., \"name\": ...}]}")
	}
	var out []report
	for i, x := range b.Reports {
		field := "reports[" + strconv.Itoa(i) + "]"
		switch x.Name {
		case Delivered, Bounced, Complained, Opened, Clicked, Unsubscribed, Failed:
		default:
			return nil, heed.FieldErrorf(field+".name", "want delivered, bounced, complained, opened, clicked, unsubscribed or failed, got %.40q", x.Name)
		}
		if x.ID == "" {
			return nil, heed.FieldErrorf(field+".id", "is missing: something that is the same when the report comes again")
		}
		out = append(out, report{name: x.Name, message: messageOf(x.Message), provider: x.Provider, address: x.Address,
			at: isoTime(x.At), key: x.ID, hard: x.Hard && x.Name == Bounced, detail: x.Detail, url: x.URL})
	}
	return out, nil
}
