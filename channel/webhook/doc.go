// Package webhook is the channel that speaks to other systems: it posts the rendered JSON, signed as Standard Webhooks
// describes (standardwebhooks.com), and never to an address inside the brand's own network unless the operator allows
// that.
//
// A receiver may get a message more than once when its answer was lost; webhook-id is the same each time.
package webhook
