-- name: desk.put_view
INSERT INTO desk_view (id, page, name, query, owner, shared, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query, shared = excluded.shared;

-- name: desk.views
SELECT id, page, name, query, owner, shared, made_at FROM desk_view
WHERE (page = $1 OR $1 = '') AND (owner = $2 OR shared = 1) ORDER BY name, id LIMIT 500;

-- name: desk.view
SELECT id, page, name, query, owner, shared, made_at FROM desk_view WHERE id = $1;

-- name: desk.delete_view
DELETE FROM desk_view WHERE id = $1;

-- name: desk.count_views
SELECT COUNT(*) FROM desk_view WHERE owner = $1;

-- name: desk.put_export
INSERT INTO desk_export (id, process, made_by, what, format, asked, state, done, total, bytes, detail, made_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, 0, 0, '', $7, $7);

-- name: desk.exports
SELECT id, process, made_by, what, format, asked, state, done, total, bytes, detail, made_at, changed_at FROM desk_export
WHERE made_by = $1 OR $1 = '' ORDER BY id DESC LIMIT $2;

-- name: desk.export
SELECT id, process, made_by, what, format, asked, state, done, total, bytes, detail, made_at, changed_at FROM desk_export WHERE id = $1;

-- name: desk.next_export
SELECT id, process, made_by, what, format, asked, state, done, total, bytes, detail, made_at, changed_at FROM desk_export
WHERE process = $1 AND state IN ('waiting', 'running') ORDER BY id LIMIT 1;

-- name: desk.move_export
UPDATE desk_export SET state = $2, detail = $3, changed_at = $4 WHERE id = $1 AND state IN ('waiting', 'running');

-- name: desk.progress
UPDATE desk_export SET done = $2, total = $3, bytes = $4, changed_at = $5 WHERE id = $1;

-- name: desk.old_exports
SELECT id, process, made_by, what, format, asked, state, done, total, bytes, detail, made_at, changed_at FROM desk_export
WHERE process = $1 AND state NOT IN ('waiting', 'running') AND changed_at < $2 ORDER BY id LIMIT 100;

-- name: desk.delete_export
DELETE FROM desk_export WHERE id = $1;

-- name: desk.put_letter
INSERT INTO desk_letter (id, how, who, at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING;

-- name: desk.restore_letter
DELETE FROM desk_letter WHERE id = $1 AND how = 'discarded';

-- name: desk.letter
SELECT how, who, at FROM desk_letter WHERE id = $1;
