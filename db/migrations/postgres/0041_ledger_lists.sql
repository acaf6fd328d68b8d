-- +goose Up
-- What was held or dropped, and what went out by another channel than email, is listed without a look at all that was sent
-- by email. It costs one entry for each of those, and nothing for the others. Owner: decide/ledger
CREATE INDEX decision_kept_back ON decision (outcome, id) WHERE outcome <> 'send';
CREATE INDEX message_other ON message (channel, id) WHERE channel <> 'email';

-- +goose Down
DROP INDEX message_other;
DROP INDEX decision_kept_back;
