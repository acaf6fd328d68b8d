-- name: profile.load
SELECT id, rev, wake, doc FROM person
WHERE id IN (SELECT decode(h, 'hex') FROM jsonb_array_elements_text($1::jsonb) h) ORDER BY id FOR UPDATE;
-- name: profile.load (sqlite)
SELECT p.id, p.rev, p.wake, p.doc FROM json_each($1) h JOIN person p ON p.id = unhex(h.value);

-- name: profile.get
SELECT rev, wake, doc FROM person WHERE id = $1;
-- name: profile.get (postgres, many)
SELECT v.n, p.rev, p.wake, p.doc FROM unnest($1::bytea[]) WITH ORDINALITY v (id, n) JOIN person p USING (id) ORDER BY v.n;

-- name: profile.rev
SELECT rev FROM person WHERE id = $1;

-- name: profile.insert
INSERT INTO person (id, rev, wake, stage, first_seen, last_seen, doc, open_cases, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);
-- name: profile.insert (postgres, many)
INSERT INTO person (id, rev, wake, stage, first_seen, last_seen, doc, open_cases, words)
SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::jsonb[], $8::bigint[], $9::text[]);

-- name: profile.update
UPDATE person SET rev = $2, wake = $3, stage = $4, first_seen = $5, last_seen = $6, doc = $7, open_cases = $8 WHERE id = $1;
-- name: profile.update (postgres, many)
UPDATE person p SET rev = v.rev, wake = v.wake, stage = v.stage, first_seen = v.first_seen, last_seen = v.last_seen, doc = v.doc, open_cases = v.open_cases
FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::jsonb[], $8::bigint[]) v (id, rev, wake, stage, first_seen, last_seen, doc, open_cases)
WHERE p.id = v.id;

-- name: profile.rewake
UPDATE person SET rev = $2, wake = $3, first_seen = $4, last_seen = $5, doc = $6 WHERE id = $1;
-- name: profile.rewake (postgres, many)
UPDATE person p SET rev = v.rev, wake = v.wake, first_seen = v.first_seen, last_seen = v.last_seen, doc = v.doc
FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::jsonb[]) v (id, rev, wake, first_seen, last_seen, doc)
WHERE p.id = v.id;

-- name: profile.refresh
UPDATE person SET rev = $2, first_seen = $3, last_seen = $4, doc = $5 WHERE id = $1;
-- name: profile.refresh (postgres, many)
UPDATE person p SET rev = v.rev, first_seen = v.first_seen, last_seen = v.last_seen, doc = v.doc
FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::jsonb[]) v (id, rev, first_seen, last_seen, doc)
WHERE p.id = v.id;

-- name: profile.delete
DELETE FROM person WHERE id = $1;

-- name: profile.due
SELECT id FROM person WHERE wake > 0 AND wake <= $1 ORDER BY wake LIMIT $2 FOR UPDATE SKIP LOCKED;
-- name: profile.due (sqlite)
SELECT id FROM person WHERE wake > 0 AND wake <= $1 ORDER BY wake LIMIT $2;

-- name: profile.postpone
UPDATE person SET wake = $2 WHERE id = $1 AND wake > 0;

-- name: profile.next_due
SELECT COALESCE(MIN(wake), 0) FROM person WHERE wake > 0;

-- name: profile.count_open_cases
SELECT COUNT(*) FROM person WHERE open_cases > 0;

-- name: profile.count
SELECT COUNT(*) FROM person;

-- name: profile.page
SELECT id, rev, wake, doc FROM person WHERE id > $1 ORDER BY id LIMIT $2;

-- name: profile.newest
SELECT id, rev, wake, doc FROM person ORDER BY id DESC LIMIT $1;

-- name: profile.put_merge
INSERT INTO person_merge (loser, at, survivor, loser_doc, survivor_doc) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (loser, at) DO UPDATE SET survivor = excluded.survivor, loser_doc = excluded.loser_doc, survivor_doc = excluded.survivor_doc;

-- name: profile.merge_of
SELECT at, survivor, loser_doc, survivor_doc FROM person_merge WHERE loser = $1 ORDER BY at DESC LIMIT 1;

-- name: profile.merges
SELECT at, loser, loser_doc, survivor_doc FROM person_merge WHERE survivor = $1 ORDER BY at;

-- name: profile.delete_merge
DELETE FROM person_merge WHERE loser = $1 AND at = $2;

-- name: profile.erase_merges
DELETE FROM person_merge WHERE loser = $1 OR survivor = $1;

-- name: profile.put_note
INSERT INTO person_note (person, at, kind, name, detail) VALUES ($1, $2, $3, $4, $5);

-- name: profile.notes
SELECT at, kind, name, detail FROM person_note WHERE person = $1 ORDER BY n DESC LIMIT $2;

-- name: profile.delete_notes
DELETE FROM person_note WHERE person = $1;

-- name: profile.move_merges
UPDATE person_merge SET survivor = $2 WHERE survivor = $1;

-- name: profile.move_notes
UPDATE person_note SET person = $2 WHERE person = $1;

-- name: profile.ids
SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT $2;

