package app

import (
	"context"
	"fmt"
	"time"

	"github.com/heedcx/heed/internal/clock"
)

// clockCheck says when the machine's clock has been set back. Nobody is turned away meanwhile: Heed's own time goes on.
func clockCheck(c *clock.System) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		if by := c.SetBack(); by > 0 {
			return "", fmt.Errorf("the clock was set back by %s; Heed keeps its own time until it has caught up", by.Round(time.Second))
		}
		return "", nil
	}
}
