package stream

import (
	"context"
	"time"

	"github.com/heedcx/heed"
)

// Topic is one of the logs that Heed keeps.
type Topic string

// The topics.
const (
	Events Topic = "events" // what arrived: the source of everything
	Facts  Topic = "facts"  // what workers derived: for the history store
	Dead   Topic = "dead"   // what could not be processed, with the reason
)

// Record is one message of a log.
type Record struct {
	Partition int
	Seq       uint64 // counts up within the topic, with gaps
	At        heed.Time
	Data      []byte // an envelope; a JSON DeadLetter on topic Dead
}

// Log is the durable, partitioned log.
type Log interface {
	// Partitions is how many partitions topic Events has; the other topics have one.
	Partitions() int
	// Append stores data and returns its sequence once it is on disk (on a majority, in a cluster). An error that
	// wraps heed.Unavailable is transient.
	Append(ctx context.Context, topic Topic, partition int, data []byte) (seq uint64, err error)
	// Read starts reading a partition after a sequence; 0 is the beginning.
	Read(ctx context.Context, topic Topic, partition int, after uint64) (Reader, error)
	// Last is the sequence of the newest record of a partition, 0 when it is empty.
	Last(ctx context.Context, topic Topic, partition int) (uint64, error)
	// Healthy returns nil when the log takes records.
	Healthy(ctx context.Context) error
	Close() error
}

// Reader reads one partition in order.
type Reader interface {
	// Next returns at least one and at most max records, waiting at most wait for the first. No record in time: nil, nil.
	Next(ctx context.Context, max int, wait time.Duration) ([]Record, error)
	Close()
}

// Position is where written events lie: the sequence per partition. Empty means nothing was written.
type Position map[int]uint64

// DeadLetter is what topic Dead holds: what could not be processed, and why.
type DeadLetter struct {
	ID        string        `json:"id"`
	At        heed.Time     `json:"at"`
	Stage     string        `json:"stage"` // where it failed: collect, identity, ...
	Source    string        `json:"source,omitempty"`
	Reason    string        `json:"reason"`
	Partition int           `json:"partition"`
	Seq       uint64        `json:"seq,omitempty"` // the envelope that held it, if any
	Index     int           `json:"index"`
	Event     heed.RawValue `json:"event,omitempty"` // as it arrived, cut to 64 KB
}
