-- name: stream.position
SELECT seq, done FROM stream_position WHERE part = $1;

-- name: stream.advance
INSERT INTO stream_position (part, seq, done) VALUES ($1, $2, $3)
ON CONFLICT (part) DO UPDATE SET seq = excluded.seq, done = excluded.done
WHERE stream_position.seq = $4 AND stream_position.done = $5;

-- name: stream.put_fact
INSERT INTO stream_fact (id, part, envelope) VALUES ($1, $2, $3);

-- name: stream.facts
SELECT id, part, envelope FROM stream_fact ORDER BY id LIMIT $1;

-- name: stream.count_facts
SELECT COUNT(*) FROM stream_fact;

-- name: stream.delete_fact
DELETE FROM stream_fact WHERE id = $1;

-- name: stream.put_dropped
INSERT INTO stream_dropped (part, seq, idx) VALUES ($1, $2, $3) ON CONFLICT (part, seq) DO UPDATE SET idx = excluded.idx;

-- name: stream.dropped
SELECT seq, idx FROM stream_dropped WHERE part = $1 AND seq > $2 AND seq <= $3 ORDER BY seq;

-- name: dedup.buckets
SELECT bucket, youngest, filter FROM dedup_bucket WHERE part = $1 ORDER BY bucket;

-- name: dedup.open_runs
SELECT bucket, run, hashes FROM dedup_run WHERE part = $1 AND bucket >= $2 AND run >= 256 ORDER BY bucket, run;

-- name: dedup.run
SELECT hashes FROM dedup_run WHERE part = $1 AND bucket = $2 AND run = $3;

-- name: dedup.put_run
INSERT INTO dedup_run (part, bucket, run, born, hashes) VALUES ($1, $2, $3, $4, $5);

-- name: dedup.delete_runs
DELETE FROM dedup_run WHERE part = $1 AND bucket = $2;

-- name: dedup.put_bucket
INSERT INTO dedup_bucket (part, bucket, youngest, filter) VALUES ($1, $2, $3, $4);

-- name: dedup.delete_bucket
DELETE FROM dedup_bucket WHERE part = $1 AND bucket = $2;

-- name: lease.now
-- The database's clock; SQLite goes by the process's.
SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) + 0 * CAST($1 AS BIGINT);
-- name: lease.now (sqlite)
SELECT CAST($1 AS INTEGER);

-- name: share.beat
INSERT INTO stream_member (owner, until) VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET until = excluded.until;

-- name: share.forget
-- One that is there for longer than it may say was there before the clock was set back.
DELETE FROM stream_member WHERE until < $1 OR until > CAST($2 AS BIGINT) + 60000000;

-- name: share.leave
DELETE FROM stream_member WHERE owner = $1;

-- name: share.members
SELECT owner FROM stream_member ORDER BY owner;

-- name: share.held
SELECT part, owner FROM stream_position WHERE part >= 0 AND lease_until >= $1;

-- name: lease.take
-- A lease that ends more than a minute later than one taken now was taken by a clock that has been set back since.
INSERT INTO stream_position (part, seq, owner, lease_until) VALUES ($1, 0, $2, $4)
ON CONFLICT (part) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until
WHERE stream_position.owner = excluded.owner OR stream_position.lease_until < $3
  OR ($3 > 0 AND stream_position.lease_until > $4 + 60000000);

-- name: stream.lock_positions
SELECT part, seq, done FROM stream_position ORDER BY part FOR UPDATE;
-- name: stream.lock_positions (sqlite)
SELECT part, seq, done FROM stream_position ORDER BY part;

-- The number is of no other use: whoever has this lock may wait for all positions.
-- name: stream.wait_for_positions
SELECT COUNT(*) FROM (SELECT pg_advisory_xact_lock(731846205)) AS taken;
-- name: stream.wait_for_positions (sqlite)
SELECT 1;

-- name: stream.may_wait_for_positions
SELECT CASE WHEN pg_try_advisory_xact_lock(731846205) THEN 1 ELSE 0 END;
-- name: stream.may_wait_for_positions (sqlite)
SELECT 1;

-- name: stream.positions
SELECT part, seq, done FROM stream_position ORDER BY part;

-- name: stream.forget_position
DELETE FROM stream_position WHERE part = $1;

-- name: dedup.numbers
SELECT bucket FROM dedup_bucket WHERE part = $1 ORDER BY bucket;

-- name: dedup.filter
SELECT filter FROM dedup_bucket WHERE part = $1 AND bucket = $2;

-- name: dedup.runs_after
SELECT bucket, run, hashes FROM dedup_run
WHERE part = $1 AND run >= 256 AND (bucket > $2 OR bucket = $2 AND run > $3) ORDER BY bucket, run;

-- name: stream.trim_dropped
DELETE FROM stream_dropped WHERE part = $1 AND seq < $2;
