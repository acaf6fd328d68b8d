-- name: insight.feed
SELECT tx, at FROM insight_feed WHERE n = $1;

-- name: insight.put_feed
INSERT INTO insight_feed (n, tx, at) VALUES ($1, $2, $3) ON CONFLICT (n) DO UPDATE SET tx = excluded.tx, at = excluded.at;

-- name: insight.trim_feed
DELETE FROM insight_feed WHERE n < $1;
