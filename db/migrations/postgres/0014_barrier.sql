-- +goose Up
-- A row to change when everything that was committed must reach the disk. Owner: db/
CREATE TABLE state_barrier (
  one BIGINT NOT NULL PRIMARY KEY,
  n   BIGINT NOT NULL
);
INSERT INTO state_barrier (one, n) VALUES (1, 0);
