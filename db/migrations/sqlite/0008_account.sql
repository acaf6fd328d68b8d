-- +goose Up
-- The people who work here, their sessions and keys, and what they did. Owner: internal/account
CREATE TABLE account_user (
  id         BLOB NOT NULL PRIMARY KEY,
  email      TEXT NOT NULL,
  name       TEXT NOT NULL,
  role       TEXT NOT NULL,
  department TEXT NOT NULL DEFAULT '',
  password   TEXT NOT NULL,
  disabled   INTEGER NOT NULL DEFAULT 0,
  rev        INTEGER NOT NULL DEFAULT 1,
  made_at    INTEGER NOT NULL,
  last_login INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX account_user_email ON account_user (email);
CREATE TABLE account_session (
  hash       BLOB NOT NULL PRIMARY KEY,
  user_id    BLOB NOT NULL,
  made_at    INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address    TEXT NOT NULL DEFAULT '',
  agent      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX account_session_user ON account_session (user_id);
CREATE TABLE account_key (
  id         BLOB NOT NULL PRIMARY KEY,
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  prefix     TEXT NOT NULL,
  hash       BLOB NOT NULL,
  secret     TEXT NOT NULL DEFAULT '',
  source     TEXT NOT NULL DEFAULT '',
  scopes     TEXT NOT NULL DEFAULT '',
  made_at    INTEGER NOT NULL,
  made_by    TEXT NOT NULL DEFAULT '',
  expires_at INTEGER NOT NULL DEFAULT 0,
  revoked_at INTEGER NOT NULL DEFAULT 0,
  used_at    INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX account_key_hash ON account_key (hash);
CREATE TABLE account_login_attempt (
  subject  TEXT NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  last     INTEGER NOT NULL
);
CREATE TABLE account_setup (
  hash    BLOB NOT NULL PRIMARY KEY,
  made_at INTEGER NOT NULL
);
-- Two counters that other processes watch: row 1 counts changes of keys, row 2 serves as the lock of user changes.
CREATE TABLE account_revision (
  one      INTEGER NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL
);
INSERT INTO account_revision (one, revision) VALUES (1, 0), (2, 0);
CREATE TABLE audit (
  id      BLOB NOT NULL PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  via     TEXT NOT NULL,
  action  TEXT NOT NULL,
  target  TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  request TEXT NOT NULL DEFAULT '',
  diff    TEXT NOT NULL DEFAULT ''
);
