-- +goose Up
-- How many were in each segment, a row a day (midnight UTC, microseconds): the latest count of that day. Owner: segment/
CREATE TABLE segment_size (
  segment TEXT NOT NULL,
  day     INTEGER NOT NULL,
  people  INTEGER NOT NULL,
  PRIMARY KEY (segment, day)
);
