-- +goose Up
-- Every identifier that we have seen, and whose it is now. links is the evidence that it was seen together with better
-- ones; everything else is derived. Owner: identity/
CREATE TABLE identity_node (
  hash      BYTEA NOT NULL PRIMARY KEY,
  namespace TEXT NOT NULL,
  value     TEXT NOT NULL,
  person    BYTEA NOT NULL,
  flags     BIGINT NOT NULL DEFAULT 0,
  gen       BIGINT NOT NULL DEFAULT 0,
  erased_at BIGINT NOT NULL DEFAULT 0,
  links     BYTEA NOT NULL
);
CREATE INDEX identity_node_person ON identity_node (person);
-- The evidence that somebody gave by hand, append-only: two identifiers merged, or cut apart.
CREATE TABLE identity_edge (
  n       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  a       BYTEA NOT NULL,
  b       BYTEA NOT NULL,
  kind    TEXT NOT NULL,
  at      BIGINT NOT NULL,
  tie     BIGINT NOT NULL,
  source  TEXT NOT NULL,
  message TEXT NOT NULL,
  seq     BIGINT NOT NULL
);
CREATE INDEX identity_edge_a ON identity_edge (a);
CREATE INDEX identity_edge_b ON identity_edge (b);
-- Links whose ends belong to two people (or once did): identifier b names a in its links, and a is asked who does. Those
-- within one person are found through the person.
CREATE TABLE identity_apart (
  a BYTEA NOT NULL,
  b BYTEA NOT NULL,
  PRIMARY KEY (a, b)
);
-- What a human should look at: identifiers that two known people share, kiosks.
CREATE TABLE identity_review (
  id         BYTEA NOT NULL PRIMARY KEY,
  kind       TEXT NOT NULL,
  hash       BYTEA NOT NULL,
  state      TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  closed_at  BIGINT NOT NULL DEFAULT 0,
  closed_by  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX identity_review_open ON identity_review (state, made_at);
-- Identifiers whose person was erased: events received before that belong to nobody.
CREATE TABLE identity_tombstone (
  hash       BYTEA NOT NULL PRIMARY KEY,
  generation BIGINT NOT NULL,
  erased_at  BIGINT NOT NULL,
  seq        BIGINT NOT NULL
);
-- People who have become another; best is the identifier that stood for them.
CREATE TABLE identity_alias (
  loser    BYTEA NOT NULL PRIMARY KEY,
  survivor BYTEA NOT NULL,
  best     BYTEA NOT NULL,
  at       BIGINT NOT NULL
);
CREATE INDEX identity_alias_survivor ON identity_alias (survivor);
-- Every change of key -> person, for the history store, which prunes what it has taken in. A row holds the hashes of a
-- batch, 16 bytes each; whose they are is asked when it is read.
CREATE TABLE identity_change (
  n      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tx     BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  hashes BYTEA NOT NULL,
  erased BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX identity_change_feed ON identity_change USING brin (tx) WITH (pages_per_range = 8, autosummarize = on);
