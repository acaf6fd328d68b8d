-- +goose Up
-- Every message that was wanted, and where it stands. Owner: decide/ledger
CREATE TABLE message (
  id         BLOB NOT NULL PRIMARY KEY,
  person     BLOB NOT NULL,
  channel    TEXT NOT NULL,
  purpose    TEXT NOT NULL,
  class      TEXT NOT NULL,
  state      TEXT NOT NULL,
  reason     TEXT NOT NULL,
  journey    TEXT NOT NULL,
  node       TEXT NOT NULL,
  run        BLOB,
  address    TEXT NOT NULL,
  made       INTEGER NOT NULL,
  due        INTEGER NOT NULL,
  expires    INTEGER NOT NULL,
  sent_at    INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  provider   TEXT NOT NULL,
  detail     TEXT NOT NULL,
  attempts   INTEGER NOT NULL,
  owner      TEXT NOT NULL DEFAULT '',
  claimed_at INTEGER NOT NULL DEFAULT 0,
  intent     TEXT NOT NULL
);
CREATE INDEX message_person ON message (person, id);
CREATE INDEX message_journey ON message (journey, id) WHERE journey <> '';
CREATE INDEX message_out ON message (channel, due, id) WHERE state = 'reserved';
CREATE INDEX message_reserved ON message (person) WHERE state = 'reserved';
CREATE INDEX message_sending ON message (claimed_at) WHERE state = 'sending';
-- Every answer to "may and should this message go now?", with what it depended on.
CREATE TABLE decision (
  id      BLOB NOT NULL PRIMARY KEY,
  at      INTEGER NOT NULL,
  person  BLOB,
  message BLOB,
  journey TEXT NOT NULL,
  node    TEXT NOT NULL,
  channel TEXT NOT NULL,
  purpose TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL,
  rule    TEXT NOT NULL,
  text    TEXT NOT NULL,
  until   INTEGER NOT NULL,
  dry     INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  inputs  TEXT NOT NULL
);
CREATE INDEX decision_person ON decision (person, id);
CREATE INDEX decision_message ON decision (message, id) WHERE message IS NOT NULL;
CREATE INDEX decision_reason ON decision (reason, id);
