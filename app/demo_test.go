package app_test

import (
	"context"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
)

// Its password stands in the source.
func TestTheDemoListensOnThisMachineOnly(t *testing.T) {
	w := boot(t, config(t, "", func(c *app.Config) { c.Addr = "0.0.0.0:0" }))
	if err := w.StartDemo(context.Background()); heed.CodeOf(err) != heed.Invalid {
		t.Errorf("it starts for everybody: %v", err)
	}
}
