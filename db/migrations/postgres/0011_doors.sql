-- +goose Up
-- Reports of delivery name a message by the id that the next hop gave it. Owner: decide/ledger
CREATE INDEX message_provider ON message (provider) WHERE provider <> '';
-- By what people can be found: words of their name, address, phone ('n'), the latest order numbers ('o'). Owner: profile/
CREATE TABLE person_search (
  token  TEXT COLLATE "C" NOT NULL,
  person BYTEA NOT NULL,
  kind   TEXT NOT NULL,
  hash   BIGINT NOT NULL,
  at     BIGINT NOT NULL,
  PRIMARY KEY (token, person, kind)
);
CREATE INDEX person_search_person ON person_search (person, kind);
-- Files that were handed in to be imported by the server. Owner: collect/importer
CREATE TABLE import_upload (
  id       BYTEA NOT NULL PRIMARY KEY,
  job      BYTEA,
  owner    TEXT NOT NULL,
  name     TEXT NOT NULL,
  mapping  TEXT NOT NULL,
  state    TEXT NOT NULL,
  size     BIGINT NOT NULL,
  done     BIGINT NOT NULL,
  made_by  TEXT NOT NULL,
  made_at  BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  detail   TEXT NOT NULL
);
CREATE INDEX import_upload_state ON import_upload (state);
