-- +goose Up
-- Every identifier that we have seen, and whose it is now. links is the evidence that it was seen together with better
-- ones; everything else is derived. With rowids on purpose: rows come one behind the other, and only the small index of
-- hashes is written at random places. Owner: identity/
CREATE TABLE identity_node (
  hash      BLOB NOT NULL PRIMARY KEY,
  namespace TEXT NOT NULL,
  value     TEXT NOT NULL,
  person    BLOB NOT NULL,
  flags     INTEGER NOT NULL DEFAULT 0,
  gen       INTEGER NOT NULL DEFAULT 0,
  erased_at INTEGER NOT NULL DEFAULT 0,
  links     BLOB NOT NULL
);
CREATE INDEX identity_node_person ON identity_node (person);
-- The evidence that somebody gave by hand, append-only: two identifiers merged, or cut apart.
CREATE TABLE identity_edge (
  n       INTEGER PRIMARY KEY AUTOINCREMENT,
  a       BLOB NOT NULL,
  b       BLOB NOT NULL,
  kind    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  tie     INTEGER NOT NULL,
  source  TEXT NOT NULL,
  message TEXT NOT NULL,
  seq     INTEGER NOT NULL
);
CREATE INDEX identity_edge_a ON identity_edge (a);
CREATE INDEX identity_edge_b ON identity_edge (b);
-- Links whose ends belong to two people (or once did): identifier b names a in its links, and a is asked who does. Those
-- within one person are found through the person.
CREATE TABLE identity_apart (
  a BLOB NOT NULL,
  b BLOB NOT NULL,
  PRIMARY KEY (a, b)
) WITHOUT ROWID;
-- What a human should look at: identifiers that two known people share, kiosks.
CREATE TABLE identity_review (
  id         BLOB NOT NULL PRIMARY KEY,
  kind       TEXT NOT NULL,
  hash       BLOB NOT NULL,
  state      TEXT NOT NULL,
  made_at    INTEGER NOT NULL,
  closed_at  INTEGER NOT NULL DEFAULT 0,
  closed_by  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX identity_review_open ON identity_review (state, made_at);
-- Identifiers whose person was erased: events received before that belong to nobody.
CREATE TABLE identity_tombstone (
  hash       BLOB NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL,
  erased_at  INTEGER NOT NULL,
  seq        INTEGER NOT NULL
) WITHOUT ROWID;
-- People who have become another; best is the identifier that stood for them.
CREATE TABLE identity_alias (
  loser    BLOB NOT NULL PRIMARY KEY,
  survivor BLOB NOT NULL,
  best     BLOB NOT NULL,
  at       INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX identity_alias_survivor ON identity_alias (survivor);
-- Every change of key -> person, for the history store, which prunes what it has taken in. A row holds the hashes of a
-- batch, 16 bytes each; whose they are is asked when it is read.
CREATE TABLE identity_change (
  n      INTEGER PRIMARY KEY AUTOINCREMENT,
  tx     INTEGER NOT NULL DEFAULT 0,
  hashes BLOB NOT NULL,
  erased INTEGER NOT NULL DEFAULT 0
);
