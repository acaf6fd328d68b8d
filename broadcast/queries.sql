-- name: broadcast.put_run
INSERT INTO broadcast_run (name, id, version, body, state, started_at, started_by, begins)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING;

-- name: broadcast.run
SELECT name, id, version, body, state, paused, started_at, started_by, begins, begun_at, ended_at, ended_by, after, audience,
  turned, paced, trouble FROM broadcast_run WHERE name = $1;

-- name: broadcast.runs
SELECT name, id, version, body, state, paused, started_at, started_by, begins, begun_at, ended_at, ended_by, after, audience,
  turned, paced, trouble FROM broadcast_run ORDER BY started_at DESC, name;

-- name: broadcast.open
SELECT name FROM broadcast_run WHERE ended_at = 0 AND paused = 0 AND begins <= $1 ORDER BY name;

-- name: broadcast.lock_run
SELECT name, id, version, body, state, paused, started_at, started_by, begins, begun_at, ended_at, ended_by, after, audience,
  turned, paced, trouble FROM broadcast_run WHERE name = $1 AND ended_at = 0 AND paused = 0 FOR UPDATE SKIP LOCKED;
-- name: broadcast.lock_run (sqlite)
SELECT name, id, version, body, state, paused, started_at, started_by, begins, begun_at, ended_at, ended_by, after, audience,
  turned, paced, trouble FROM broadcast_run WHERE name = $1 AND ended_at = 0 AND paused = 0;

-- name: broadcast.set_run
UPDATE broadcast_run SET state = $2, begun_at = $3, ended_at = $4, after = $5, audience = $6, turned = $7, paced = $8, trouble = $9
WHERE name = $1;

-- name: broadcast.set_trouble
UPDATE broadcast_run SET trouble = $2 WHERE name = $1 AND trouble <> $2;

-- name: broadcast.set_paused
UPDATE broadcast_run SET paused = $2 WHERE name = $1 AND ended_at = 0 AND state <> 'stopping';

-- name: broadcast.stop
UPDATE broadcast_run SET state = 'stopping', paused = 0, after = NULL, ended_by = $2, begins = CASE WHEN begins > $3 THEN $3 ELSE begins END
WHERE name = $1 AND ended_at = 0;

-- name: broadcast.add_person
INSERT INTO broadcast_person (broadcast, person, due, state, reason, turn) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (broadcast, person) DO NOTHING;

-- name: broadcast.due
SELECT person, state, outcome FROM broadcast_person WHERE broadcast = $1 AND state = 'waiting' AND due <= $2 ORDER BY due, person LIMIT $3;

-- name: broadcast.waiting
SELECT 1 FROM broadcast_person WHERE broadcast = $1 AND state = 'waiting' LIMIT 1;

-- name: broadcast.postpone
UPDATE broadcast_person SET due = $3, outcome = 'hold', reason = $4, rule = $5, text = $6, until = $3
WHERE broadcast = $1 AND person = $2 AND state = 'waiting';

-- name: broadcast.turn
UPDATE broadcast_person SET state = $3, variant = $4, turn = $5, message = $6, reason = $7, outcome = '', rule = '', text = '', until = 0
WHERE broadcast = $1 AND person = $2 AND state = 'waiting';

-- name: broadcast.decided
UPDATE broadcast_person SET outcome = $2, reason = $3, rule = $4, text = $5, until = $6 WHERE message = $1;

-- name: broadcast.happened
UPDATE broadcast_person SET
  sent = CASE WHEN $2 = 'sent' AND sent = 0 THEN $3 ELSE sent END,
  delivered = CASE WHEN $2 = 'delivered' AND delivered = 0 THEN $3 ELSE delivered END,
  opened = CASE WHEN $2 IN ('opened', 'clicked') AND opened = 0 THEN $3 ELSE opened END,
  clicked = CASE WHEN $2 = 'clicked' AND clicked = 0 THEN $3 ELSE clicked END,
  bounced = CASE WHEN $2 = 'bounced' AND bounced = 0 THEN $3 ELSE bounced END,
  failed = CASE WHEN $2 = 'failed' AND failed = 0 THEN $3 ELSE failed END,
  opted_out = CASE WHEN $2 = 'unsubscribed' AND opted_out = 0 THEN $3 ELSE opted_out END,
  complained = CASE WHEN $2 = 'complained' AND complained = 0 THEN $3 ELSE complained END
WHERE message = $1;

-- name: broadcast.to_withdraw
SELECT person, state, outcome FROM broadcast_person WHERE broadcast = $1 AND person > $2 AND sent = 0 AND bounced = 0 AND failed = 0
  AND (state = 'wanted' AND outcome IN ('send', 'hold') OR state = 'waiting' AND outcome = 'hold') ORDER BY person LIMIT $3;

-- name: broadcast.withdrawn
UPDATE broadcast_person SET state = 'canceled', outcome = '', reason = 'WITHDRAWN', rule = '', text = '', until = 0
WHERE broadcast = $1 AND person = $2 AND state IN ('wanted', 'waiting') AND sent = 0 AND bounced = 0 AND failed = 0;

