package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
)

type replayCmd struct {
	app.Config `embed:""`
	History    bool   `help:"Rebuild history from the stream." xor:"what"`
	Memory     bool   `help:"Rebuild what we know of people, and who is in which segment, from the stream." xor:"what"`
	From       uint64 `help:"History only: from after this sequence on." placeholder:"SEQ"`
}

// Run rebuilds history or memory from the stream while no server works in the data folder.
func (c *replayCmd) Run(ctx context.Context) error {
	switch {
	case c.History == c.Memory:
		return heed.FieldErrorf("replay", "say what is to be rebuilt: --history or --memory")
	case c.Memory && c.From > 0:
		return heed.FieldErrorf("from", "memory is rebuilt from the beginning: leave --from away")
	}
	if err := c.Validate(); err != nil {
		return err
	}
	if c.Memory {
		return c.memory(ctx)
	}
	c.Roles, c.Addr = []string{"work", "history"}, "127.0.0.1:0"
	a, err := app.Open(ctx, c.Config, version, c.Logger())
	if err != nil {
		return err
	}
	began := time.Now()
	if err := a.ReplayHistory(ctx, c.From); err != nil {
		return stopped(err, a.Close())
	}
	fmt.Printf("History is rebuilt; it took %s.\n", time.Since(began).Round(time.Millisecond))
	return a.Close()
}

func (c *replayCmd) memory(ctx context.Context) error {
	began := time.Now()
	var last time.Time
	out, err := app.RebuildMemory(ctx, c.Config, c.Logger(), func(done, all uint64) {
		if time.Since(last) < 100*time.Millisecond && done < all {
			return
		}
		last = time.Now()
		share := float64(done) / float64(max(1, all))
		fmt.Fprintf(os.Stderr, "\r[%-30s] %3.0f%%  %d of %d records, %s ", strings.Repeat("#", int(30*share)), 100*share, done, all, time.Since(began).Round(time.Second))
	})
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return err
	}
	fmt.Printf("Memory is rebuilt from %d records: %d people; it took %s.\n", out.Records, out.People, time.Since(began).Round(time.Millisecond))
	return nil
}
