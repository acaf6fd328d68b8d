-- +goose Up
-- Every broadcast that was started, with the document that it was started with. Owner: broadcast/
CREATE TABLE broadcast_run (
  name       TEXT NOT NULL PRIMARY KEY,
  id         BLOB NOT NULL,
  version    INTEGER NOT NULL,
  body       TEXT NOT NULL,
  state      TEXT NOT NULL,
  paused     INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL,
  started_by TEXT NOT NULL,
  begins     INTEGER NOT NULL,
  begun_at   INTEGER NOT NULL DEFAULT 0,
  ended_at   INTEGER NOT NULL DEFAULT 0,
  ended_by   TEXT NOT NULL DEFAULT '',
  after      BLOB,
  audience   INTEGER NOT NULL DEFAULT 0,
  turned     INTEGER NOT NULL DEFAULT 0,
  paced      INTEGER NOT NULL DEFAULT 0,
  trouble    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX broadcast_run_open ON broadcast_run (name) WHERE ended_at = 0;
-- Everybody whom a broadcast is about, and what has become of it for them.
CREATE TABLE broadcast_person (
  broadcast  TEXT NOT NULL,
  person     BLOB NOT NULL,
  due        INTEGER NOT NULL,
  state      TEXT NOT NULL,
  variant    TEXT NOT NULL DEFAULT '',
  turn       INTEGER NOT NULL DEFAULT 0,
  message    BLOB,
  outcome    TEXT NOT NULL DEFAULT '',
  reason     TEXT NOT NULL DEFAULT '',
  rule       TEXT NOT NULL DEFAULT '',
  text       TEXT NOT NULL DEFAULT '',
  until      INTEGER NOT NULL DEFAULT 0,
  sent       INTEGER NOT NULL DEFAULT 0,
  delivered  INTEGER NOT NULL DEFAULT 0,
  opened     INTEGER NOT NULL DEFAULT 0,
  clicked    INTEGER NOT NULL DEFAULT 0,
  bounced    INTEGER NOT NULL DEFAULT 0,
  failed     INTEGER NOT NULL DEFAULT 0,
  opted_out  INTEGER NOT NULL DEFAULT 0,
  complained INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (broadcast, person)
);
CREATE INDEX broadcast_person_due ON broadcast_person (broadcast, due, person) WHERE state = 'waiting';
CREATE UNIQUE INDEX broadcast_person_message ON broadcast_person (message) WHERE message IS NOT NULL;
CREATE INDEX broadcast_person_person ON broadcast_person (person);
-- The latest look at who would get a broadcast, before it is started.
CREATE TABLE broadcast_check (
  name    TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL,
  state   TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  done_at INTEGER NOT NULL DEFAULT 0,
  after   BLOB,
  people  INTEGER NOT NULL DEFAULT 0,
  trouble TEXT NOT NULL DEFAULT ''
);
CREATE TABLE broadcast_check_person (
  broadcast TEXT NOT NULL,
  person    BLOB NOT NULL,
  variant   TEXT NOT NULL,
  due       INTEGER NOT NULL,
  outcome   TEXT NOT NULL,
  reason    TEXT NOT NULL,
  rule      TEXT NOT NULL,
  text      TEXT NOT NULL,
  until     INTEGER NOT NULL,
  PRIMARY KEY (broadcast, person)
);
CREATE INDEX broadcast_check_reason ON broadcast_check_person (broadcast, outcome, reason, rule, person);
CREATE INDEX broadcast_check_one ON broadcast_check_person (person);
