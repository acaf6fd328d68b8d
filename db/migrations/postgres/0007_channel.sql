-- +goose Up
-- Keys that Heed makes for itself: they sign the links in messages.
CREATE TABLE channel_secret (
    name TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE channel_secret;
