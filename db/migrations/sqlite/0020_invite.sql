-- +goose Up
-- Links with which somebody sets their first password, and who is known by an identity provider. Owner: internal/account
CREATE TABLE account_invite (
  hash    BLOB NOT NULL PRIMARY KEY,
  user_id BLOB NOT NULL,
  made_at INTEGER NOT NULL
);
CREATE INDEX account_invite_user ON account_invite (user_id);
CREATE TABLE account_identity (
  issuer  TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX account_identity_user ON account_identity (user_id);
