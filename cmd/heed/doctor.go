package main

import (
	"context"
	"fmt"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/app"
)

type doctorCmd struct {
	app.Config `embed:""`
}

// Run looks at everything that Heed stands on and says what is wrong.
func (c *doctorCmd) Run(ctx context.Context) error {
	signs := map[app.Level]string{app.Fine: "ok", app.Warning: "warn", app.Wrong: "WRONG"}
	d := app.Doctor{Config: c.Config, Found: func(f app.Finding) { fmt.Printf("%-6s %-14s %s\n", signs[f.Level], f.Name, f.Text) }}
	if !d.Look(ctx) {
		return heed.Errorf(heed.Conflict, "Something is wrong: see above.")
	}
	return nil
}

type migrateCmd struct {
	app.Config `embed:""`
}

// Run brings the state store's schema up to date, which every start does by itself.
func (c *migrateCmd) Run(ctx context.Context) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if err := app.Migrate(ctx, c.Config); err != nil {
		return err
	}
	fmt.Println("The state store's schema is up to date.")
	return nil
}

type openapiCmd struct{}

// Run prints the API's document as api/openapi.json has it.
func (openapiCmd) Run() error {
	doc, err := api.Document("v1")
	if err == nil {
		fmt.Println(string(doc))
	}
	return err
}