-- name: broadcast.cancel_waiting
UPDATE broadcast_person SET state = 'canceled', outcome = '', reason = 'WITHDRAWN', rule = '', text = '', until = 0
WHERE broadcast = $1 AND state = 'waiting' AND outcome = '';

-- name: broadcast.of_people
SELECT broadcast, person, state, outcome FROM broadcast_person
WHERE person IN (SELECT decode(v, 'hex') FROM jsonb_array_elements_text($1::text::jsonb) AS t(v));
-- name: broadcast.of_people (sqlite)
SELECT broadcast, person, state, outcome FROM broadcast_person WHERE person IN (SELECT unhex(value) FROM json_each($1));
-- name: broadcast.give_up
DELETE FROM broadcast_person WHERE broadcast = $1 AND person = $2;
-- name: broadcast.move
UPDATE broadcast_person SET person = $3, outcome = CASE WHEN state = 'waiting' THEN '' ELSE outcome END,
  reason = CASE WHEN state = 'waiting' THEN '' ELSE reason END, rule = CASE WHEN state = 'waiting' THEN '' ELSE rule END,
  text = CASE WHEN state = 'waiting' THEN '' ELSE text END, until = CASE WHEN state = 'waiting' THEN 0 ELSE until END
WHERE broadcast = $1 AND person = $2
  AND NOT EXISTS (SELECT 1 FROM broadcast_person o WHERE o.broadcast = $1 AND o.person = $3);

-- name: broadcast.erase
DELETE FROM broadcast_person WHERE person = $1;
-- name: broadcast.erase_check
DELETE FROM broadcast_check_person WHERE person = $1;

-- name: broadcast.results
SELECT variant, state, outcome, COUNT(*),
  CAST(SUM(CASE WHEN sent > 0 OR delivered > 0 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN delivered > 0 THEN 1 ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN opened > 0 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN clicked > 0 THEN 1 ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN bounced > 0 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN failed > 0 THEN 1 ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN opted_out > 0 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN complained > 0 THEN 1 ELSE 0 END) AS BIGINT)
FROM broadcast_person WHERE broadcast = $1 GROUP BY variant, state, outcome ORDER BY variant, state, outcome;

-- name: broadcast.reasons
SELECT state, outcome, reason, rule, COUNT(*) FROM broadcast_person
WHERE broadcast = $1 AND reason NOT IN ('', 'OK') GROUP BY state, outcome, reason, rule ORDER BY 5 DESC, 1, 2, 3, 4 LIMIT 200;

-- name: broadcast.people
SELECT person, due, state, variant, turn, message, outcome, reason, rule, text, until, sent, delivered, opened, clicked, bounced,
  failed, opted_out, complained
FROM broadcast_person WHERE broadcast = $1 AND person > $2 AND ($3 = '' OR state = $3) AND ($4 = '' OR outcome = $4)
  AND ($5 = '' OR reason = $5) AND ($6 = '' OR variant = $6) ORDER BY person LIMIT $7;

-- name: broadcast.put_check
INSERT INTO broadcast_check (name, version, body, state, made_at, made_by) VALUES ($1, $2, $3, 'running', $4, $5)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, body = excluded.body, state = excluded.state, made_at = excluded.made_at,
  made_by = excluded.made_by, done_at = 0, after = NULL, people = 0, trouble = '';

-- name: broadcast.check
SELECT name, version, body, state, made_at, made_by, done_at, after, people, trouble FROM broadcast_check WHERE name = $1;

-- name: broadcast.open_checks
SELECT name FROM broadcast_check WHERE state = 'running' ORDER BY made_at;

-- name: broadcast.lock_check
SELECT name, version, body, state, made_at, made_by, done_at, after, people, trouble FROM broadcast_check
WHERE name = $1 AND state = 'running' FOR UPDATE SKIP LOCKED;
-- name: broadcast.lock_check (sqlite)
SELECT name, version, body, state, made_at, made_by, done_at, after, people, trouble FROM broadcast_check
WHERE name = $1 AND state = 'running';

-- name: broadcast.set_check
UPDATE broadcast_check SET state = $2, done_at = $3, after = $4, people = $5, trouble = $6 WHERE name = $1;

-- name: broadcast.clear_check
DELETE FROM broadcast_check_person WHERE broadcast = $1;

-- name: broadcast.add_checked
INSERT INTO broadcast_check_person (broadcast, person, variant, due, outcome, reason, rule, text, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (broadcast, person) DO NOTHING;

-- name: broadcast.checked_reasons
SELECT variant, outcome, reason, rule, COUNT(*), MIN(due), MAX(due) FROM broadcast_check_person WHERE broadcast = $1
GROUP BY variant, outcome, reason, rule ORDER BY 5 DESC, 1, 2, 3, 4 LIMIT 500;

-- name: broadcast.checked_people
SELECT person, variant, due, outcome, reason, rule, text, until FROM broadcast_check_person
WHERE broadcast = $1 AND person > $2 AND ($3 = '' OR outcome = $3) AND ($4 = '' OR reason = $4) AND ($5 = '' OR rule = $5)
  AND ($6 = '' OR variant = $6) ORDER BY person LIMIT $7;
