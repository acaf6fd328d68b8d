-- +goose Up
-- The memory of each customer: one document, and the columns that SQL needs. Owner: profile/
CREATE TABLE person (
  id         BYTEA NOT NULL PRIMARY KEY,
  rev        BIGINT NOT NULL,
  wake       BIGINT NOT NULL,
  stage      TEXT NOT NULL,
  first_seen BIGINT NOT NULL,
  last_seen  BIGINT NOT NULL,
  doc        JSONB NOT NULL
);
CREATE INDEX person_wake ON person (wake) WHERE wake > 0;
CREATE INDEX person_stage ON person (stage, id);
-- Both documents as they were before a merge, so that it can be undone.
CREATE TABLE person_merge (
  loser        BYTEA NOT NULL,
  at           BIGINT NOT NULL,
  survivor     BYTEA NOT NULL,
  loser_doc    TEXT NOT NULL,
  survivor_doc TEXT NOT NULL,
  PRIMARY KEY (loser, at)
);
CREATE INDEX person_merge_survivor ON person_merge (survivor);
-- What we could not take into memory, and why: findable per person and per reason.
CREATE TABLE person_note (
  n      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person BYTEA NOT NULL,
  at     BIGINT NOT NULL,
  kind   TEXT NOT NULL,
  name   TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX person_note_person ON person_note (person);
