-- +goose Up
-- What each attempt to hand a message over came to, a JSON object a line: so that it goes with the message. Owner: decide/ledger
ALTER TABLE message ADD COLUMN tries TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE message DROP COLUMN tries;
