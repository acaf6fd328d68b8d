-- +goose Up
-- Which place in identity's log of key changes a number stands for that a history store has kept. Owner: insight/
CREATE TABLE insight_feed (
  n  INTEGER NOT NULL PRIMARY KEY,
  tx INTEGER NOT NULL,
  at INTEGER NOT NULL
);
