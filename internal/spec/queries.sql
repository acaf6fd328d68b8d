-- name: spec.revision
SELECT revision FROM spec_revision WHERE one = 1;

-- name: spec.bump
UPDATE spec_revision SET revision = revision + 1 WHERE one = 1;

-- name: spec.latest
SELECT s.kind, s.name, s.version, s.body, s.deleted, s.made_at, s.made_by FROM spec s
WHERE s.kind = $1 AND s.deleted = 0
  AND s.version = (SELECT MAX(t.version) FROM spec t WHERE t.kind = s.kind AND t.name = s.name)
ORDER BY s.name;

-- name: spec.versions
SELECT kind, name, version, body, deleted, made_at, made_by FROM spec WHERE kind = $1 AND name = $2 ORDER BY version;

-- name: spec.put
INSERT INTO spec (kind, name, version, body, deleted, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: spec.next_version
SELECT COALESCE(MAX(version), 0) + 1 FROM spec WHERE kind = $1 AND name = $2;

-- name: spec.current
SELECT s.kind, s.name, s.version, s.body, s.deleted, s.made_at, s.made_by FROM spec s
WHERE s.deleted = 0
  AND s.version = (SELECT MAX(t.version) FROM spec t WHERE t.kind = s.kind AND t.name = s.name)
ORDER BY s.kind, s.name;
