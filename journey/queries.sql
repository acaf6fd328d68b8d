-- name: journey.put_run
INSERT INTO journey_run (id, journey, version, person, key, node, state, entered, since, due, exited, reason, goal, steps)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, person = excluded.person, node = excluded.node,
  state = excluded.state, since = excluded.since, due = excluded.due, exited = excluded.exited,
  reason = excluded.reason, goal = excluded.goal, steps = excluded.steps;
-- name: journey.put_run (postgres, many)
INSERT INTO journey_run (id, journey, version, person, key, node, state, entered, since, due, exited, reason, goal, steps)
SELECT * FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::bigint[], $14::bigint[])
ON CONFLICT (id) DO UPDATE SET version = excluded.version, person = excluded.person, node = excluded.node,
  state = excluded.state, since = excluded.since, due = excluded.due, exited = excluded.exited,
  reason = excluded.reason, goal = excluded.goal, steps = excluded.steps;

-- name: journey.move_runs
UPDATE journey_run SET person = $2 WHERE person = $1;

-- name: journey.erase_runs
DELETE FROM journey_run WHERE person = $1;

-- name: journey.count_here
SELECT journey, node, state, count(*) FROM journey_run WHERE exited = 0 AND ($1 = '' OR journey = $1) GROUP BY journey, node, state ORDER BY journey, node, state;

-- name: journey.count_ended
SELECT journey, reason, count(*), sum(CASE WHEN goal > 0 THEN 1 ELSE 0 END) FROM journey_run
WHERE exited > 0 AND ($1 = '' OR journey = $1) AND exited >= $2 GROUP BY journey, reason ORDER BY journey, reason;

-- name: journey.list_runs
SELECT id, journey, version, person, key, node, state, entered, since, due, exited, reason, goal, steps FROM journey_run
WHERE journey = $1 AND id < $2 AND ($3 = '' OR state = $3) AND ($4 = '' OR node = $4) ORDER BY id DESC LIMIT $5;

-- name: journey.list_here
SELECT id, journey, version, person, key, node, state, entered, since, due, exited, reason, goal, steps FROM journey_run
WHERE exited = 0 AND journey = $1 AND node = $2 AND state = $3 AND id < $4 ORDER BY id DESC LIMIT $5;

-- name: journey.runs_of
SELECT id, journey, version, person, key, node, state, entered, since, due, exited, reason, goal, steps FROM journey_run
WHERE person = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: journey.runs_of_people
SELECT person, id, key, entered, exited FROM journey_run
WHERE person IN (SELECT decode(v, 'hex') FROM jsonb_array_elements_text($1::text::jsonb) AS t(v)) AND journey = $2 AND reason <> 'merged' ORDER BY id;
-- name: journey.runs_of_people (sqlite)
SELECT person, id, key, entered, exited FROM journey_run
WHERE person IN (SELECT unhex(value) FROM json_each($1)) AND journey = $2 AND reason <> 'merged' ORDER BY id;

-- name: journey.old_runs
SELECT id, CASE WHEN exited > 0 AND exited < $2 THEN 1 ELSE 0 END FROM journey_run WHERE id > $1 ORDER BY id LIMIT $3;

-- name: journey.delete_run
DELETE FROM journey_run WHERE id = $1;

-- name: journey.get_run
SELECT id, journey, version, person, key, node, state, entered, since, due, exited, reason, goal, steps FROM journey_run WHERE id = $1;

-- name: journey.sweeps
SELECT journey, version, phase, after FROM journey_sweep ORDER BY journey;

-- name: journey.put_sweep
INSERT INTO journey_sweep (journey, version, phase, after) VALUES ($1, $2, $3, $4)
ON CONFLICT (journey) DO UPDATE SET version = excluded.version, phase = excluded.phase, after = excluded.after;

-- name: journey.sweep_runs
SELECT id, person FROM journey_run WHERE journey = $1 AND id > $2 AND exited = 0 ORDER BY id LIMIT $3;


-- name: journey.versions_inside
SELECT DISTINCT journey, version FROM journey_run WHERE exited = 0;

-- name: journey.count_versions
SELECT version, count(*) FROM journey_run WHERE exited = 0 AND journey = $1 GROUP BY version ORDER BY version DESC;

-- name: journey.put_rehearsal
INSERT INTO journey_rehearsal (id, journey, state, made, made_by, beat, draft) VALUES ($1, $2, 'queued', $3, $4, $3, $5);

-- name: journey.trim_rehearsals
DELETE FROM journey_rehearsal WHERE made < (SELECT made FROM journey_rehearsal ORDER BY made DESC LIMIT 1 OFFSET $1);

-- name: journey.rehearsal
SELECT id, journey, state, done, made, made_by, draft, error, result FROM journey_rehearsal WHERE id = $1;

-- name: journey.claim_rehearsal
UPDATE journey_rehearsal SET state = 'running', beat = $1
WHERE id = (SELECT id FROM journey_rehearsal WHERE state = 'queued' OR state = 'running' AND beat < $2 ORDER BY made LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, journey, state, done, made, made_by, draft, error, result;
-- name: journey.claim_rehearsal (sqlite)
UPDATE journey_rehearsal SET state = 'running', beat = $1
WHERE id = (SELECT id FROM journey_rehearsal WHERE state = 'queued' OR state = 'running' AND beat < $2 ORDER BY made LIMIT 1)
RETURNING id, journey, state, done, made, made_by, draft, error, result;

-- name: journey.beat_rehearsal
UPDATE journey_rehearsal SET done = $2, beat = $3 WHERE id = $1 AND state = 'running';

-- name: journey.end_rehearsal
UPDATE journey_rehearsal SET state = $2, result = $3, error = $4, beat = $5, done = 1 WHERE id = $1 AND state = 'running';

-- name: journey.cancel_rehearsal
UPDATE journey_rehearsal SET state = 'canceled', beat = $2 WHERE id = $1 AND state IN ('queued', 'running');

-- name: journey.count_nodes
SELECT node, state, count(*) FROM journey_run WHERE exited = 0 AND journey = $1 AND ($2 = 0 OR version = $2) GROUP BY node, state ORDER BY node, state;

-- name: journey.overdue
SELECT journey, COUNT(*), MIN(due) FROM journey_run WHERE exited = 0 AND state = 'active' AND due > 0 AND due < $1 GROUP BY journey ORDER BY journey;
