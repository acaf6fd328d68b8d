-- +goose Up
-- How far each partition of the stream has been folded into state. Owner: stream/
CREATE TABLE stream_position (
  part       BIGINT NOT NULL PRIMARY KEY,
  seq        BIGINT NOT NULL,
  owner      TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0
);
-- Hashes of message ids, 16 bytes each, sorted in one blob. See docs/stream.md.
CREATE TABLE dedup_run (
  part   BIGINT NOT NULL,
  bucket BIGINT NOT NULL,
  run    BIGINT NOT NULL,
  born   BIGINT NOT NULL,
  hashes BYTEA NOT NULL,
  PRIMARY KEY (part, bucket, run)
);
CREATE TABLE dedup_bucket (
  part   BIGINT NOT NULL,
  bucket BIGINT NOT NULL,
  youngest BIGINT NOT NULL,
  filter BYTEA NOT NULL,
  PRIMARY KEY (part, bucket)
);
-- Which events of an envelope were duplicates: the history store leaves them out too.
CREATE TABLE stream_dropped (
  part BIGINT NOT NULL,
  seq  BIGINT NOT NULL,
  idx  TEXT NOT NULL,
  PRIMARY KEY (part, seq)
);
-- Derived facts that wait to be published; written with the effects, deleted when the stream has them.
CREATE TABLE stream_fact (
  id       BYTEA NOT NULL PRIMARY KEY,
  part     BIGINT NOT NULL,
  envelope BYTEA NOT NULL
);
-- What the brand configured, every version of it. Owner: internal/spec
CREATE TABLE spec (
  kind     TEXT NOT NULL,
  name     TEXT NOT NULL,
  version  BIGINT NOT NULL,
  body     TEXT NOT NULL,
  deleted  BIGINT NOT NULL DEFAULT 0,
  made_at  BIGINT NOT NULL,
  made_by  TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (kind, name, version)
);
CREATE TABLE spec_revision (
  one      BIGINT NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL
);
INSERT INTO spec_revision (one, revision) VALUES (1, 0);
