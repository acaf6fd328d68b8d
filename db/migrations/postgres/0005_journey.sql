-- +goose Up
-- Every run, for lists and counts; what decides lies in the person's document. Owner: journey/
CREATE TABLE journey_run (
  id      BYTEA NOT NULL PRIMARY KEY,
  journey TEXT NOT NULL,
  version BIGINT NOT NULL,
  person  BYTEA NOT NULL,
  key     TEXT NOT NULL DEFAULT '',
  node    TEXT NOT NULL,
  state   TEXT NOT NULL,
  entered BIGINT NOT NULL,
  since   BIGINT NOT NULL DEFAULT 0,
  due     BIGINT NOT NULL DEFAULT 0,
  exited  BIGINT NOT NULL DEFAULT 0,
  reason  TEXT NOT NULL DEFAULT '',
  goal    BIGINT NOT NULL DEFAULT 0,
  steps   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX journey_run_list ON journey_run (journey, id);
CREATE INDEX journey_run_person ON journey_run (person, id);
-- Who stands where: counts per node, and the people whom a new version concerns.
CREATE INDEX journey_run_here ON journey_run (journey, node, state, id) WHERE exited = 0;
-- How far the walk over people whom a new version of a journey concerns has come.
CREATE TABLE journey_sweep (
  journey TEXT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  phase   TEXT NOT NULL,
  after   BYTEA
);
