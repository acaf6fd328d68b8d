-- +goose Up
-- The suppression list: what the documents of people say is blocked, to be listed and searched. Owner: profile
CREATE TABLE person_blocked (
  person  BYTEA NOT NULL,
  key     TEXT COLLATE "C" NOT NULL,
  reason  TEXT NOT NULL,
  at      BIGINT NOT NULL,
  address TEXT COLLATE "C" GENERATED ALWAYS AS (CASE WHEN strpos(key, ':') > 0 THEN substr(key, strpos(key, ':') + 1) ELSE '' END) STORED,
  PRIMARY KEY (person, key)
);
CREATE INDEX person_blocked_at ON person_blocked (at DESC, person, key);
CREATE INDEX person_blocked_key ON person_blocked (key);
CREATE INDEX person_blocked_address ON person_blocked (address);
INSERT INTO person_blocked (person, key, reason, at)
SELECT p.id, j.key, coalesce(j.value->>'r', ''), coalesce((j.value->>'t')::bigint, 0)
FROM person AS p, jsonb_each(p.doc->'b') AS j;

-- +goose Down
DROP TABLE person_blocked;
