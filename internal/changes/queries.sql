-- name: changes.listen
INSERT INTO change_mark (process, listens, counts, at) VALUES ($1, $2, '{}', $3)
ON CONFLICT (process) DO UPDATE SET listens = excluded.listens;

-- name: changes.publish
-- Only when another process listens.
INSERT INTO change_mark (process, listens, counts, at)
SELECT CAST($1 AS TEXT), 0, CAST($2 AS TEXT), CAST($3 AS BIGINT)
WHERE EXISTS (SELECT 1 FROM change_mark WHERE listens > $3 AND process <> $1)
ON CONFLICT (process) DO UPDATE SET counts = excluded.counts, at = excluded.at;

-- name: changes.marks
SELECT process, counts FROM change_mark WHERE process <> $1;

-- name: changes.forget
DELETE FROM change_mark WHERE at < $1 AND listens < $1;
