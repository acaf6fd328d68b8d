-- +goose Up
-- The memory of each customer: one document, and the columns that SQL needs. Owner: profile/
CREATE TABLE person (
  id         BLOB NOT NULL PRIMARY KEY,
  rev        INTEGER NOT NULL,
  wake       INTEGER NOT NULL,
  stage      TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL,
  doc        TEXT NOT NULL
);
CREATE INDEX person_wake ON person (wake) WHERE wake > 0;
CREATE INDEX person_stage ON person (stage, id);
-- Both documents as they were before a merge, so that it can be undone.
CREATE TABLE person_merge (
  loser        BLOB NOT NULL,
  at           INTEGER NOT NULL,
  survivor     BLOB NOT NULL,
  loser_doc    TEXT NOT NULL,
  survivor_doc TEXT NOT NULL,
  PRIMARY KEY (loser, at)
);
CREATE INDEX person_merge_survivor ON person_merge (survivor);
-- What we could not take into memory, and why: findable per person and per reason.
CREATE TABLE person_note (
  n      INTEGER PRIMARY KEY AUTOINCREMENT,
  person BLOB NOT NULL,
  at     INTEGER NOT NULL,
  kind   TEXT NOT NULL,
  name   TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX person_note_person ON person_note (person);
