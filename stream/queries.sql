-- name: stream.position
SELECT seq FROM stream_position WHERE part = $1;

-- name: stream.advance
INSERT INTO stream_position (part, seq) VALUES ($1, $2)
ON CONFLICT (part) DO UPDATE SET seq = excluded.seq WHERE stream_position.seq = $3;

-- name: stream.put_fact
INSERT INTO stream_fact (id, part, envelope) VALUES ($1, $2, $3);

-- name: stream.facts
SELECT id, part, envelope FROM stream_fact ORDER BY id LIMIT $1;

-- name: stream.delete_fact
DELETE FROM stream_fact WHERE id = $1;

-- name: stream.put_dropped
INSERT INTO stream_dropped (part, seq, idx) VALUES ($1, $2, $3) ON CONFLICT (part, seq) DO NOTHING;

-- name: stream.dropped
SELECT seq, idx FROM stream_dropped WHERE part = $1 AND seq > $2 AND seq <= $3 ORDER BY seq;
