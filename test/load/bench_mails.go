package load

import (
	"context"
	"fmt"
	"time"
)

const mailJourney = `kind: journey
name: mailing
trigger: {event: Joined}
entry: {limit: 1}
nodes:
  - {id: rest, wait: {trait: due_at}}
  - {id: mail, message: {channel: email, purpose: orders, template: mail}}
`

func benchMails(ctx context.Context, b *Bench, s *Server) error {
	sink, err := NewMailSink()
	if err != nil {
		return err
	}
	defer sink.Close()
	s.env = append(s.env, "HEED_SMTP_URL=smtp://"+sink.Addr+"?tls=none&pool=8&reuse=100000")
	if err := b.start(ctx, s, mailJourney); err != nil {
		return err
	}
	due := time.Now().Add(time.Duration(float64(b.Mails)/4_000*float64(time.Second)) + 10*time.Second)
	if _, err := b.join(ctx, s, b.Mails, due); err != nil {
		return err
	}
	if wait := time.Until(due); wait > 0 {
		time.Sleep(wait)
	}
	began := time.Now()
	for last, still := int64(0), time.Now(); sink.Count() < int64(b.Mails); time.Sleep(20 * time.Millisecond) {
		if n := sink.Count(); n != last {
			last, still = n, time.Now()
		} else if time.Since(still) > time.Minute {
			return fmt.Errorf("%d of %d mails came, and no more come", n, b.Mails)
		}
	}
	took := time.Since(began)
	b.say("mails", "%d governed sends, each decided, reserved, recorded: %s, %.0f messages/s", b.Mails, took.Round(10*time.Millisecond), float64(b.Mails)/took.Seconds())
	return nil
}
