package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/collect/importer"
)

type importCmd struct {
	app.Config `embed:""`
	remote     `embed:""`
	File       string `arg:"" help:"CSV or NDJSON file, plain or .gz." type:"existingfile"`
	Map        string `help:"Mapping file: which column is what (docs/collect.md)." required:"" type:"existingfile"`
	Rejects    string `help:"Where lines go that cannot be taken. Default: FILE.rejects.csv." type:"path"`
}

// importCacheMB is the page cache of SQLite in MiB while a file is imported with no server beside it.
const importCacheMB = 512

// Run imports a file into the data folder, or, while a server works there or there is none here, through that server.
func (c *importCmd) Run(ctx context.Context) error {
	if app.InUse(c.Data) || c.APIKey != "" && !exists(c.Data) {
		return c.through(ctx)
	}
	c.Roles = []string{"work", "history"}
	c.Addr = "127.0.0.1:0"
	// Nobody else waits for the store: a page that many rows change is written once, and stays in memory until then.
	c.MaxEvents = 24_000
	c.CacheMB = max(c.CacheMB, importCacheMB)
	if err := c.Validate(); err != nil {
		return err
	}
	a, err := app.Open(ctx, c.Config, version, c.Logger())
	if err != nil {
		return err
	}
	began := time.Now()
	res, err := a.Import(ctx, c.File, c.Map, c.Rejects, bar(began))
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return stopped(err, a.Close())
	}
	switch {
	case res.Already:
		fmt.Println("This file was imported before through this mapping: nothing to do.")
	default:
		took := time.Since(began)
		fmt.Printf("%d lines: %d became events, %d left out by the mapping, %d rejected; %s, %.0f lines/s\n",
			res.Lines, res.Accepted, res.Skipped, res.Rejected, took.Round(time.Millisecond), float64(res.Lines-res.Resumed)/took.Seconds())
	}
	if res.Rejects != "" {
		fmt.Println("Rejected lines, each with its reason:", res.Rejects)
	}
	return a.Close()
}

func stopped(err, closing error) error {
	if closing != nil {
		return fmt.Errorf("%w (and while stopping: %v)", err, closing)
	}
	return err
}

// bar draws progress on the terminal, at most ten times a second.
func bar(began time.Time) func(importer.Progress) {
	var last time.Time
	return func(p importer.Progress) {
		if time.Since(last) < 100*time.Millisecond && p.Bytes < p.Size {
			return
		}
		last = time.Now()
		done := float64(p.Bytes) / float64(max(1, p.Size))
		fmt.Fprintf(os.Stderr, "\r[%-30s] %3.0f%%  %d lines, %d rejected, %s ", strings.Repeat("#", int(30*done)), 100*done, p.Lines, p.Rejected, time.Since(began).Round(time.Second))
	}
}
