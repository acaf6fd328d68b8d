-- name: ledger.put_message
INSERT INTO message (id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $12, '', $15, 0, $16)
ON CONFLICT (id) DO NOTHING;
-- name: ledger.put_message (postgres, many)
INSERT INTO message (id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent)
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires, 0, made, '', detail, 0, intent
FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::text[]) v (id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires, detail, intent)
ON CONFLICT (id) DO NOTHING;

-- name: ledger.set_message
UPDATE message SET state = $2, reason = $3, due = $4, address = $5, detail = $6, changed_at = $7, person = $8
WHERE id = $1 AND state IN ('held', 'reserved');
-- name: ledger.set_message (postgres, many)
UPDATE message m SET state = v.state, reason = v.reason, due = v.due, address = v.address, detail = v.detail, changed_at = v.at, person = v.person
FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::bytea[]) v (id, state, reason, due, address, detail, at, person)
WHERE m.id = v.id AND m.state IN ('held', 'reserved');

-- name: ledger.message
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent
FROM message WHERE id = $1;

-- name: ledger.message_by_provider
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent
FROM message WHERE provider = $1 AND provider <> '' ORDER BY id DESC LIMIT 1;

-- name: ledger.reserved_of_people
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent
FROM message WHERE state = 'reserved' AND run IS NOT NULL
  AND person IN (SELECT decode(v, 'hex') FROM jsonb_array_elements_text($1::text::jsonb) AS t(v));
-- name: ledger.reserved_of_people (sqlite)
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent
FROM message WHERE state = 'reserved' AND run IS NOT NULL
  AND person IN (SELECT unhex(value) FROM json_each($1));

-- name: ledger.any_due
SELECT 1 FROM message WHERE channel = $1 AND state = 'reserved' AND due <= $2 LIMIT 1;

-- name: ledger.lock_channel
SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended('heed.outbox.' || $1::text, 0))) AS l;
-- name: ledger.lock_channel (sqlite)
SELECT length($1);

-- name: ledger.due
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent
FROM message WHERE channel = $1 AND state = 'reserved' AND due <= $2 ORDER BY due, id LIMIT $3;

-- name: ledger.lock_reserved
SELECT id FROM message WHERE state = 'reserved'
  AND id IN (SELECT decode(v, 'hex') FROM jsonb_array_elements_text($1::text::jsonb) AS t(v))
FOR UPDATE SKIP LOCKED;
-- name: ledger.lock_reserved (sqlite)
SELECT id FROM message WHERE state = 'reserved' AND id IN (SELECT unhex(value) FROM json_each($1));

-- name: ledger.take
UPDATE message SET state = 'sending', attempts = attempts + 1, owner = $2, claimed_at = $3, changed_at = $3, address = $4
WHERE id = $1 AND state = 'reserved';
-- name: ledger.take (postgres, many)
UPDATE message m SET state = 'sending', attempts = m.attempts + 1, owner = v.owner, claimed_at = v.at, changed_at = v.at, address = v.address
FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::text[]) v (id, owner, at, address)
WHERE m.id = v.id AND m.state = 'reserved';

-- name: ledger.refuse
UPDATE message SET state = $5, reason = $2, detail = $3, changed_at = $4, due = $6 WHERE id = $1 AND state = 'reserved';

-- name: ledger.record
UPDATE message SET state = $2, sent_at = CASE WHEN CAST($3 AS BIGINT) > 0 THEN CAST($3 AS BIGINT) ELSE sent_at END, changed_at = $4,
  provider = CASE WHEN $5 = '' THEN provider ELSE $5 END, detail = $6
WHERE id = $1 AND state IN ('sending', 'unknown');
-- name: ledger.record (postgres, many)
UPDATE message m SET state = v.state, sent_at = CASE WHEN v.sent > 0 THEN v.sent ELSE m.sent_at END, changed_at = v.at,
  provider = CASE WHEN v.provider = '' THEN m.provider ELSE v.provider END, detail = v.detail
FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[]) v (id, state, sent, at, provider, detail)
WHERE m.id = v.id AND m.state IN ('sending', 'unknown');

-- name: ledger.requeue
UPDATE message SET state = 'reserved', due = $2, changed_at = $3, detail = $4 WHERE id = $1 AND state = 'sending';

-- name: ledger.put_try
UPDATE message SET tries = tries || $2 WHERE id = $1;
-- name: ledger.put_try (postgres, many)
UPDATE message m SET tries = m.tries || v.try FROM unnest($1::bytea[], $2::text[]) v (id, try) WHERE m.id = v.id;

-- name: ledger.tries
SELECT tries FROM message WHERE id = $1;

-- name: ledger.message_to_resend
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent
FROM message WHERE id = $1 FOR UPDATE;
-- name: ledger.message_to_resend (sqlite)
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent
FROM message WHERE id = $1;

-- name: ledger.resend
UPDATE message SET state = 'reserved', due = $2, changed_at = $2, expires = $3, detail = $4, tries = tries || $5, intent = $6 WHERE id = $1;

-- name: ledger.give_back
UPDATE message SET state = 'reserved', attempts = attempts - 1, changed_at = $3 WHERE id = $1 AND state = 'sending' AND owner = $2;

-- name: ledger.recover
UPDATE message SET state = 'unknown', changed_at = $3, detail = $4
WHERE state = 'sending' AND (owner = $1 OR claimed_at <= $2);

-- name: ledger.feedback
UPDATE message SET state = $2, changed_at = $3,
  sent_at = CASE WHEN sent_at = 0 AND $2 NOT IN ('failed', 'unknown') THEN $3 ELSE sent_at END,
  detail = CASE WHEN $4 = '' THEN detail ELSE $4 END,
  provider = CASE WHEN $5 = '' THEN provider ELSE $5 END
