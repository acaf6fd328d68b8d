package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect/importer"
)

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

const askEvery = 300 * time.Millisecond

// through hands the file to a running server and waits until it is imported.
func (c *importCmd) through(ctx context.Context) error {
	if c.APIKey == "" {
		return heed.FieldErrorf("api-key", "a server works in %s: name one of its API keys with --api-key or HEED_API_KEY, so that the file can be imported through it", c.Data)
	}
	began := time.Now()
	one, err := c.handOver(ctx, bar(began))
	if err != nil {
		fmt.Fprintln(os.Stderr)
		return err
	}
	fmt.Fprintf(os.Stderr, "\nhanded over as import %s\n", one.ID)
	began = time.Now()
	show := bar(began)
	for one.State == "waiting" || one.State == "running" {
		select {
		case <-ctx.Done():
			fmt.Fprintln(os.Stderr, "\nThe server goes on by itself.")
			return ctx.Err()
		case <-time.After(askEvery):
		}
		if err := c.call(ctx, http.MethodGet, "/api/v1/imports/"+one.ID, nil, &one); err != nil {
			return err
		}
		show(importer.Progress{Counts: importer.Counts{Lines: one.Lines, Rejected: one.Rejected}, Bytes: one.Bytes, Size: one.Total})
	}
	fmt.Fprintln(os.Stderr)
	if one.Detail != "" {
		fmt.Println(one.Detail)
	}
	if one.State != "done" {
		return fmt.Errorf("the import is %s", one.State)
	}
	fmt.Printf("%d lines: %d became events, %d left out by the mapping, %d rejected; %s\n",
		one.Lines, one.Accepted, one.Skipped, one.Rejected, time.Since(began).Round(time.Millisecond))
	if one.Rejected == 0 {
		return nil
	}
	if c.Rejects == "" {
		c.Rejects = c.File + ".rejects.csv"
	}
	if err := c.download(ctx, "/api/v1/imports/"+one.ID+"/rejects", c.Rejects); err != nil {
		return err
	}
	fmt.Println("Rejected lines, each with its reason:", c.Rejects)
	return nil
}

// request sends something other than JSON, with the headers given as names and values, without a bound on how long it
// takes. An error that the server explains is returned as one.
func (r *remote) request(ctx context.Context, method, path string, body io.Reader, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(r.URL, "/")+path, body)
	if err != nil {
		return nil, heed.FieldErrorf("url", "%v", err)
	}
	req.Header.Set("Authorization", "Bearer "+r.APIKey)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, silent(r.URL, err)
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	return nil, problemOf(res.Status, text)
}

func (r *remote) download(ctx context.Context, path, to string) error {
	res, err := r.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	file, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, res.Body)
	return errors.Join(err, file.Close())
}
