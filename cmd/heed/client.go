package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
)

// remote is a running Heed that a command talks to.
type remote struct {
	URL    string `help:"Where Heed runs." env:"HEED_URL" default:"http://localhost:8686" placeholder:"URL"`
	APIKey string `name:"api-key" help:"An API key that may do it." env:"HEED_API_KEY" placeholder:"KEY"`
}

// silent is the error of a server that does not answer.
func silent(url string, err error) error {
	return heed.Errorf(heed.Unavailable, "Heed does not answer at %s, where --url says that it runs: %v", url, err)
}

// call sends body, if any, as JSON and decodes the answer into out, if any.
func (r *remote) call(ctx context.Context, method, path string, body, out any) error {
	if r.APIKey == "" {
		return heed.FieldErrorf("api-key", "name an API key with --api-key or HEED_API_KEY (make one in the console, or with `heed key create`)")
	}
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(r.URL, "/")+path, in)
	if err != nil {
		return heed.FieldErrorf("url", "%v", err)
	}
	req.Header.Set("Authorization", "Bearer "+r.APIKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		return silent(r.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return problemOf(res.Status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// problemOf turns a problem+json answer into an error that shows all of it.
func problemOf(status string, text []byte) error {
	var p struct {
		Code   heed.Code
		Detail string
		Errors []struct{ Field, Message, Detail string }
	}
	if json.Unmarshal(text, &p) != nil || p.Detail == "" {
		return fmt.Errorf("%s: %.300s", status, text)
	}
	lines := []string{p.Detail}
	for _, e := range p.Errors {
		lines = append(lines, fmt.Sprintf("  %s: %s%s", e.Field, e.Message, e.Detail))
	}
	return heed.Errorf(p.Code, "%s", strings.Join(lines, "\n"))
}

// readSpecs reads the YAML and JSON files of the paths, folders included.
func readSpecs(paths []string) (map[string]string, error) {
	files := map[string]string{}
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return heed.FieldErrorf("files", "%v", err)
			}
			if d.IsDir() || path != root && !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)) {
				return nil
			}
			text, err := os.ReadFile(path)
			files[path] = string(text)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, heed.FieldErrorf("files", "there is no .yaml, .yml or .json file in %s", strings.Join(paths, ", "))
	}
	return files, nil
}
