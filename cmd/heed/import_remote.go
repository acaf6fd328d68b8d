package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
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
	one, err := c.upload(ctx, bar(began))
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

// upload sends mapping and file as a form, as they are read.
func (c *importCmd) upload(ctx context.Context, progress func(importer.Progress)) (one api.Import, err error) {
	mapping, err := os.ReadFile(c.Map)
	if err != nil {
		return one, err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return one, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return one, err
	}
	out, in := io.Pipe()
	form := multipart.NewWriter(in)
	go func() {
		err := form.WriteField("mapping", string(mapping))
		var part io.Writer
		if err == nil {
			part, err = form.CreateFormFile("file", filepath.Base(c.File))
		}
		if err == nil {
			_, err = io.Copy(part, &counted{r: file, size: info.Size(), progress: progress})
		}
		_ = in.CloseWithError(errors.Join(err, form.Close()))
	}()
	res, err := c.request(ctx, http.MethodPost, "/api/v1/imports", form.FormDataContentType(), out)
	if err != nil {
		return one, err
	}
	defer func() { _ = res.Body.Close() }()
	return one, json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&one)
}

// counted tells how much of a file has been read.
type counted struct {
	r          io.Reader
	done, size int64
	progress   func(importer.Progress)
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.done += int64(n)
	c.progress(importer.Progress{Bytes: c.done, Size: c.size})
	return n, err
}

// request sends something other than JSON, without a bound on how long it takes. An error that the server explains is
// returned as one.
func (r *remote) request(ctx context.Context, method, path, kind string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(r.URL, "/")+path, body)
	if err != nil {
		return nil, heed.FieldErrorf("url", "%v", err)
	}
	req.Header.Set("Authorization", "Bearer "+r.APIKey)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, heed.Errorf(heed.Unavailable, "Heed does not answer at %s: %v", r.URL, err)
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
	res, err := r.request(ctx, http.MethodGet, path, "", nil)
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
