package email

import (
	"context"

	"github.com/heedcx/heed"
)

// Compose renders and encodes one mail and returns its size.
func Compose(e *Email, c heed.Claimed) (int, error) {
	s, err := e.specs.Get(context.Background())
	if err != nil {
		return 0, err
	}
	r, err := e.ready(s)
	if err != nil {
		return 0, err
	}
	m, err := e.compose(context.Background(), s, r, c)
	if err != nil {
		return 0, err
	}
	return len(m.data), nil
}
