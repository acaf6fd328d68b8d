package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app/script"
)

type testCmd struct {
	Paths   []string `arg:"" help:"Scripts, or folders of them (*.txt)."`
	Specs   []string `help:"Files or folders of specs that are in force in every script." type:"path" placeholder:"DIR"`
	Verbose bool     `name:"v" short:"v" help:"Print everything that happens, with its time."`
}

// Run plays scripts on a virtual clock; docs/testing-your-brand.md is the language. Several are played at once, and
// reported in order.
func (c *testCmd) Run(ctx context.Context) error {
	files, err := script.Files(c.Paths...)
	if err != nil {
		return err
	}
	type played struct {
		script.Result
		trace bytes.Buffer
		took  time.Duration
	}
	results := make([]chan *played, len(files))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, path := range files {
		results[i] = make(chan *played, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			p := &played{}
			o := script.Options{Specs: c.Specs}
			if c.Verbose {
				o.Trace = &p.trace
			}
			began := time.Now()
			p.Result = script.Run(ctx, path, o)
			p.took = time.Since(began)
			results[i] <- p
		}()
	}
	failed := 0
	for i, path := range files {
		p := <-results[i]
		if c.Verbose {
			fmt.Printf("=== %s\n", path)
			_, _ = os.Stdout.Write(p.trace.Bytes())
		}
		if len(p.Failures) == 0 {
			fmt.Printf("ok    %s  %d expectations, %s of life in %s\n", path, p.Expectations, life(p.Lived), p.took.Round(time.Millisecond))
			continue
		}
		failed++
		fmt.Printf("FAIL  %s\n", path)
		for _, f := range p.Failures {
			fmt.Println(f)
		}
	}
	if failed > 0 {
		return heed.Errorf(heed.Conflict, "%d of %d scripts failed", failed, len(files))
	}
	return nil
}

// life writes a length of virtual time.
func life(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
	return d.Round(time.Second).String()
}
