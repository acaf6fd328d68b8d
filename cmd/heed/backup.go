package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
)

type backupCmd struct {
	app.Config `embed:""`
	remote     `embed:""`
	File       string `arg:"" help:"File to write; it must not exist." type:"path"`
}

// Run copies everything into a file: through the Heed that works in the data folder, or, when none does, by itself.
func (c *backupCmd) Run(ctx context.Context) (err error) {
	part := c.File + ".part"
	for _, path := range []string{c.File, part} {
		if exists(path) {
			return heed.FieldErrorf("file", "%s exists already: name another file", path)
		}
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return heed.FieldErrorf("file", "%v", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	began := time.Now()
	if app.InUse(c.Data) || c.APIKey != "" && !exists(c.Data) {
		err = c.download(ctx, f)
	} else {
		err = c.own(ctx, f)
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if err := app.CheckBackup(part); err != nil {
		return err
	}
	if err := os.Rename(part, c.File); err != nil {
		return err
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	fmt.Printf("%s holds everything that was acknowledged before %s: %d bytes, sums checked, in %s. Keep it like the data itself.\n",
		c.File, began.Format(time.DateTime), info.Size(), time.Since(began).Round(time.Millisecond))
	if c.Retention > 0 {
		fmt.Printf("The stream keeps events for %s: history that is older is not in a backup.\n", c.Retention)
	}
	return nil
}

// own copies a data folder in which no Heed works.
func (c *backupCmd) own(ctx context.Context, w io.Writer) error {
	if !exists(c.Data) {
		return heed.FieldErrorf("data", "there is no %s", c.Data)
	}
	c.Roles, c.Addr = []string{"work"}, "127.0.0.1:0"
	if err := c.Validate(); err != nil {
		return err
	}
	a, err := app.Open(ctx, c.Config, version, c.Logger())
	if err != nil {
		return err
	}
	if err := a.Backup(ctx, w); err != nil {
		return stopped(err, a.Close())
	}
	return a.Close()
}

// download has the Heed that runs make the copy.
func (c *backupCmd) download(ctx context.Context, w io.Writer) error {
	if c.APIKey == "" {
		return heed.FieldErrorf("api-key", "a Heed works in %s: name an API key of the scope admin or backup:make with --api-key or HEED_API_KEY", c.Data)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.URL, "/")+"/api/v1/backup", nil)
	if err != nil {
		return heed.FieldErrorf("url", "%v", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.APIKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return silent(c.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return problemOf(res.Status, text)
	}
	if _, err := io.Copy(w, res.Body); err != nil {
		return heed.Errorf(heed.Unavailable, "the backup broke off: %v. The log of Heed says why", err)
	}
	return nil
}

type restoreCmd struct {
	app.Config `embed:""`
	File       string `arg:"" help:"What heed backup wrote." type:"existingfile"`
}

// Run puts a backup into an empty data folder.
func (c *restoreCmd) Run(ctx context.Context) error {
	if err := c.Validate(); err != nil {
		return err
	}
	began := time.Now()
	out, err := app.Restore(ctx, c.Config, c.File, c.Logger())
	if err != nil {
		return err
	}
	fmt.Printf("%s holds what Heed %s knew at %s; it took %s. Start it with `heed serve`: it folds what the stream holds beyond, and rebuilds history.\n",
		c.Data, out.Version, out.Made.Std().Format(time.RFC3339), time.Since(began).Round(time.Millisecond))
	return nil
}
