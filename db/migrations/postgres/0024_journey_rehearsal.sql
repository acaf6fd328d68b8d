-- +goose Up
-- Drafts that were rehearsed against the past: how far each has come, and what came of it. Owner: journey/
CREATE TABLE journey_rehearsal (
  id      BYTEA NOT NULL PRIMARY KEY,
  journey TEXT NOT NULL,
  state   TEXT NOT NULL,
  done    DOUBLE PRECISION NOT NULL DEFAULT 0,
  made    BIGINT NOT NULL,
  made_by TEXT NOT NULL DEFAULT '',
  beat    BIGINT NOT NULL,
  draft   TEXT NOT NULL,
  error   TEXT NOT NULL DEFAULT '',
  result  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX journey_rehearsal_made ON journey_rehearsal (made);
