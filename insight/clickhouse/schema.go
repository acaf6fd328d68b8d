package clickhouse

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
)

// migrations are run once each, in order; the number of those that have run is a mark. Each can be run again: a crash
// may come between it and its mark.
//
// Rows of event_log lie by key, because a person's timeline is what must be fast, and within it by time. Those of one
// event have one sorting key, so FINAL makes one of several that crashes may have left; `batch` is the commit that
// wrote the row, and the index over it finds what a commit without a mark has left. A month of receipt is a partition:
// the past, merged to one part, costs FINAL nothing.
//
// key_log holds the key map from both sides, so that one insert, which is whole or not there, changes both: side 0 has
// the person of key id, side 1 one row for each key (other) of person id.
//
// table_row holds tables on their way to Parquet, each a partition, until they are written.
//
// A flush to disk per insert, because the position that speaks of the rows must not be there without them.
var migrations = []string{
	`CREATE TABLE IF NOT EXISTS event_log (
		key UUID, ts Int64 CODEC(Delta, ZSTD), received Int64 CODEC(Delta, ZSTD), type LowCardinality(String), name LowCardinality(String),
		source LowCardinality(String), touchpoint LowCardinality(String), channel LowCardinality(String), direction LowCardinality(String),
		department LowCardinality(String), properties String CODEC(ZSTD), context String CODEC(ZSTD), message_id String CODEC(ZSTD),
		part Int32, seq Int64 CODEC(Delta, ZSTD), idx Int32, ref UUID CODEC(ZSTD), batch UInt64 CODEC(Delta, ZSTD),
		INDEX by_batch batch TYPE minmax GRANULARITY 1, INDEX by_time ts TYPE minmax GRANULARITY 4)
	ENGINE = ReplacingMergeTree(batch) PARTITION BY intDiv(received, 2629800000000) PRIMARY KEY (key, ts) ORDER BY (key, ts, part, seq, idx)
	SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1`,
	`CREATE VIEW IF NOT EXISTS event AS SELECT key, ts, received, type, name, source, touchpoint, channel, direction, department,
		properties, context, message_id, part, seq, idx, ref FROM event_log FINAL`,
	`CREATE TABLE IF NOT EXISTS key_log (side UInt8, id UUID, other UUID, person UUID, own Bool, version UInt64, gone UInt8)
	ENGINE = ReplacingMergeTree(version, gone) ORDER BY (side, id, other)
	SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1`,
	`CREATE VIEW IF NOT EXISTS keymap AS SELECT id AS key, person, own FROM key_log FINAL WHERE side = 0`,
	`CREATE TABLE IF NOT EXISTS wanted (batch UInt64, id UUID) ENGINE = MergeTree ORDER BY (batch, id)`,
	`CREATE TABLE IF NOT EXISTS forgotten (key UUID, until Int64) ENGINE = ReplacingMergeTree(until) ORDER BY key
	SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
	`CREATE TABLE IF NOT EXISTS table_row (id UUID, n UInt64, cells Array(Nullable(String)) CODEC(ZSTD), made DateTime DEFAULT now())
	ENGINE = MergeTree PARTITION BY id ORDER BY n TTL made + INTERVAL 1 DAY`,
}

// markTable holds what the follower must know, one row per kind and slot: the latest version counts. One insert of it
// is a commit.
const markTable = `CREATE TABLE IF NOT EXISTS mark (kind LowCardinality(String), slot Int32, value UInt64, n UInt64, version UInt64)
	ENGINE = ReplacingMergeTree(version) ORDER BY (kind, slot) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`

// Kinds of marks.
const (
	markSchema   = "schema"    // value: how many migrations have run
	markEpoch    = "epoch"     // value: number of the follower that works now
	markBatch    = "batch"     // value: the last commit that is whole
	markEvents   = "events"    // slot: partition; value: position
	markFacts    = "facts"     // value: position
	markKeys     = "keys"      // value: the last key change
	markSeen     = "seen"      // slot: n modulo KeptFacts; value: hash of a fact record; n: which one, counted up
	markSeenFrom = "seen_from" // value: fact records with a lower n do not count any more
	markRewind   = "rewind"    // slot: part; value: 1 + where to, while a replay deletes rows; else 0
)

// eventColumns are those that Append writes, in order.
const eventColumns = "key, ts, received, type, name, source, touchpoint, channel, direction, department, properties, context, message_id, part, seq, idx, ref, batch"

func (s *Store) migrate(ctx context.Context) error {
	if err := s.exec(ctx, writeTime, markTable); err != nil {
		return s.failed(ctx, "create tables", err)
	}
	done := uint64(0)
	err := s.each(ctx, "SELECT value FROM mark FINAL WHERE kind = $1", []any{markSchema}, func(r *row) error { return r.Scan(&done) })
	if err != nil {
		return err
	}
	if done > uint64(len(migrations)) {
		return heed.Errorf(heed.Conflict, "The history in ClickHouse was made by a newer Heed: its schema is version %d, this one knows %d. Run the newer one.", done, len(migrations))
	}
	for i := done; i < uint64(len(migrations)); i++ {
		if err := s.exec(ctx, writeTime, migrations[i]); err != nil {
			return errors.Join(s.failed(ctx, "create tables", err), heed.Errorf(heed.Unavailable, "Heed's user needs all rights on its database."))
		}
		if err := s.putMarks(ctx, i+1, mark{kind: markSchema, value: i + 1}); err != nil {
			return err
		}
	}
	return nil
}
