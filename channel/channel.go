package channel

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// Channel delivers messages to one kind of address.
type Channel interface {
	// Name is the word that messages use: email, webhook, sms.
	Name() string
	// Deliver hands a batch to the next hop and returns one result per message that it tried, in any order. It is
	// called from several goroutines at once and keeps nothing of batch. An error means that the next hop as a whole
	// is out of reach; messages without a result were then not handed over and are offered again later. A cancelled
	// ctx means stop now.
	Deliver(ctx context.Context, batch []heed.Claimed) ([]heed.SendResult, error)
}

// Outbox is where reserved messages wait; decide/ledger satisfies it.
type Outbox interface {
	// Claim takes at most limit messages of the channel that are reserved and due, checks once more that they may go,
	// and marks them sending. When it returns, the mark is on disk.
	Claim(ctx context.Context, channel string, limit int) ([]heed.Claimed, error)
	// Record stores what came of claimed messages: sent, failed, bounced, unknown, or reserved with RetryAt.
	Record(ctx context.Context, results []heed.SendResult) error
	// Recover marks as unknown what an earlier process had marked sending and never recorded, and returns how many.
	Recover(ctx context.Context) (int, error)
}

// Sink takes events and returns where they lie once they are on disk; stream.Writer satisfies it.
type Sink interface {
	Write(ctx context.Context, events []heed.Event) (stream.Position, error)
}
