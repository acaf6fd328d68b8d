-- name: segment.state
SELECT revision, tick, cutting FROM segment_state WHERE one = 1;

-- name: segment.claim
UPDATE segment_state SET revision = $1, tick = tick + 1 WHERE one = 1 AND revision < $1;

-- name: segment.tick
UPDATE segment_state SET tick = tick + 1, cutting = (SELECT COUNT(*) FROM segment_build WHERE state = 'cutting') WHERE one = 1;

-- name: segment.anybody
SELECT COUNT(*) FROM (SELECT 1 FROM person LIMIT 1) AS one;

-- name: segment.statuses
SELECT kind, name, state, rule, loud, swept, since FROM segment_status ORDER BY kind, name;

-- name: segment.put_status
INSERT INTO segment_status (kind, name, state, rule, loud, swept, since) VALUES ($1, $2, $3, $4, $5, NULL, $6)
ON CONFLICT (kind, name) DO UPDATE SET state = excluded.state, rule = excluded.rule, loud = excluded.loud, swept = NULL, since = excluded.since;

-- name: segment.set_state
UPDATE segment_status SET state = $3, swept = NULL, since = $4 WHERE kind = $1 AND name = $2;

-- name: segment.swept
UPDATE segment_status SET swept = $1 WHERE state = 'filling';

-- name: segment.filled
UPDATE segment_status SET state = 'live', swept = NULL, since = $1 WHERE state = 'filling';

-- name: segment.delete_status
DELETE FROM segment_status WHERE kind = $1 AND name = $2;

-- name: segment.counters
SELECT id, build, text, depth, mode, state FROM segment_counter ORDER BY id, build;

-- name: segment.put_counter
INSERT INTO segment_counter (id, build, text, depth, mode, state) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id, build) DO NOTHING;

-- name: segment.counters_ready
UPDATE segment_counter SET state = 'ready' WHERE build = $1;

-- name: segment.put_build
INSERT INTO segment_build (build, state, after_key, made) VALUES ($1, $2, NULL, $3) ON CONFLICT (build) DO NOTHING;

-- name: segment.builds
SELECT build, state, after_key, made FROM segment_build WHERE state <> 'done' ORDER BY build;

-- name: segment.set_build
UPDATE segment_build SET state = $2 WHERE build = $1;

-- name: segment.build_after
UPDATE segment_build SET after_key = $2 WHERE build = $1 AND state = 'counting';

-- name: segment.cut
INSERT INTO segment_cut (build, part, seq) SELECT build, CAST($1 AS BIGINT), CAST($2 AS BIGINT) FROM segment_build WHERE state = 'cutting'
ON CONFLICT (build, part) DO NOTHING;
-- name: segment.cuts
SELECT part, seq FROM segment_cut WHERE build = $1;

-- name: segment.people_after
SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE;
-- name: segment.people_after (sqlite)
SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT $2;

-- name: segment.lock_person
SELECT id FROM person WHERE id = $1 FOR UPDATE;
-- name: segment.lock_person (sqlite)
SELECT id FROM person WHERE id = $1;

-- name: segment.some_members
SELECT m.person FROM segment_member m JOIN person p ON p.id = m.person WHERE m.segment = $1 ORDER BY m.person LIMIT $2 FOR UPDATE OF p;
-- name: segment.some_members (sqlite)
SELECT m.person FROM segment_member m JOIN person p ON p.id = m.person WHERE m.segment = $1 ORDER BY m.person LIMIT $2;

-- name: segment.enter
INSERT INTO segment_member (segment, person, since) VALUES ($1, $2, $3)
ON CONFLICT (segment, person) DO UPDATE SET since = excluded.since;
-- name: segment.enter (postgres, many)
INSERT INTO segment_member (segment, person, since) SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[])
ON CONFLICT (segment, person) DO UPDATE SET since = excluded.since;

-- name: segment.leave
DELETE FROM segment_member WHERE segment = $1 AND person = $2;
-- name: segment.leave (postgres, many)
DELETE FROM segment_member m USING unnest($1::text[], $2::bytea[]) v (segment, person) WHERE m.segment = v.segment AND m.person = v.person;

-- name: segment.forget
DELETE FROM segment_member WHERE person = $1;

-- name: segment.drop
DELETE FROM segment_member WHERE segment = $1;

-- name: segment.add_count
INSERT INTO segment_count (segment, shard, n) VALUES ($1, $2, $3)
ON CONFLICT (segment, shard) DO UPDATE SET n = segment_count.n + excluded.n;

-- name: segment.drop_count
DELETE FROM segment_count WHERE segment = $1;

-- name: segment.count
SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM segment_count WHERE segment = $1;

-- name: segment.counts
SELECT segment, CAST(SUM(n) AS BIGINT) FROM segment_count GROUP BY segment HAVING SUM(n) <> 0;

-- name: segment.members_by_segment
SELECT segment, COUNT(*) FROM segment_member GROUP BY segment;

-- name: segment.members
SELECT person, since FROM segment_member WHERE segment = $1 AND person > $2 ORDER BY person LIMIT $3;

-- name: segment.of_person
SELECT segment, since FROM segment_member WHERE person = $1 ORDER BY segment;

-- name: segment.reset_members
DELETE FROM segment_member;

-- name: segment.reset_counts
DELETE FROM segment_count;

-- name: segment.stages
SELECT stage, COUNT(*) FROM person GROUP BY stage;

-- name: segment.unfinished
SELECT COUNT(*) FROM segment_build WHERE state <> 'done';

-- name: segment.set_since
UPDATE segment_member SET since = $3 WHERE segment = $1 AND person = $2;

-- name: segment.put_size
INSERT INTO segment_size (segment, day, people) VALUES ($1, $2, $3) ON CONFLICT (segment, day) DO UPDATE SET people = excluded.people;

-- name: segment.sizes
SELECT day, people FROM segment_size WHERE segment = $1 AND day >= $2 ORDER BY day;

-- name: segment.overlap
SELECT mask, count(*) FROM (
  SELECT m.person, sum(1 << CAST(s.at - 1 AS INTEGER)) AS mask
  FROM jsonb_array_elements_text($1::text::jsonb) WITH ORDINALITY AS s(name, at) JOIN segment_member m ON m.segment = s.name
  GROUP BY m.person) AS of_each GROUP BY mask ORDER BY mask;
-- name: segment.overlap (sqlite)
SELECT mask, count(*) FROM (
  SELECT m.person, sum(1 << s.key) AS mask FROM json_each($1) s JOIN segment_member m ON m.segment = s.value GROUP BY m.person)
GROUP BY mask ORDER BY mask;

-- name: segment.retire
INSERT INTO segment_retired (id, revision) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET revision = excluded.revision;

-- name: segment.drop_counter
DELETE FROM segment_counter WHERE id = $1;

-- name: segment.retired
SELECT id, revision FROM segment_retired;

-- name: segment.how_many
SELECT COUNT(*), 0 FROM person;
-- name: segment.how_many (sqlite)
SELECT COUNT(*), COALESCE((SELECT MAX(rowid) FROM person), 0) FROM person;
