package main

import (
	"context"
	"fmt"

	"github.com/heedcx/heed/app"
)

type demoCmd struct {
	app.Config `embed:""`
}

// Run serves the demo brand.
func (c *demoCmd) Run(ctx context.Context) error {
	if err := c.Validate(); err != nil {
		return err
	}
	a, err := app.Open(ctx, c.Config, version, c.Logger())
	if err != nil && ctx.Err() != nil {
		return nil // told to stop while it was starting
	}
	if err != nil {
		return err
	}
	if err := a.StartDemo(ctx); err != nil {
		return err
	}
	fmt.Printf(`
Heed serves the demo brand Lumen & Loom, with customers who live while you watch.

  console    %[1]s
  sign in    %[2]s  /  %[3]s
  mailbox    %[1]s/mailbox   (every mail that goes out lands there)
  API        %[1]s/api/openapi.json
  data       %[4]s   (delete the folder to start afresh)

Stop it with Ctrl-C.
`, c.PublicURL, app.DemoEmail, app.DemoPassword, c.Data)
	<-ctx.Done()
	fmt.Println("stopping")
	return a.Close()
}
