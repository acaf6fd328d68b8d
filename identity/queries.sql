-- name: identity.nodes
SELECT hash, namespace, value, person, flags, gen, erased_at, links FROM identity_node
WHERE hash IN (SELECT decode(h, 'hex') FROM jsonb_array_elements_text($1::jsonb) h) ORDER BY hash FOR UPDATE;
-- name: identity.nodes (sqlite)
SELECT n.hash, n.namespace, n.value, n.person, n.flags, n.gen, n.erased_at, n.links FROM json_each($1) h JOIN identity_node n ON n.hash = unhex(h.value);

-- name: identity.lock_person
SELECT hash FROM identity_node WHERE person = $1 ORDER BY hash FOR UPDATE;
-- name: identity.lock_person (sqlite)
SELECT hash FROM identity_node WHERE person = $1 AND 1 = 0;

-- name: identity.nodes_of
SELECT hash, namespace, value, person, flags, gen, erased_at, links FROM identity_node WHERE person = $1 ORDER BY hash;
-- name: identity.nodes_of (postgres, many)
SELECT v.n, i.hash, i.namespace, i.value, i.person, i.flags, i.gen, i.erased_at, i.links
FROM unnest($1::bytea[]) WITH ORDINALITY v (person, n) JOIN identity_node i USING (person) ORDER BY v.n, i.hash;

-- name: identity.peek
SELECT hash, namespace, value, person, flags, gen, erased_at, links FROM identity_node WHERE hash = $1;

-- name: identity.insert_node
INSERT INTO identity_node (hash, namespace, value, person, flags, gen, erased_at, links) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
-- name: identity.insert_node (postgres, many)
INSERT INTO identity_node (hash, namespace, value, person, flags, gen, erased_at, links)
SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[]);

-- name: identity.update_node
UPDATE identity_node SET person = $2, flags = $3, gen = $4, erased_at = $5, links = $6 WHERE hash = $1;
-- name: identity.update_node (postgres, many)
UPDATE identity_node n SET person = v.person, flags = v.flags, gen = v.gen, erased_at = v.erased_at, links = v.links
FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[]) v (hash, person, flags, gen, erased_at, links)
WHERE n.hash = v.hash;

-- name: identity.refresh_node
UPDATE identity_node SET flags = $2, links = $3 WHERE hash = $1;
-- name: identity.refresh_node (postgres, many)
UPDATE identity_node n SET flags = v.flags, links = v.links
FROM unnest($1::bytea[], $2::bigint[], $3::bytea[]) v (hash, flags, links) WHERE n.hash = v.hash;

-- name: identity.delete_node
DELETE FROM identity_node WHERE hash = $1;

-- name: identity.put_edge
INSERT INTO identity_edge (a, b, kind, at, tie, source, message, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: identity.edges_of
SELECT n, a, b, kind, at, tie, source, message, seq FROM identity_edge WHERE a = $1
UNION ALL
SELECT n, a, b, kind, at, tie, source, message, seq FROM identity_edge WHERE b = $1 AND a <> $1;

-- name: identity.put_apart
INSERT INTO identity_apart (a, b) VALUES ($1, $2) ON CONFLICT (a, b) DO NOTHING;

-- name: identity.apart_from
SELECT b FROM identity_apart WHERE a = $1;

-- name: identity.delete_apart
DELETE FROM identity_apart WHERE a = $1 OR a = $2 AND b = $1;

-- name: identity.edges
SELECT n, a, b, kind, at, tie, source, message, seq FROM identity_edge WHERE n > $1 ORDER BY n LIMIT $2;

-- name: identity.all_nodes
SELECT hash, namespace, value, person, flags, gen, erased_at, links FROM identity_node WHERE hash > $1 ORDER BY hash LIMIT $2;

-- name: identity.delete_edges
DELETE FROM identity_edge WHERE a = $1 OR b = $1;

-- name: identity.tombstones
SELECT hash, generation, erased_at FROM identity_tombstone
WHERE hash IN (SELECT decode(h, 'hex') FROM jsonb_array_elements_text($1::jsonb) h);
-- name: identity.tombstones (sqlite)
SELECT t.hash, generation, erased_at FROM json_each($1) h JOIN identity_tombstone t ON t.hash = unhex(h.value);

-- name: identity.put_tombstone
INSERT INTO identity_tombstone (hash, generation, erased_at, seq) VALUES ($1, $2, $3, $4)
ON CONFLICT (hash) DO UPDATE SET generation = excluded.generation, erased_at = excluded.erased_at, seq = excluded.seq;

-- name: identity.put_changes
INSERT INTO identity_change (hashes, owners, erased) VALUES ($1, $2, $3);

-- name: identity.prune_changes
DELETE FROM identity_change WHERE n <= $1;

-- name: identity.changes
SELECT tx, n, hashes, owners, erased FROM identity_change
WHERE (tx, n) > ($1, $2) AND tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY tx, n LIMIT $3;
-- name: identity.changes (sqlite)
SELECT tx, n, hashes, owners, erased FROM identity_change WHERE tx >= $1 AND n > $2 ORDER BY n LIMIT $3;

-- name: identity.held_back
SELECT x.xmin, COALESCE((SELECT CAST(extract(epoch FROM t.began) * 1000000 AS BIGINT) FROM (
    SELECT xact_start AS began, backend_xid AS xid FROM pg_stat_activity UNION ALL SELECT prepared, transaction FROM pg_prepared_xacts
  ) t WHERE t.xid::text::bigint = x.xmin % 4294967296 LIMIT 1), 0)
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) x
WHERE EXISTS (SELECT 1 FROM identity_change c WHERE c.tx >= x.xmin);
-- name: identity.held_back (sqlite)
SELECT 0, 0 WHERE FALSE;

