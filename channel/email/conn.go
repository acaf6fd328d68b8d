package email

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// mail is one message as SMTP sees it.
type mail struct {
	from, to string
	utf8     bool // an address needs SMTPUTF8
	data     []byte
}

// reply is the server's answer to one command; code 0 is none.
type reply struct {
	code int
	text string
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.code, r.text) }

// conn is one connection, used by one goroutine at a time.
type conn struct {
	raw       net.Conn
	c         *smtp.Client
	timeout   time.Duration
	pipelined bool
	utf8      bool
	used      int
}

// errNotSent means that the connection ended before the server had the mail's last byte, so it can go another way.
var errNotSent = errors.New("the connection ended before the mail was handed over")

func dial(ctx context.Context, cfg Config) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, min(cfg.Timeout, 30*time.Second))
	defer cancel()
	host, _, _ := net.SplitHostPort(cfg.Addr)
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() }) // the handshake below knows no context
	defer stop()
	var nc net.Conn = raw
	if cfg.TLS == Implicit {
		nc = tls.Client(raw, cfg.tls())
	}
	k := &conn{raw: raw, timeout: cfg.Timeout}
	if err := k.handshake(nc, host, cfg); err != nil {
		_ = raw.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer in time: %w", ctx.Err())
		}
		return nil, err
	}
	return k, nil
}

// Reach connects as a sender does, with TLS and login, hands over nothing and says goodbye.
func (c Config) Reach(ctx context.Context) error {
	k, err := dial(ctx, c)
	if err != nil {
		return err
	}
	k.quit()
	return nil
}

func (k *conn) handshake(nc net.Conn, host string, cfg Config) (err error) {
	if k.c, err = smtp.NewClient(nc, host); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	if err = k.c.Hello(cfg.Hello); err != nil {
		return fmt.Errorf("EHLO: %w", err)
	}
	if cfg.TLS == StartTLS {
		if ok, _ := k.c.Extension("STARTTLS"); !ok {
			return errors.New("the server offers no STARTTLS; if that is meant, say tls=none in the SMTP URL")
		}
		if err = k.c.StartTLS(cfg.tls()); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	}
	if cfg.User != "" {
		if err = k.c.Auth(k.auth(host, cfg)); err != nil {
			return fmt.Errorf("login: %w", err)
		}
	}
	k.pipelined, _ = k.c.Extension("PIPELINING")
	k.utf8, _ = k.c.Extension("SMTPUTF8")
	return nil
}

func (k *conn) auth(host string, cfg Config) smtp.Auth {
	_, offered := k.c.Extension("AUTH")
	offered = " " + strings.ToUpper(offered) + " "
	switch {
	case cfg.Auth == "scram" || cfg.Auth == "" && strings.Contains(offered, " SCRAM-SHA-256 "):
		return smtp.ScramSHA256Auth(cfg.User, cfg.Password)
	case cfg.Auth == "login" || cfg.Auth == "" && !strings.Contains(offered, " PLAIN ") && strings.Contains(offered, " LOGIN "):
		return smtp.LoginAuth(cfg.User, cfg.Password, host, false)
	}
	return smtp.PlainAuth("", cfg.User, cfg.Password, host, false) // never over a plain connection to another machine
}

func (k *conn) close() {
	_ = k.raw.SetDeadline(time.Unix(1, 0)) // a connection in trouble gets no farewell
	_ = k.c.Close()
	_ = k.raw.Close()
}

// quit says goodbye to a connection in order.
func (k *conn) quit() {
	k.patience()
	_ = k.c.Text.PrintfLine("QUIT")
	_ = k.c.Close()
}

// patience starts the clock for the next answer.
func (k *conn) patience() { _ = k.raw.SetDeadline(deadline(k.timeout)) }

// deadline is a moment of the network's time, which no virtual clock moves.
func deadline(d time.Duration) time.Time { return time.Now().Add(d) }

// result is what became of one mail.
type result struct {
	stage string // mail, rcpt, data, body: where the answer came
	reply reply
	err   error // errNotSent, or why nobody knows
}

