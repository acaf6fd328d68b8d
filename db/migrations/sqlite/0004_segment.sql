-- +goose Up
-- Who is in which segment, for lists and counts; the person's document says the same. Owner: segment/
CREATE TABLE segment_member (
  segment TEXT NOT NULL,
  person  BLOB NOT NULL,
  since   INTEGER NOT NULL,
  PRIMARY KEY (segment, person)
) WITHOUT ROWID;
CREATE INDEX segment_member_person ON segment_member (person);
-- How many are in each segment: the sum over shards, one for each partition, so that workers do not wait for each other.
CREATE TABLE segment_count (
  segment TEXT NOT NULL,
  shard   INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (segment, shard)
);
-- Where each segment (and the lifecycle ladder) stands: waiting for its counters, filling with the people who match
-- already, live, or removing.
CREATE TABLE segment_status (
  kind  TEXT NOT NULL,
  name  TEXT NOT NULL,
  state TEXT NOT NULL,
  rule  TEXT NOT NULL,
  loud  INTEGER NOT NULL DEFAULT 0,
  swept BLOB,
  since INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
);
-- What is counted in people's documents, and since which build.
CREATE TABLE segment_counter (
  id    TEXT NOT NULL,
  build INTEGER NOT NULL,
  text  TEXT NOT NULL,
  depth INTEGER NOT NULL,
  mode  TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (id, build)
);
-- A build adds what history knows to the counters that began with it. A cut is where, in each partition, live counting
-- took over.
CREATE TABLE segment_build (
  build     INTEGER NOT NULL PRIMARY KEY,
  state     TEXT NOT NULL,
  after_key BLOB,
  made      INTEGER NOT NULL
);
CREATE TABLE segment_cut (
  build INTEGER NOT NULL,
  part  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  PRIMARY KEY (build, part)
);
-- One row: the revision of the brand's specs for which all of the above was worked out, how often it has changed
-- since, and how many builds still wait for cuts.
CREATE TABLE segment_state (
  one      INTEGER NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL,
  tick     INTEGER NOT NULL,
  cutting  INTEGER NOT NULL
);
INSERT INTO segment_state (one, revision, tick, cutting) VALUES (1, -1, 0, 0);