-- name: identity.was
SELECT loser FROM identity_alias WHERE survivor = $1 AND best = $2 ORDER BY at DESC LIMIT 1;

-- name: identity.alias
SELECT survivor FROM identity_alias WHERE loser = $1;

-- name: identity.aliases_of
SELECT loser FROM identity_alias WHERE survivor = $1 ORDER BY at, loser;

-- name: identity.merges_into
SELECT best FROM identity_alias WHERE survivor = $1;

-- name: identity.put_alias
INSERT INTO identity_alias (loser, survivor, best, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (loser) DO UPDATE SET survivor = excluded.survivor, best = excluded.best, at = excluded.at;

-- name: identity.repoint_alias
UPDATE identity_alias SET survivor = $2 WHERE survivor = $1;

-- name: identity.delete_alias
DELETE FROM identity_alias WHERE loser = $1;

-- name: identity.delete_aliases_of
DELETE FROM identity_alias WHERE survivor = $1;

-- name: identity.put_review
INSERT INTO identity_review (id, kind, hash, state, made_at) VALUES ($1, $2, $3, 'open', $4) ON CONFLICT (id) DO NOTHING;

-- name: identity.drop_review
DELETE FROM identity_review WHERE id = $1 AND state = 'open';

-- name: identity.delete_reviews
DELETE FROM identity_review WHERE hash = $1;

-- name: identity.reviews
SELECT r.id, r.kind, r.state, r.made_at, r.closed_at, r.closed_by, r.hash, n.namespace, n.value, n.person, n.links
FROM identity_review r JOIN identity_node n ON n.hash = r.hash
WHERE ($1 = '' OR r.state = $1) ORDER BY r.made_at DESC, r.id LIMIT $2;

-- name: identity.close_review
UPDATE identity_review SET state = $2, closed_at = $3, closed_by = $4 WHERE id = $1;

-- name: identity.preset
SELECT (SELECT survivor FROM identity_alias WHERE loser = $1), EXISTS (SELECT 1 FROM identity_node WHERE person = $1);

-- name: identity.owner
SELECT person FROM identity_node WHERE hash = $1;
-- name: identity.owner (postgres, many)
SELECT v.n, i.person FROM unnest($1::bytea[]) WITH ORDINALITY v (hash, n) JOIN identity_node i USING (hash) ORDER BY v.n;

-- name: identity.sources
SELECT n, name FROM identity_source;

-- name: identity.put_source
INSERT INTO identity_source (n, name) SELECT COALESCE(MAX(n), 0) + 1, CAST($1 AS TEXT) FROM identity_source HAVING COALESCE(MAX(n), 0) < $2
ON CONFLICT DO NOTHING;
