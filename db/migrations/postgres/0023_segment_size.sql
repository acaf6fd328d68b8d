-- +goose Up
-- How many were in each segment, a row a day (midnight UTC, microseconds): the latest count of that day. Owner: segment/
CREATE TABLE segment_size (
  segment TEXT NOT NULL,
  day     BIGINT NOT NULL,
  people  BIGINT NOT NULL,
  PRIMARY KEY (segment, day)
);
