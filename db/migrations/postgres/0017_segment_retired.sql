-- +goose Up
-- Counters that no rule needs any more, and the revision of the specs since which: a person's document loses them the
-- next time that it is written. Owner: segment/
CREATE TABLE segment_retired (
  id       TEXT NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL
);