// send hands the mails over, in order, and calls done for each that got an answer. It returns how many it is done with
// and an error when the connection is of no more use; the others were not handed over.
//
// With PIPELINING (RFC 2920) the commands of the next mail travel behind the body of this one: one round trip a mail.
func (k *conn) send(mails []*mail, done func(i int, r result)) (int, error) {
	queued := 0 // answers to a RSET that are still to come
	if err := k.open(mails[0]); err != nil {
		return 0, err
	}
	for i, m := range mails {
		var next *mail
		if i+1 < len(mails) {
			next = mails[i+1]
		}
		for ; queued > 0; queued-- {
			if _, err := k.read(); err != nil {
				return i, err
			}
		}
		r, err := k.envelope(m)
		if err != nil {
			return i, err
		}
		if r.reply.code == 421 { // it is closing, and has not said no to this mail
			return i, fmt.Errorf("%w: %s", errNotSent, r.reply)
		}
		k.used++
		if r.stage != "body" { // refused before the body
			done(i, r)
			if next != nil {
				_, _ = k.c.Text.W.WriteString("RSET\r\n")
				queued++
				if err := k.reset(next, &queued); err != nil {
					return i + 1, err
				}
			} else if err := k.rset(); err != nil {
				return i + 1, err
			}
			continue
		}
		if err := k.body(m, next); err != nil {
			done(i, result{stage: "body", err: err})
			return i + 1, err
		}
		got, err := k.read()
		if err != nil { // it has all of the mail; whether it took it nobody knows
			done(i, result{stage: "body", err: err})
			return i + 1, err
		}
		done(i, result{stage: "body", reply: got})
		if got.code == 421 {
			return i + 1, fmt.Errorf("%w: %s", errNotSent, got)
		}
		if next != nil && !k.pipelined {
			if err := k.open(next); err != nil {
				return i + 1, err
			}
		}
	}
	return len(mails), nil
}

// open writes the commands that start a mail; a server without PIPELINING gets them one by one in envelope.
func (k *conn) open(m *mail) error {
	if !k.pipelined {
		return nil
	}
	k.patience()
	k.group(m)
	return k.c.Text.W.Flush()
}

func (k *conn) group(m *mail) {
	w := k.c.Text.W
	_, _ = w.WriteString("MAIL FROM:<" + m.from + ">" + k.param(m) + "\r\nRCPT TO:<" + m.to + ">\r\nDATA\r\n")
}

func (k *conn) param(m *mail) string {
	if m.utf8 {
		return " SMTPUTF8"
	}
	return ""
}

// reset goes on with the next mail after a refused one.
func (k *conn) reset(next *mail, queued *int) error {
	if !k.pipelined {
		if err := k.c.Text.W.Flush(); err != nil {
			return err
		}
		_, err := k.read()
		*queued--
		return err
	}
	return k.open(next)
}

// rset leaves the connection ready for whoever comes next.
func (k *conn) rset() error {
	_, err := k.ask("RSET")
	return err
}

// envelope gets the answers to MAIL, RCPT and DATA. Stage "body" means that the server waits for the mail.
func (k *conn) envelope(m *mail) (result, error) {
	var got [3]reply
	stages := [3]string{"mail", "rcpt", "data"}
	lines := [3]string{"MAIL FROM:<" + m.from + ">" + k.param(m), "RCPT TO:<" + m.to + ">", "DATA"}
	refused := -1
	for i := range got {
		var err error
		if k.pipelined {
			got[i], err = k.read()
		} else {
			got[i], err = k.ask(lines[i])
		}
		if err != nil {
			if refused >= 0 { // the server said no and hung up
				return result{stage: stages[refused], reply: got[refused]}, nil
			}
			return result{}, fmt.Errorf("%w: %v", errNotSent, err)
		}
		if got[i].code >= 400 && refused < 0 {
			if refused = i; !k.pipelined || got[i].code == 421 {
				break
			}
		}
	}
	if refused < 0 {
		return result{stage: "body", reply: got[2]}, nil
	}
	if got[2].code == 354 { // it waits for a mail without a recipient: end it
		if _, err := k.ask("."); err != nil {
			return result{stage: stages[refused], reply: got[refused]}, nil
		}
	}
	return result{stage: stages[refused], reply: got[refused]}, nil
}

// body writes the mail, the end of it and, where that is understood, the commands for the next one.
func (k *conn) body(m, next *mail) error {
	k.patience()
	w := k.c.Text.W
	data := m.data
	if bytes.Contains(data, []byte("\n.")) {
		data = bytes.ReplaceAll(data, []byte("\n."), []byte("\n.."))
	}
	_, _ = w.Write(data)
	_, _ = w.WriteString(".\r\n")
	if next != nil && k.pipelined {
		k.group(next)
	}
	return w.Flush()
}

func (k *conn) ask(line string) (reply, error) {
	k.patience()
	_, _ = k.c.Text.W.WriteString(line + "\r\n")
	if err := k.c.Text.W.Flush(); err != nil {
		return reply{}, err
	}
	return k.read()
}

func (k *conn) read() (reply, error) {
	code, text, err := k.c.Text.ReadResponse(0)
	return reply{code, text}, err
}
