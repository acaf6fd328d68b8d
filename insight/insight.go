package insight

import (
	"context"
	"io"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// FactsPart is the part under which rows of topic facts lie; events have their partition's number.
const FactsPart = -1

// PartOf is the part under which the rows of a topic's partition lie.
func PartOf(topic stream.Topic, partition int) int {
	if topic == stream.Facts {
		return FactsPart
	}
	return partition
}

// Store is a history store: questions on one side, a sink for the [Follower] on the other.
type Store interface {
	History
	Sink
	// Parquet writes a table that has nothing to do with history as Parquet: rows are NDJSON, columns names each field with
	// its SQL type (VARCHAR, BIGINT, DOUBLE, TIMESTAMPTZ, BOOLEAN), in order. They lie on the engine's disk meanwhile.
	Parquet(ctx context.Context, columns [][2]string, rows io.Reader, w io.Writer) error
	// Compact makes the space of deleted rows free for new ones. It may take minutes.
	Compact(ctx context.Context) error
	Close() error
}

// Sink is the write side of a history store, driven by one [Follower] at a time.
type Sink interface {
	// Resume tells what the last Commit left.
	Resume(ctx context.Context) (Resume, error)
	// Append takes rows that become visible with the next Commit. Nothing of r is kept after it returns.
	Append(ctx context.Context, r Rows) error
	// Commit makes everything since the last Commit durable at once: rows, changes, positions. After an error nothing
	// of it is there, and the follower starts again from Resume.
	Commit(ctx context.Context, c Commit) error
	// Rollback forgets what was appended since the last Commit.
	Rollback(ctx context.Context) error
	// Rewind deletes the rows of a part with a sequence above after and moves its position back there.
	Rewind(ctx context.Context, part int, after uint64) error
	// Forget deletes every row and mapping of the keys, now and for good: rows received up to until never come back.
	// It must not run between an Append and its Commit; go through Follower.Forget.
	Forget(ctx context.Context, keys []heed.ID, until heed.Time) error
}

// Packer is a Sink that has less work with some numbers of rows than with others.
type Packer interface {
	// Room is how many rows the next Commit should hold.
	Room() int
}

// Rows are the events of one record on their way into history.
type Rows struct {
	Part   int    // partition of topic events, or FactsPart
	Seq    uint64 // of the record
	Events []heed.Event
	Keys   []heed.ID // one per event; the zero ID is an event of nobody
}

// Resume is where a sink stands.
type Resume struct {
	Positions Positions
	Keys      int64    // N of the last key change taken over
	Facts     []uint64 // hashes of the latest fact records, oldest first, at most KeptFacts
	// Forgotten holds the tombstones: events of the key received up to then must not come back.
	Forgotten map[heed.ID]heed.Time
}

// KeptFacts is how many fact records a sink remembers, to see one that is published twice.
const KeptFacts = 4096

// Positions is how far history has been stored: the sequence of the last record, per part.
type Positions map[int]uint64

// Commit is what goes with the rows since the last one.
type Commit struct {
	Positions Positions   // the parts that have moved
	Keys      []KeyChange // in order
	Facts     []uint64    // hashes of the fact records among the rows
	Gone      []heed.ID   // people who were erased: their facts are deleted and never come back
}

// KeyChange says whom a key belongs to from now on.
type KeyChange struct {
	N      int64 // counts up over all changes
	Key    heed.ID
	Person heed.ID // zero: to nobody any more
	// Erased, if set, forgets whom the key belonged to until now: events of the key received up to then are deleted
	// and never come back. A person who loses the last key in this way is gone, with all facts.
	Erased heed.Time
}

// KeyFeed is identity's log of key changes; app adapts it.
type KeyFeed interface {
	// Changes returns changes with N above after, in order of N: at least limit if there are as many, perhaps some more.
	// A change must not appear after one with a higher N was handed out; it may say what an earlier one said.
	Changes(ctx context.Context, after int64, limit int) ([]KeyChange, error)
}

// Dropped tells which events the worker left out as duplicates; app adapts table stream_dropped.
type Dropped interface {
	// Dropped returns the indexes of the duplicates per record of a partition, for after < seq <= folded. folded is upto,
	// or less when the state store does not know as much (any more): it has crashed, and what it had not flushed comes
	// again from the log.
	Dropped(ctx context.Context, part int, after, upto uint64) (dropped map[uint64][]int, folded uint64, err error)
}

// Keyer computes the key under which history keeps an event; false when it belongs to nobody.
type Keyer func(*heed.Event) (heed.ID, bool)
