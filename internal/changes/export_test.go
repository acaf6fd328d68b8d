package changes

import "context"

// Options lets a test change what the hub was made with.
func (h *Hub) Options() *Options { return &h.o }

// Turn is what Run does once a second.
func (h *Hub) Turn(ctx context.Context) error { return h.turn(ctx) }