WHERE id = $1 AND $6 > CASE state WHEN 'reserved' THEN 1 WHEN 'sending' THEN 2 WHEN 'unknown' THEN 3 WHEN 'sent' THEN 4
  WHEN 'failed' THEN 5 WHEN 'delivered' THEN 6 WHEN 'bounced' THEN 7 WHEN 'complained' THEN 8 ELSE 100 END;

-- name: ledger.put_decision
INSERT INTO decision (id, at, person, message, journey, node, channel, purpose, outcome, reason, rule, text, until, dry,
  asked_by, inputs)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);
-- name: ledger.put_decision (postgres, many)
INSERT INTO decision (id, at, person, message, journey, node, channel, purpose, outcome, reason, rule, text, until, dry,
  asked_by, inputs)
SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::text[], $16::text[]);

-- name: ledger.decision
SELECT id, at, person, message, journey, node, channel, purpose, outcome, reason, rule, text, until, dry, asked_by, inputs
FROM decision WHERE id = $1;

-- name: ledger.move_messages
UPDATE message SET person = $2 WHERE person = $1;

-- name: ledger.move_decisions
UPDATE decision SET person = $2 WHERE person = $1;

-- name: ledger.erase_messages
DELETE FROM message WHERE person = $1;

-- name: ledger.erase_decisions
UPDATE decision SET person = NULL, message = NULL, text = '', inputs = '{}' WHERE person = $1;

-- name: ledger.specs_at
SELECT s.kind, s.name, s.body FROM spec s
WHERE s.kind IN ('brand', 'purpose', 'rule', 'cap', 'quiet_hours') AND s.deleted = 0
  AND s.version = (SELECT MAX(t.version) FROM spec t WHERE t.kind = s.kind AND t.name = s.name AND t.made_at <= $1)
ORDER BY s.kind, s.name;

-- name: ledger.decisions_of_message
SELECT id, at, person, message, journey, node, channel, purpose, outcome, reason, rule, text, until, dry, asked_by, inputs
FROM decision WHERE message = $1 ORDER BY at, id LIMIT 1000;

-- name: ledger.people_to_restore
SELECT DISTINCT person FROM message
WHERE person > $1 AND (state = 'held' OR state NOT IN ('dropped', 'canceled', 'failed') AND changed_at >= $2)
ORDER BY person LIMIT $3;

-- name: ledger.messages_to_restore
SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent
FROM message
WHERE person = $1 AND (state = 'held' OR state NOT IN ('dropped', 'canceled', 'failed') AND changed_at >= $2)
ORDER BY id;

-- name: ledger.gone
SELECT id, person, channel, purpose, class, journey, CASE WHEN sent_at > 0 THEN sent_at ELSE due END FROM message
WHERE person IN (SELECT decode(v, 'hex') FROM jsonb_array_elements_text($1::text::jsonb) AS t(v))
  AND state NOT IN ('held', 'reserved', 'dropped', 'canceled', 'failed') AND CASE WHEN sent_at > 0 THEN sent_at ELSE due END >= $2;
-- name: ledger.gone (sqlite)
SELECT id, person, channel, purpose, class, journey, CASE WHEN sent_at > 0 THEN sent_at ELSE due END FROM message
WHERE person IN (SELECT unhex(value) FROM json_each($1))
  AND state NOT IN ('held', 'reserved', 'dropped', 'canceled', 'failed') AND CASE WHEN sent_at > 0 THEN sent_at ELSE due END >= $2;

-- name: ledger.first_due
SELECT channel, MIN(due) FROM message WHERE state = 'reserved' GROUP BY channel ORDER BY channel;

-- name: ledger.waiting
SELECT COUNT(*), COALESCE(MIN(due), 0) FROM message WHERE state = 'reserved' AND channel = $1 AND due <= $2;

-- name: ledger.sending
SELECT COUNT(*) FROM message WHERE state = 'sending';

-- name: ledger.standing
SELECT (SELECT COUNT(*) FROM message WHERE state = 'held'), (SELECT COUNT(DISTINCT person) FROM message WHERE state = 'held'),
  (SELECT COUNT(*) FROM message WHERE state = 'reserved'), (SELECT COUNT(*) FROM message WHERE state = 'sending'),
  (SELECT COUNT(*) FROM message WHERE state = 'unknown');

-- name: ledger.tallied
UPDATE decision_tallied SET upto = $2 WHERE one = 1 AND upto = $1;

-- name: ledger.put_tally
INSERT INTO decision_hour (hour, outcome, reason, rule, channel, purpose, journey, dry, n) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING;

-- name: ledger.upto
SELECT upto FROM decision_tallied WHERE one = 1;

-- name: ledger.old_decisions
SELECT id, 1 FROM decision WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3;

-- name: ledger.delete_decisions
DELETE FROM decision WHERE id > $1 AND id <= $2;

-- name: ledger.old_messages
SELECT id, CASE WHEN state NOT IN ('held', 'reserved', 'sending') AND changed_at < $2 THEN 1 ELSE 0 END
FROM message WHERE id > $1 ORDER BY id LIMIT $3;

-- name: ledger.delete_message
DELETE FROM message WHERE id = $1 AND state NOT IN ('held', 'reserved', 'sending') AND changed_at < $2;

-- name: ledger.came_to
SELECT journey, state, reason, COUNT(*) AS n FROM (
  SELECT journey, state, reason FROM message
  WHERE id >= $1 AND journey <> '' AND state NOT IN ('held', 'reserved', 'sending', 'canceled') ORDER BY id DESC LIMIT $2) AS m
GROUP BY journey, state, reason ORDER BY journey, n DESC, state, reason;
