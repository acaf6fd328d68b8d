package app_test

import (
	"bufio"
	"net"
	"strings"
	"testing"
)

// answering is an SMTP server that takes every mail with this answer; its URL.
func answering(t testing.TB, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go talk(c, answer)
		}
	}()
	return "smtp://" + l.Addr().String() + "?tls=none"
}

// talk is one conversation, in the words that our client uses.
func talk(c net.Conn, answer string) {
	defer func() { _ = c.Close() }()
	say := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
	say("220 test")
	r := bufio.NewScanner(c)
	for r.Scan() {
		switch word, _, _ := strings.Cut(strings.ToUpper(r.Text()), " "); word {
		case "DATA":
			say("354 go on")
			for r.Scan() && r.Text() != "." {
			}
			say(answer)
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