-- name: profile.put_order
INSERT INTO person_search (token, person, kind, hash, at) VALUES ($1, $2, 'o', $3, $4) ON CONFLICT (token, person, kind) DO NOTHING;
-- name: profile.put_order (postgres, many)
INSERT INTO person_search (token, person, kind, hash, at)
SELECT token, person, 'o', hash, at FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::bigint[]) v (token, person, hash, at)
ON CONFLICT (token, person, kind) DO NOTHING;

-- name: profile.put_name
INSERT INTO person_search (token, person, kind, hash, at) VALUES ($1, $2, 'n', 0, 0) ON CONFLICT (token, person, kind) DO NOTHING;
-- name: profile.put_name (postgres, many)
INSERT INTO person_search (token, person, kind, hash, at) SELECT token, person, 'n', 0, 0 FROM unnest($1::text[], $2::bytea[]) v (token, person)
ON CONFLICT (token, person, kind) DO NOTHING;

-- name: profile.words
SELECT words FROM person WHERE id = $1;
-- name: profile.words (postgres, many)
SELECT v.n, p.words FROM unnest($1::bytea[]) WITH ORDINALITY v (id, n) JOIN person p USING (id) ORDER BY v.n;

-- name: profile.set_words
UPDATE person SET words = $2 WHERE id = $1;
-- name: profile.set_words (postgres, many)
UPDATE person p SET words = v.words FROM unnest($1::bytea[], $2::text[]) v (id, words) WHERE p.id = v.id;

-- name: profile.delete_name
DELETE FROM person_search WHERE token = $1 AND person = $2 AND kind = 'n';
-- name: profile.delete_name (postgres, many)
DELETE FROM person_search s USING unnest($1::text[], $2::bytea[]) v (token, person) WHERE s.token = v.token AND s.person = v.person AND s.kind = 'n';

-- name: profile.delete_orders
DELETE FROM person_search WHERE person = $1 AND kind = 'o';

-- name: profile.copy_orders
INSERT INTO person_search (token, person, kind, hash, at)
SELECT token, $2, kind, hash, at FROM person_search WHERE person = $1 AND kind = 'o' ON CONFLICT (token, person, kind) DO NOTHING;

-- name: profile.give_order
INSERT INTO person_search (token, person, kind, hash, at)
SELECT token, $3, kind, hash, at FROM person_search WHERE person = $1 AND kind = 'o' AND hash = $2 ON CONFLICT (token, person, kind) DO NOTHING;

-- name: profile.take_order
DELETE FROM person_search WHERE person = $1 AND kind = 'o' AND hash = $2;

-- name: profile.trim_orders
DELETE FROM person_search WHERE person = $1 AND kind = 'o'
  AND at < (SELECT at FROM person_search WHERE person = $1 AND kind = 'o' ORDER BY at DESC LIMIT 1 OFFSET $2);

-- name: profile.search
SELECT token, person FROM person_search WHERE token >= $1 AND token < $2 ORDER BY token, person LIMIT $3;

-- name: profile.search_count
SELECT count(*) FROM (SELECT 1 FROM person_search WHERE token >= $1 AND token < $2 LIMIT $3) found;

-- name: profile.search_both
SELECT a.token, a.person FROM (SELECT token, person FROM person_search WHERE token >= $1 AND token < $2 ORDER BY token, person LIMIT $5) a
JOIN person p ON p.id = a.person WHERE strpos(chr(10) || p.words, chr(10) || $3::text) > 0 LIMIT $4;
-- name: profile.search_both (sqlite)
SELECT a.token, a.person FROM (SELECT token, person FROM person_search WHERE token >= $1 AND token < $2 ORDER BY token, person LIMIT $5) a
JOIN person p ON p.id = a.person WHERE instr(char(10) || p.words, char(10) || $3) > 0 LIMIT $4;

-- name: profile.keep_before
INSERT INTO person_before (id, wake, doc) SELECT id, wake, CAST(doc AS TEXT) FROM person;

-- name: profile.reset_people
DELETE FROM person;

-- name: profile.reset_notes
DELETE FROM person_note;

-- name: profile.reset_search
DELETE FROM person_search;

-- name: profile.before
SELECT id, wake, doc FROM person_before ORDER BY id LIMIT $1;

-- name: profile.forget_before
DELETE FROM person_before WHERE id = $1;

-- name: profile.delete_blocks
DELETE FROM person_blocked WHERE person = $1;

-- name: profile.put_block
INSERT INTO person_blocked (key, person, reason, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (person, key) DO UPDATE SET reason = excluded.reason, at = excluded.at;

-- name: profile.blocked_list
SELECT key, person, reason, at FROM person_blocked
WHERE (at < $1 OR at = $1 AND (person > $2 OR person = $2 AND key > $3))
  AND ($4 = '' OR key >= $4 AND key < $5 OR address >= $4 AND address < $5)
  AND ($6 = '' OR reason = $6)
ORDER BY at DESC, person, key LIMIT $7;

-- name: profile.blocked_counts
SELECT reason, COUNT(*) FROM person_blocked GROUP BY reason;

-- name: profile.reset_blocked
DELETE FROM person_blocked;
