-- +goose Up
-- People's documents as they were before memory is rebuilt from the stream; empty otherwise. Owner: profile/
CREATE TABLE person_before (
  id   BLOB NOT NULL PRIMARY KEY,
  wake INTEGER NOT NULL,
  doc  TEXT NOT NULL
);
