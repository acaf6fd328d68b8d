package load

import (
	"bufio"
	"bytes"
	"net"
	"strings"
	"sync/atomic"
)

// MailSink takes mails over SMTP, counts them and forgets them; it does as little as a server may.
type MailSink struct {
	Addr  string
	count atomic.Int64
	l     net.Listener
}

// NewMailSink listens on a free port.
func NewMailSink() (*MailSink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &MailSink{Addr: l.Addr().String(), l: l}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s, nil
}

// Count is how many mails were taken.
func (s *MailSink) Count() int64 { return s.count.Load() }

// Close stops listening.
func (s *MailSink) Close() { _ = s.l.Close() }

func (s *MailSink) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in, out := bufio.NewReaderSize(conn, 64<<10), bufio.NewWriter(conn)
	say := func(text string) { _, _ = out.WriteString(text + "\r\n") }
	say("220 sink ESMTP")
	for {
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.TrimSpace(line)); {
		case strings.HasPrefix(verb, "EHLO"):
			say("250-sink\r\n250-PIPELINING\r\n250 8BITMIME")
		case verb == "DATA":
			say("354 go on")
			if out.Flush() != nil || !skipData(in) {
				return
			}
			s.count.Add(1)
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			_ = out.Flush()
			return
		default:
			say("250 ok")
		}
	}
}

func skipData(in *bufio.Reader) bool {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			return false
		}
		if bytes.Equal(line, []byte(".\r\n")) {
			return true
		}
	}
}
