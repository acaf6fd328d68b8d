-- +goose Up
-- The sources that links of identifiers came from, by the number that a link keeps: 7 bits. Owner: identity/
CREATE TABLE identity_source (
  n    BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
