package webhook

import (
	"context"
	"io"
	"net/http"
)

// Reach asks whether something answers at a web address, as a receiver of webhooks is asked: never at a private address
// unless that is allowed, and without following redirects. It returns the HTTP status, or an error that says why there
// is none.
func (h *Webhook) Reach(ctx context.Context, url string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", "Heed-Links/1")
	res, err := h.client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.CopyN(io.Discard, res.Body, 1<<10)
	return res.StatusCode, res.Body.Close()
}
