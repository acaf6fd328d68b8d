-- +goose Up
-- Who is in which segment, for lists and counts; the person's document says the same. Owner: segment/
CREATE TABLE segment_member (
  segment TEXT NOT NULL,
  person  BYTEA NOT NULL,
  since   BIGINT NOT NULL,
  PRIMARY KEY (segment, person)
);
CREATE INDEX segment_member_person ON segment_member (person);
-- How many are in each segment: the sum over shards, one for each partition, so that workers do not wait for each other.
CREATE TABLE segment_count (
  segment TEXT NOT NULL,
  shard   BIGINT NOT NULL,
  n       BIGINT NOT NULL,
  PRIMARY KEY (segment, shard)
);
-- Where each segment (and the lifecycle ladder) stands: waiting for its counters, filling with the people who match
-- already, live, or removing.
CREATE TABLE segment_status (
  kind  TEXT NOT NULL,
  name  TEXT NOT NULL,
  state TEXT NOT NULL,
  rule  TEXT NOT NULL,
  loud  BIGINT NOT NULL DEFAULT 0,
  swept BYTEA,
  since BIGINT NOT NULL,
  PRIMARY KEY (kind, name)
);
-- What is counted in people's documents, and since which build.
CREATE TABLE segment_counter (
  id    TEXT NOT NULL,
  build BIGINT NOT NULL,
  text  TEXT NOT NULL,
  depth BIGINT NOT NULL,
  mode  TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (id, build)
);
-- A build adds what history knows to the counters that began with it. A cut is where, in each partition, live counting
-- took over.
CREATE TABLE segment_build (
  build     BIGINT NOT NULL PRIMARY KEY,
  state     TEXT NOT NULL,
  after_key BYTEA,
  made      BIGINT NOT NULL
);
CREATE TABLE segment_cut (
  build BIGINT NOT NULL,
  part  BIGINT NOT NULL,
  seq   BIGINT NOT NULL,
  PRIMARY KEY (build, part)
);
-- One row: the revision of the brand's specs for which all of the above was worked out, how often it has changed
-- since, and how many builds still wait for cuts.
CREATE TABLE segment_state (
  one      BIGINT NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  tick     BIGINT NOT NULL,
  cutting  BIGINT NOT NULL
);
INSERT INTO segment_state (one, revision, tick, cutting) VALUES (1, -1, 0, 0);
