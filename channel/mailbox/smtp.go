package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// Handler is told of a mail before it is kept; an error refuses the mail for now (451).
type Handler func(ctx context.Context, from, to string, data []byte) error

// Server takes mail over SMTP into a mailbox. It has no login and no TLS: it listens on this machine only.
type Server struct {
	box     *Mailbox
	handler Handler
	log     *slog.Logger
	smtp    *smtp.Server
	addr    string
	l       net.Listener
	done    chan struct{}
}

// Listen starts a server at addr, such as 127.0.0.1:0. It refuses addresses that other machines can reach. handler
// may be nil; bounce.Intake's Handle is one.
func Listen(addr string, box *Mailbox, handler Handler, log *slog.Logger) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		_ = l.Close()
		return nil, fmt.Errorf("mailbox: %s can be reached from other machines: listen on 127.0.0.1", addr)
	}
	s := &Server{box: box, handler: handler, log: log, addr: l.Addr().String(), l: l, done: make(chan struct{})}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{s: s}, nil }))
	s.smtp.Domain = "mailbox.heed"
	s.smtp.MaxMessageBytes = MaxMail
	s.smtp.MaxRecipients = 1
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ReadTimeout = 5 * time.Minute
	s.smtp.WriteTimeout = time.Minute
	s.smtp.ErrorLog = quiet{log}
	go func() {
		defer close(s.done)
		if err := s.smtp.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			log.Error("the mailbox stopped", "error", err)
		}
	}()
	return s, nil
}

// URL is what senders use to reach it: smtp://127.0.0.1:PORT?tls=none.
func (s *Server) URL() string { return "smtp://" + s.addr + "?tls=none" }

// Close stops the server and ends its connections.
func (s *Server) Close() error {
	err := s.smtp.Close()
	_ = s.l.Close() // the library closes it only once it has begun to serve
	<-s.done
	return err
}

type session struct {
	s        *Server
	from, to string
}

func (x *session) Reset()        { x.from, x.to = "", "" }
func (x *session) Logout() error { return nil }

func (x *session) Mail(from string, _ *smtp.MailOptions) error { x.from = from; return nil }
func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error   { x.to = to; return nil }

func (x *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r) // the server has bounded it
	if err != nil {
		return err
	}
	if x.s.handler != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := x.s.handler(ctx, x.from, x.to, data); err != nil {
			x.s.log.Warn("a mail is refused for now", "error", err)
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
		}
	}
	x.s.box.Put(x.from, x.to, data)
	return nil
}

// quiet sends the library's complaints about clients that hang up to the debug level.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(format string, v ...any) { q.log.Debug("mailbox: " + fmt.Sprintf(format, v...)) }
func (q quiet) Println(v ...any)               { q.log.Debug("mailbox: " + fmt.Sprint(v...)) }
