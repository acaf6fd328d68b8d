-- +goose Up
-- How far each partition of the stream has been folded into state. Owner: stream/
CREATE TABLE stream_position (
  part       INTEGER NOT NULL PRIMARY KEY,
  seq        INTEGER NOT NULL,
  owner      TEXT NOT NULL DEFAULT '',
  lease_until INTEGER NOT NULL DEFAULT 0
);
-- Hashes of message ids, 16 bytes each, sorted in one blob. See docs/stream.md.
CREATE TABLE dedup_run (
  part   INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  run    INTEGER NOT NULL,
  born   INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (part, bucket, run)
);
CREATE TABLE dedup_bucket (
  part   INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  youngest INTEGER NOT NULL,
  filter BLOB NOT NULL,
  PRIMARY KEY (part, bucket)
);
-- Which events of an envelope were duplicates: the history store leaves them out too.
CREATE TABLE stream_dropped (
  part INTEGER NOT NULL,
  seq  INTEGER NOT NULL,
  idx  TEXT NOT NULL,
  PRIMARY KEY (part, seq)
);
-- Derived facts that wait to be published; written with the effects, deleted when the stream has them.
CREATE TABLE stream_fact (
  id       BLOB NOT NULL PRIMARY KEY,
  part     INTEGER NOT NULL,
  envelope BLOB NOT NULL
);
-- What the brand configured, every version of it. Owner: internal/spec
CREATE TABLE spec (
  kind     TEXT NOT NULL,
  name     TEXT NOT NULL,
  version  INTEGER NOT NULL,
  body     TEXT NOT NULL,
  deleted  INTEGER NOT NULL DEFAULT 0,
  made_at  INTEGER NOT NULL,
  made_by  TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (kind, name, version)
);
CREATE TABLE spec_revision (
  one      INTEGER NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL
);
INSERT INTO spec_revision (one, revision) VALUES (1, 0);
