package email_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel/email"
)

func TestTLSAndLogin(t *testing.T) {
	conf, roots := certificate(t)
	trust := func(c *email.Config) { c.Roots = roots }
	for _, c := range []struct {
		name, query string
		implicit    bool
		change      func(*email.Config)
		user        string
		want        string // part of the error, "" is success
	}{
		{name: "starttls", query: "", change: trust, user: "u:p%2Fw@"},
		{name: "implicit", query: "?tls=implicit", implicit: true, change: trust, user: "u:p%2Fw@"},
		{name: "wrong password", query: "", change: trust, user: "u:wrong@", want: "login"},
		{name: "unknown authority", query: "", change: func(c *email.Config) { c.Roots = x509.NewCertPool() }, user: "u:p%2Fw@", want: "certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sink{user: "u", password: "p/w"}
			s.start(t, "", conf, c.implicit)
			e := connect(t, "smtp://"+c.user+s.addr+c.query, brand(t, email.Setup{}), c.change)
			cfg, err := email.ParseURL("smtp://" + c.user + s.addr + c.query)
			if err != nil {
				t.Fatal(err)
			}
			c.change(&cfg)
			if err := cfg.Reach(context.Background()); (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("reached with %v", err)
			}
			got, err := e.Deliver(context.Background(), []heed.Claimed{message(1, "a@example.com")})
			if c.want == "" {
				if err != nil || len(got) != 1 || got[0].State != heed.MessageSent {
					t.Errorf("got %v, %v", got, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || len(got) != 0 || len(s.taken()) != 0 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	t.Run("no TLS offered", func(t *testing.T) {
		var s sink
		s.start(t, "", nil, false)
		e := connect(t, "smtp://"+s.addr, brand(t, email.Setup{}), nil)
		if _, err := e.Deliver(context.Background(), []heed.Claimed{message(1, "a@example.com")}); err == nil || !strings.Contains(err.Error(), "tls=none") {
			t.Errorf("got %v", err)
		}
	})
}

func TestKeptConnectionsThatDied(t *testing.T) {
	var s sink
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none&pool=2", brand(t, email.Setup{}), nil)
	deliver(t, e, message(1, "a@example.com"))
	s.stop()
	if got, err := e.Deliver(context.Background(), []heed.Claimed{message(2, "a@example.com")}); err == nil || len(got) != 0 {
		t.Errorf("the server is down: got %v, %v", got, err)
	}
	var again sink
	again.start(t, s.addr, nil, false)
	if r := deliver(t, e, message(2, "a@example.com"))[message(2, "").Message.ID]; r.State != heed.MessageSent {
		t.Errorf("got %+v", r)
	}
	if len(again.taken()) != 1 {
		t.Errorf("%d mails", len(again.taken()))
	}
}

// script is a server that says exactly what the test wants: lines in, answers out.
func script(t *testing.T, pipelining bool, answer func(conn, mail int, line string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c, n, pipelining, answer)
		}
	}()
	return l.Addr().String()
}

func serve(c net.Conn, n int, pipelining bool, answer func(conn, mail int, line string) string) {
	defer func() { _ = c.Close() }()
	fmt.Fprint(c, "220 script\r\n")
	r := bufio.NewReader(c)
	mail, inData := 0, false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		if inData && line != "." {
			continue
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		reply := ""
		switch {
		case verb == "EHLO" && pipelining:
			reply = "250-script\r\n250 PIPELINING"
		case verb == "EHLO":
			if r.Buffered() > 0 {
				return
			}
			reply = "250 script"
		case inData:
			inData = false
			reply = answer(n, mail, ".")
		default:
			if verb == "MAIL" {
				mail++
			}
			if !pipelining && r.Buffered() > 0 {
				return // somebody pipelines although we did not offer it
			}
			if reply = answer(n, mail, verb); verb == "DATA" && strings.HasPrefix(reply, "354") {
				inData = true
			}
		}
		if reply == "" {
			return
		}
		fmt.Fprint(c, reply+"\r\n")
	}
}

func usual(verb string) string {
	if verb == "DATA" {
		return "354 go on"
	}
	return "250 fine"
}

func TestWithoutPipelining(t *testing.T) {
	addr := script(t, false, func(_, mail int, line string) string {
		if mail == 2 && line == "RCPT" {
			return "550 5.1.1 nobody"
		}
		return usual(line)
	})
	e := connect(t, "smtp://"+addr+"?tls=none&pool=1", brand(t, email.Setup{}), nil)
	batch := []heed.Claimed{message(1, "a@example.com"), message(2, "b@example.com"), message(3, "c@example.com")}
	got := deliver(t, e, batch...)
	for i, want := range []heed.MessageState{heed.MessageSent, heed.MessageBounced, heed.MessageSent} {
		if r := got[batch[i].Message.ID]; r.State != want {
			t.Errorf("%d: %+v", i, r)
		}
	}
}

// What the server had in full and did not answer is unknown and not sent again; what it never had goes another way.
func TestConnectionBreaks(t *testing.T) {
	for _, pipelining := range []bool{true, false} {
		for _, c := range []struct {
			name string
			at   string // where the first connection ends, at its second mail
			want heed.MessageState
		}{{"before MAIL", "MAIL", heed.MessageSent}, {"at DATA", "DATA", heed.MessageSent}, {"after the dot", ".", heed.MessageUnknown}} {
			t.Run(fmt.Sprintf("%s/%v", c.name, pipelining), func(t *testing.T) {
				taken := make(chan int, 100)
				addr := script(t, pipelining, func(conn, mail int, line string) string {
					if conn == 1 && mail == 2 && line == c.at {
						return ""
					}
					if line == "." {
						taken <- conn
					}
					return usual(line)
				})
				e := connect(t, "smtp://"+addr+"?tls=none&pool=1", brand(t, email.Setup{}), nil)
				batch := []heed.Claimed{message(1, "a@example.com"), message(2, "b@example.com"), message(3, "c@example.com")}
				got := deliver(t, e, batch...)
				for i, want := range []heed.MessageState{heed.MessageSent, c.want, heed.MessageSent} {
					if r := got[batch[i].Message.ID]; r.State != want {
						t.Errorf("%d: %+v", i, r)
					}
				}
				want := 3
				if c.want == heed.MessageUnknown {
					want = 2
				}
				if len(taken) != want {
					t.Errorf("the server took %d mails, want %d", len(taken), want)
				}
			})
		}
	}
}

func TestServerThatIsClosing(t *testing.T) {
	addr := script(t, true, func(conn, mail int, line string) string {
		if mail > 1 {
			return "421 4.7.0 enough for this connection"
		}
		return usual(line)
	})
	e := connect(t, "smtp://"+addr+"?tls=none&pool=1", brand(t, email.Setup{}), nil)
	for _, r := range deliver(t, e, message(1, "a@example.com"), message(2, "b@example.com"), message(3, "c@example.com")) {
		if r.State != heed.MessageSent {
			t.Errorf("got %+v", r)
		}
	}
}

func TestParseURL(t *testing.T) {
	c, err := email.ParseURL("smtps://me%40x:se%3Acret@mail.example.com?pool=3&rate=12.5&reuse=7&timeout=9s&hello=h.example")
	if err != nil || c.Addr != "mail.example.com:465" || c.User != "me@x" || c.Password != "se:cret" || c.TLS != email.Implicit || c.Pool != 3 || c.Rate != 12.5 || c.Reuse != 7 || c.Hello != "h.example" {
		t.Errorf("got %+v, %v", c, err)
	}
	if c, err := email.ParseURL("smtp://mail.example.com"); err != nil || c.Addr != "mail.example.com:587" || c.TLS != email.StartTLS {
		t.Errorf("got %+v, %v", c, err)
	}
	for _, bad := range []string{"", "http://x", "smtp://", "smtp://x?tls=maybe", "smtp://x?pool=0", "smtp://x?pol=3", "smtp://x?rate=NaN", "smtp://x/path", "smtp://x?timeout=1h", "smtp://u:geheim%@x"} {
		if _, err := email.ParseURL(bad); heed.CodeOf(err) != heed.Invalid || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

// The server takes one connection at a time; the pool may have four. Everything goes over the one.
func TestServerWithFewerConnectionsThanThePool(t *testing.T) {
	var open atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var taken atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if open.Add(1) > 1 {
				fmt.Fprint(c, "421 too many connections\r\n")
				_ = c.Close()
				open.Add(-1)
				continue
			}
			go func() {
				defer open.Add(-1)
				serve(c, 1, true, func(_, _ int, line string) string {
					if line == "." {
						taken.Add(1)
					}
					return usual(line)
				})
			}()
		}
	}()
	e := connect(t, "smtp://"+l.Addr().String()+"?tls=none&pool=4", brand(t, email.Setup{}), nil)
	deliver(t, e, message(200, "a@example.com")) // the one connection is there
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for _, r := range deliver(t, e, message(2*i, "a@example.com"), message(2*i+1, "b@example.com")) {
				if r.State != heed.MessageSent {
					t.Errorf("got %+v", r)
				}
			}
		})
	}
	wg.Wait()
	if taken.Load() != 17 {
		t.Errorf("%d mails", taken.Load())
	}
}
