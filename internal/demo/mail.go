package demo

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/heedcx/heed/channel/mailbox"
)

// Readers are customers with their mail: most glance at it, some follow a link, a few have had enough.
type Readers struct {
	Mailbox *mailbox.Mailbox
	URL     string // of Heed: only its own links are followed
	client  http.Client
	last    uint64
}

var links = regexp.MustCompile(`https?://[^\s"<>]+/([ocu])/[A-Za-z0-9_.\-]+`)

// Read lets somebody read the next mail.
func (r *Readers) Read(ctx context.Context, rnd *rand.Rand) {
	if r.Mailbox == nil {
		return
	}
	mails := r.Mailbox.List("", 0, 20)
	for i := len(mails) - 1; i >= 0; i-- {
		if mails[i].ID <= r.last {
			continue
		}
		r.last = mails[i].ID
		text := strings.ReplaceAll(strings.ReplaceAll(string(mails[i].Data), "=\r\n", ""), "=3D", "=")
		for _, m := range links.FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(m[0], r.URL) {
				continue
			}
			switch p := rnd.Float64(); {
			case m[1] == "o" && p < 0.7:
				r.visit(ctx, http.MethodGet, m[0])
			case m[1] == "c" && p < 0.2:
				r.visit(ctx, http.MethodGet, m[0])
			case m[1] == "u" && p < 0.02:
				r.visit(ctx, http.MethodPost, m[0])
				return
			}
		}
		return
	}
}

func (r *Readers) visit(ctx context.Context, method, url string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return
	}
	r.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the shop is not real
	if res, err := r.client.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
		_ = res.Body.Close()
	}
}
