-- +goose Up
-- The suppression list: what the documents of people say is blocked, to be listed and searched. Owner: profile
CREATE TABLE person_blocked (
  person  BLOB NOT NULL,
  key     TEXT NOT NULL,
  reason  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  address TEXT GENERATED ALWAYS AS (CASE WHEN instr(key, ':') > 0 THEN substr(key, instr(key, ':') + 1) ELSE '' END) STORED,
  PRIMARY KEY (person, key)
);
CREATE INDEX person_blocked_at ON person_blocked (at DESC, person, key);
CREATE INDEX person_blocked_key ON person_blocked (key);
CREATE INDEX person_blocked_address ON person_blocked (address);
INSERT INTO person_blocked (person, key, reason, at)
SELECT p.id, j.key, coalesce(json_extract(j.value, '$.r'), ''), coalesce(json_extract(j.value, '$.t'), 0)
FROM person AS p, json_each(p.doc, '$.b') AS j WHERE p.doc LIKE '%"b":{%';

-- +goose Down
DROP TABLE person_blocked;
