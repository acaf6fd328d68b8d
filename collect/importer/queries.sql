-- name: collect.import_job
SELECT id, mapping, file, lines, accepted, rejected, skipped, rejects_bytes, started_at, updated_at, done_at
FROM import_job WHERE id = $1;

-- name: collect.import_jobs
SELECT id, mapping, file, lines, accepted, rejected, skipped, rejects_bytes, started_at, updated_at, done_at
FROM import_job ORDER BY started_at DESC, id LIMIT $1;

-- name: collect.put_import_job
INSERT INTO import_job (id, mapping, file, lines, accepted, rejected, skipped, rejects_bytes, started_at, updated_at, done_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO UPDATE SET lines = excluded.lines, accepted = excluded.accepted, rejected = excluded.rejected,
    skipped = excluded.skipped, rejects_bytes = excluded.rejects_bytes, updated_at = excluded.updated_at, done_at = excluded.done_at;
