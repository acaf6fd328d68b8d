-- +goose Up
-- Decisions counted by the hour, so that counts over millions of them are counts over a few thousand. Owner: decide/ledger
CREATE TABLE decision_hour (
  hour    BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL,
  rule    TEXT NOT NULL,
  channel TEXT NOT NULL,
  purpose TEXT NOT NULL,
  journey TEXT NOT NULL,
  dry     BIGINT NOT NULL,
  n       BIGINT NOT NULL,
  PRIMARY KEY (hour, outcome, reason, rule, channel, purpose, journey, dry)
);
-- Up to when, exclusive.
CREATE TABLE decision_tallied (
  one  BIGINT NOT NULL PRIMARY KEY,
  upto BIGINT NOT NULL
);
INSERT INTO decision_tallied (one, upto) VALUES (1, 0);
CREATE INDEX decision_journey ON decision (journey, id) WHERE journey <> '';
CREATE INDEX decision_purpose ON decision (purpose, id);

-- +goose Down
DROP INDEX decision_purpose;
DROP INDEX decision_journey;
DROP TABLE decision_tallied;
DROP TABLE decision_hour;
