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

-- name: collect.jobs_alone
SELECT id, mapping, file, lines, accepted, rejected, skipped, rejects_bytes, started_at, updated_at, done_at
FROM import_job j WHERE NOT EXISTS (SELECT 1 FROM import_upload u WHERE u.job = j.id)
ORDER BY started_at DESC, id LIMIT $1;

-- name: collect.put_upload
INSERT INTO import_upload (id, job, owner, name, mapping, state, size, done, made_by, made_at, ended_at, detail, modified)
VALUES ($1, NULL, $2, $3, $4, $5, $6, 0, $7, $8, 0, '', $9);

-- name: collect.move_upload
UPDATE import_upload SET state = $2, ended_at = $3, detail = $4 WHERE id = $1 AND (state IN ('waiting', 'running') OR state = 'uploading' AND $2 <> 'running');

-- name: collect.uploading
SELECT u.id, u.owner, u.name, u.mapping, u.state, u.size, u.done, u.made_by, u.made_at, u.ended_at, u.detail, u.tries, u.modified,
  COALESCE(j.mapping, ''), COALESCE(j.lines, 0), COALESCE(j.accepted, 0), COALESCE(j.rejected, 0), COALESCE(j.skipped, 0)
FROM import_upload u LEFT JOIN import_job j ON j.id = u.job WHERE u.owner = $1 AND u.state = 'uploading' ORDER BY u.id;

-- name: collect.upload_tried
UPDATE import_upload SET tries = $2 WHERE id = $1;

-- name: collect.upload_progress
-- One that has got further begins to count anew.
UPDATE import_upload SET job = $2, tries = CASE WHEN done < $3 THEN 0 ELSE tries END, done = $3 WHERE id = $1;

-- name: collect.upload
SELECT u.id, u.owner, u.name, u.mapping, u.state, u.size, u.done, u.made_by, u.made_at, u.ended_at, u.detail, u.tries, u.modified,
  COALESCE(j.mapping, ''), COALESCE(j.lines, 0), COALESCE(j.accepted, 0), COALESCE(j.rejected, 0), COALESCE(j.skipped, 0)
FROM import_upload u LEFT JOIN import_job j ON j.id = u.job WHERE u.id = $1;

-- name: collect.uploads
SELECT u.id, u.owner, u.name, u.mapping, u.state, u.size, u.done, u.made_by, u.made_at, u.ended_at, u.detail, u.tries, u.modified,
  COALESCE(j.mapping, ''), COALESCE(j.lines, 0), COALESCE(j.accepted, 0), COALESCE(j.rejected, 0), COALESCE(j.skipped, 0)
FROM import_upload u LEFT JOIN import_job j ON j.id = u.job ORDER BY u.id DESC LIMIT $1;

-- name: collect.next_upload
SELECT u.id, u.owner, u.name, u.mapping, u.state, u.size, u.done, u.made_by, u.made_at, u.ended_at, u.detail, u.tries, u.modified,
  COALESCE(j.mapping, ''), COALESCE(j.lines, 0), COALESCE(j.accepted, 0), COALESCE(j.rejected, 0), COALESCE(j.skipped, 0)
FROM import_upload u LEFT JOIN import_job j ON j.id = u.job
WHERE u.owner = $1 AND u.state IN ('waiting', 'running') ORDER BY u.id LIMIT 1;

-- name: collect.old_uploads
SELECT u.id, u.owner, u.name, u.mapping, u.state, u.size, u.done, u.made_by, u.made_at, u.ended_at, u.detail, u.tries, u.modified,
  COALESCE(j.mapping, ''), COALESCE(j.lines, 0), COALESCE(j.accepted, 0), COALESCE(j.rejected, 0), COALESCE(j.skipped, 0)
FROM import_upload u LEFT JOIN import_job j ON j.id = u.job
WHERE u.owner = $1 AND u.ended_at > 0 AND u.ended_at < $2 ORDER BY u.id LIMIT 1000;
