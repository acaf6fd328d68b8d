-- +goose Up
-- How many events of the record behind seq have been folded: a batch that fails only as a whole is folded in parts. Owner: stream/
ALTER TABLE stream_position ADD COLUMN done BIGINT NOT NULL DEFAULT 0;
-- The processes that share the partitions, each until when it was last known to work. Owner: stream/
CREATE TABLE stream_member (
  owner TEXT NOT NULL PRIMARY KEY,
  until BIGINT NOT NULL
);
