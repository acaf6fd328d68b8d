package email_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/internal/spec"
)

// realistic is a mail of about 4 KB with a loop, conditions and five links.
func realistic(t testing.TB, setup email.Setup) *channel.Specs {
	s := brand(t, setup)
	html := `<html><head><style>p{color:#333}</style></head><body><h1>Hello {{ person.first_name | default: "friend" }}</h1>` +
		strings.Repeat(`<p>A paragraph of text about our looms, with <a href="https://lumen.example/a?x={{ message.id }}">a link</a> and words that fill the line up to a usual length. Whatever else we say, we say it with care.</p>`, 5) +
		`<ul>{% for i in event.items %}<li>{{ i.name }}: {{ i.price }}</li>{% endfor %}</ul>{% if person.city == "Lisbon" %}<p>See you at the shop.</p>{% endif %}<p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p></body></html>`
	s.Templates["real"] = spec.Spec{Kind: spec.Template, Name: "real", Version: 1, Body: body(t, map[string]any{"channel": "email", "subject": "News for {{ person.first_name }}", "html": html})}
	return s
}

func realMessages(n int) []heed.Claimed {
	out := make([]heed.Claimed, n)
	for i := range out {
		out[i] = message(i, fmt.Sprintf("p%d@example.com", i))
		out[i].Message.Template = "real"
		out[i].Message.Vars = `{"items":[{"name":"Scarf","price":19.5},{"name":"Blanket & throw","price":89}]}`
	}
	return out
}

// BenchmarkCompose renders and encodes one mail.
func BenchmarkCompose(b *testing.B) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	for name, setup := range map[string]email.Setup{
		"plain": {}, "tracked": {Tracking: email.Tracking{Opens: true, Clicks: true}},
		"ed25519": {DKIM: []email.DKIM{{Domain: "lumen.example", Selector: "s", Key: pkcs8(b, ed)}}},
		"rsa2048": {DKIM: []email.DKIM{{Domain: "lumen.example", Selector: "s", Key: pkcs8(b, rsaKey)}}},
	} {
		b.Run(name, func(b *testing.B) {
			e := connect(b, "smtp://127.0.0.1:1?tls=none", realistic(b, setup), nil)
			c := realMessages(1)[0]
			n, err := email.Compose(e, c)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(n))
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if _, err := email.Compose(e, c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSMTP sends whole mails to a go-smtp server in the same process and reports mails per second.
func BenchmarkSMTP(b *testing.B) {
	for _, workers := range []int{4, 8} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			var n atomic.Int64
			s := sink{count: func() { n.Add(1) }}
			s.start(b, "", nil, false)
			e := connect(b, fmt.Sprintf("smtp://%s?tls=none&pool=%d&reuse=1000000", s.addr, workers), realistic(b, email.Setup{}), nil)
			batch := realMessages(64)
			b.ReportAllocs()
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for {
						take := left.Add(-64) + 64
						if take <= 0 {
							return
						}
						if _, err := e.Deliver(context.Background(), batch[:min(64, take)]); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			if n.Load() != int64(b.N) {
				b.Fatalf("the server has %d mails, want %d", n.Load(), b.N)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}
