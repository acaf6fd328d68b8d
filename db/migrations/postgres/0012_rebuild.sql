-- +goose Up
-- People's documents as they were before memory is rebuilt from the stream; empty otherwise. Owner: profile/
CREATE TABLE person_before (
  id   BYTEA NOT NULL PRIMARY KEY,
  wake BIGINT NOT NULL,
  doc  TEXT NOT NULL
);
