package main

import (
	"context"
	"fmt"

	"github.com/heedcx/heed/app"
)

type serveCmd struct {
	app.Config `embed:""`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context) error {
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
	fmt.Printf("Heed %s listens on %s and stores in %s\n", version, a.URL(), c.Data)
	if err := welcome(ctx, a); err != nil {
		return err
	}
	<-ctx.Done()
	fmt.Println("stopping")
	return a.Close()
}

// welcome says how to sign in while nobody can.
func welcome(ctx context.Context, a *app.App) error {
	token, err := a.Accounts.SetupToken(ctx)
	if err != nil || token == "" {
		return err
	}
	fmt.Printf("Nobody can sign in yet. Make the owner's account, today, at\n  %s/setup?token=%s\n", a.Config.PublicURL, token)
	return nil
}
