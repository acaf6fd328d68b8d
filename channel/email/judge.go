package email

import (
	"regexp"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
)

var enhanced = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})\b`)

// judge turns the server's answer into a result. Answers are read by their enhanced code (RFC 3463) where there is
// one: only a complaint about the address itself is a bounce and suppresses it; a refusal of our content or of us
// says nothing about the person.
func (e *Email) judge(c heed.Claimed, r result) heed.SendResult {
	now := e.clock.Now()
	switch {
	case r.err != nil:
		return channel.Unknown(c, now, "the connection broke while the server had the mail: "+r.err.Error())
	case r.stage == "body" && r.reply.code >= 200 && r.reply.code < 300:
		return channel.Sent(c, now, nextName(r.reply.text), r.reply.String())
	case r.reply.code >= 400 && r.reply.code < 500:
		return channel.Retry(c, now, r.reply.String())
	case badAddress(r):
		return channel.Bounced(c, now, r.reply.String())
	}
	return channel.Failed(c, now, r.reply.String())
}

// nextName is what the server calls the mail from now on, by which it reports of it: the last word of "Ok: queued as
// 4RxV2x3kQz" or "Ok 0100018c...-000000"; "" when the answer does not end in one.
func nextName(answer string) string {
	words := strings.Fields(answer)
	if len(words) < 2 {
		return ""
	}
	last := strings.Trim(words[len(words)-1], "<>()[].")
	if len(last) < 6 || len(last) > 200 || !strings.ContainsAny(last, "0123456789") {
		return ""
	}
	return last
}

func badAddress(r result) bool {
	if m := enhanced.FindStringSubmatch(r.reply.text); m != nil {
		return m[1] == "5" && HardStatus(m[2], m[3])
	}
	return r.stage == "rcpt" && (r.reply.code == 550 || r.reply.code == 551 || r.reply.code == 553)
}

// HardStatus says whether an enhanced status code 5.subject.detail means that the address is no good: no such mailbox
// or domain (5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10), mailbox disabled (5.2.1).
func HardStatus(subject, detail string) bool {
	switch subject + "." + detail {
	case "1.1", "1.2", "1.3", "1.6", "1.10", "2.1":
		return true
	}
	return false
}
