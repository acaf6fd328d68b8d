package faults_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// sink is an SMTP server that remembers which messages it has taken, and how often.
type sink struct {
	t    *testing.T
	addr string
	// pause, if any, is the most that a mail takes before and again after it is taken.
	pause time.Duration

	mu     sync.Mutex
	taken  map[string]int    // X-Heed-Message -> how often
	about  map[string]string // X-Heed-Message -> Subject
	at     map[string]time.Time
	server *smtp.Server
	door   net.Listener
	closed chan struct{}
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{t: t, addr: "127.0.0.1:0", taken: map[string]int{}, about: map[string]string{}, at: map[string]time.Time{}}
	s.up()
	t.Cleanup(s.down)
	return s
}

// up serves, on the same port as before.
func (s *sink) up() {
	s.t.Helper()
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.addr = l.Addr().String()
	server := smtp.NewServer(s)
	server.Domain, server.ErrorLog = "sink.example", quiet{}
	closed := make(chan struct{})
	s.server, s.door, s.closed = server, l, closed
	go func() { defer close(closed); _ = server.Serve(l) }()
}

// down drops every connection and refuses new ones.
func (s *sink) down() {
	if s.server != nil {
		_ = s.server.Close()
		_ = s.door.Close() // Serve may not have come to it yet
		<-s.closed
		s.server = nil
	}
}

// url is what --smtp-url takes.
func (s *sink) url() string { return "smtp://" + s.addr + "?tls=none" }

// count is how many mails have been taken.
func (s *sink) count() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, times := range s.taken {
		n += times
	}
	return n
}

// mails is a copy of what has been taken: message id -> how often, and its subject.
func (s *sink) mails() (taken map[string]int, about map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken, about = map[string]int{}, map[string]string{}
	for id, n := range s.taken {
		taken[id], about[id] = n, s.about[id]
	}
	return taken, about
}

// NewSession implements smtp.Backend.
func (s *sink) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{s}, nil }

type session struct{ s *sink }

func (x *session) Reset()                               {}
func (x *session) Logout() error                        { return nil }
func (x *session) Mail(string, *smtp.MailOptions) error { return nil }
func (x *session) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data takes a mail: from here on it counts as delivered, whether or not the sender reads our answer.
func (x *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		return err
	}
	id := m.Header.Get("X-Heed-Message")
	if id == "" {
		return errors.New("a mail without X-Heed-Message")
	}
	before, after := x.s.slow()
	time.Sleep(before)
	x.s.mu.Lock()
	x.s.taken[id]++
	x.s.about[id], x.s.at[id] = m.Header.Get("Subject"), time.Now()
	x.s.mu.Unlock()
	time.Sleep(after)
	return nil
}

// slow draws how long a mail takes before it counts as taken, and from then until the sender hears of it.
func (s *sink) slow() (before, after time.Duration) {
	if s.pause == 0 {
		return 0, 0
	}
	return time.Duration(rand.Int64N(int64(s.pause))), time.Duration(rand.Int64N(int64(s.pause)))
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
