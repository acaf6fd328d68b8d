package channel

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/heedcx/heed"
)

// How long a message is tried again after transient trouble, when it has no expiry of its own, and in what steps.
const (
	maxAge       = 48 * time.Hour
	firstBackoff = time.Minute
	maxBackoff   = time.Hour
	maxDetail    = 500 // bytes of the next hop's answer that are kept
)

// Sent says that the next hop has taken the message; provider is its name for it, if it gave one.
func Sent(c heed.Claimed, now heed.Time, provider, detail string) heed.SendResult {
	return result(c, heed.MessageSent, now, provider, detail)
}

// Failed says that the message cannot be delivered, for a reason that is not the address.
func Failed(c heed.Claimed, now heed.Time, detail string) heed.SendResult {
	return result(c, heed.MessageFailed, now, "", detail)
}

// Bounced says that the address does not take messages, for good.
func Bounced(c heed.Claimed, now heed.Time, detail string) heed.SendResult {
	return result(c, heed.MessageBounced, now, "", detail)
}

// Unknown says that the next hop may have the message or not. It is not sent again.
func Unknown(c heed.Claimed, now heed.Time, detail string) heed.SendResult {
	return result(c, heed.MessageUnknown, now, "", detail)
}

// Retry says that the message was not taken and may be tried again: after a pause that doubles with each attempt from
// one minute to one hour, spread by a tenth. When it would be too late by then, the message has failed.
func Retry(c heed.Claimed, now heed.Time, detail string) heed.SendResult {
	pause := firstBackoff << min(max(c.Message.Attempts, 0), 10)
	pause = min(pause, maxBackoff)
	pause += pause * time.Duration(c.Message.ID[15]) / 2560 // so that a crowd does not come back at one moment
	return Later(c, now, now.Add(pause), detail)
}

// Later is Retry at a given moment.
func Later(c heed.Claimed, now, at heed.Time, detail string) heed.SendResult {
	last := c.Message.Expires
	if last == 0 && c.Message.Made != 0 {
		last = c.Message.Made.Add(maxAge)
	}
	if last != 0 && at > last {
		return Failed(c, now, "given up: "+detail)
	}
	r := result(c, heed.MessageReserved, now, "", detail)
	r.RetryAt = at
	return r
}

func result(c heed.Claimed, state heed.MessageState, now heed.Time, provider, detail string) heed.SendResult {
	return heed.SendResult{ID: c.Message.ID, State: state, At: now, Provider: Clean(provider, maxDetail), Detail: Clean(detail, maxDetail)}
}

// Clean makes text from outside fit for one line of a log or a header: control characters and line breaks become
// single spaces, invalid UTF-8 goes, and it is cut to max bytes.
func Clean(s string, max int) string {
	plain := utf8.ValidString(s)
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f
	}
	if !plain {
		s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
			return unicode.IsControl(r) || r == ' ' || r == '\u2028' || r == '\u2029'
		}), " ")
	}
	if len(s) > max {
		for max > 0 && !utf8.RuneStart(s[max]) {
			max--
		}
		s = s[:max]
	}
	return s
}
