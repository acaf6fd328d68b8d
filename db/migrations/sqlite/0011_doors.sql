-- +goose Up
-- Reports of delivery name a message by the id that the next hop gave it. Owner: decide/ledger
CREATE INDEX message_provider ON message (provider) WHERE provider <> '';
-- By what people can be found: words of their name, address, phone ('n'), the latest order numbers ('o'). Owner: profile/
CREATE TABLE person_search (
  token  TEXT NOT NULL,
  person BLOB NOT NULL,
  kind   TEXT NOT NULL,
  hash   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (token, person, kind)
) WITHOUT ROWID;
CREATE INDEX person_search_person ON person_search (person, kind);
-- Files that were handed in to be imported by the server. Owner: collect/importer
CREATE TABLE import_upload (
  id       BLOB NOT NULL PRIMARY KEY,
  job      BLOB,
  owner    TEXT NOT NULL,
  name     TEXT NOT NULL,
  mapping  TEXT NOT NULL,
  state    TEXT NOT NULL,
  size     INTEGER NOT NULL,
  done     INTEGER NOT NULL,
  made_by  TEXT NOT NULL,
  made_at  INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  detail   TEXT NOT NULL
);
CREATE INDEX import_upload_state ON import_upload (state);
