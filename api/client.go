package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/heedcx/heed"
)

// Client speaks to a running Heed, for the command line and for tests.
type Client struct {
	URL  string       // such as http://localhost:8686
	Key  string       // an API key
	HTTP *http.Client // nil: the default one
}

// maxAnswer bounds what a client reads.
const maxAnswer = 64 << 20

// Do sends in (nil: nothing) as JSON to a path below /api/v1 and decodes the answer into out (nil: forgets it). An error
// that the server explains is a *heed.Error with its code.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.URL, "/")+Prefix+path, body)
	if err != nil {
		return heed.FieldErrorf("url", "%q is not a URL such as http://localhost:8686", c.URL)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.Key)
	}
	hc := c.HTTP
	if hc == nil {
		hc = http.DefaultClient
	}
	res, err := hc.Do(req)
	if err != nil {
		return &heed.Error{Code: heed.Unavailable, Message: "Heed does not answer at " + c.URL + ": is it running?", Cause: err}
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return &heed.Error{Code: heed.Unavailable, Message: "The answer broke off.", Cause: err}
	}
	if res.StatusCode >= 300 {
		return remoteError(res.StatusCode, raw)
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("the answer of %s %s is not what we expect: %w", method, path, err)
	}
	return nil
}

// remoteError turns a problem back into an error; every single thing that is wrong goes on a line of its own.
func remoteError(status int, raw []byte) error {
	var p Problem
	if json.Unmarshal(raw, &p) != nil || p.Detail == "" {
		return heed.Errorf(codeOf(status), "%d %s", status, http.StatusText(status))
	}
	text := p.Detail
	if len(p.Errors) > 0 {
		var lines []string
		for _, e := range p.Errors {
			line := e.Detail
			if e.Field != "" {
				line = e.Field + ": " + line
			}
			if e.Where != "" {
				line = e.Where + ": " + line
			}
			lines = append(lines, line)
		}
		text = strings.Join(lines, "\n")
	}
	return &heed.Error{Code: p.Code, Message: text}
}

// Plan asks what applying the files would change.
func (c *Client) Plan(ctx context.Context, f Files) (out PlanOut, err error) {
	return out, c.Do(ctx, http.MethodPost, "/specs/plan", f, &out)
}

// Apply applies the files, if nothing has changed since the plan with this token was made ("" whatever has).
func (c *Client) Apply(ctx context.Context, f Files, token string) (out PlanOut, err error) {
	path := "/specs/apply"
	if token != "" {
		path += "?token=" + url.QueryEscape(token)
	}
	return out, c.Do(ctx, http.MethodPost, path, f, &out)
}

// Export returns what is configured as YAML files by name.
func (c *Client) Export(ctx context.Context) (map[string]string, error) {
	var out FilesOut
	err := c.Do(ctx, http.MethodGet, "/specs/export", nil, &out)
	return out.Files, err
}
