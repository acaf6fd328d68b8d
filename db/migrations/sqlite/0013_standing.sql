-- +goose Up
-- What waits and what nobody knows the end of, to be counted without a look at every message. Owner: decide/ledger
CREATE INDEX message_held ON message (person) WHERE state = 'held';
CREATE INDEX message_unknown ON message (changed_at) WHERE state = 'unknown';
