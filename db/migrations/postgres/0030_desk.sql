-- +goose Up
-- What people who work here keep for themselves and for each other. Owner: internal/desk
CREATE TABLE desk_view (
  id      BYTEA NOT NULL PRIMARY KEY,
  page    TEXT NOT NULL,
  name    TEXT NOT NULL,
  query   TEXT NOT NULL,
  owner   TEXT NOT NULL,
  shared  BIGINT NOT NULL,
  made_at BIGINT NOT NULL
);
CREATE INDEX desk_view_page ON desk_view (page, name);
CREATE TABLE desk_export (
  id         BYTEA NOT NULL PRIMARY KEY,
  process    TEXT NOT NULL,
  made_by    TEXT NOT NULL,
  what       TEXT NOT NULL,
  format     TEXT NOT NULL,
  asked      TEXT NOT NULL,
  state      TEXT NOT NULL,
  done       BIGINT NOT NULL,
  total      BIGINT NOT NULL,
  bytes      BIGINT NOT NULL,
  detail     TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX desk_export_waiting ON desk_export (process, id) WHERE state IN ('waiting', 'running');
-- Dead letters that somebody has dealt with; the letters themselves lie in the stream.
CREATE TABLE desk_letter (
  id  TEXT NOT NULL PRIMARY KEY,
  how TEXT NOT NULL,
  who TEXT NOT NULL,
  at  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE desk_letter;
DROP TABLE desk_export;
DROP TABLE desk_view;
