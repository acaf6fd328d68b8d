-- +goose Up
-- Keys that Heed makes for itself: they sign the links in messages.
CREATE TABLE channel_secret (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL,
    made_at INTEGER NOT NULL
);

-- +goose Down
DROP TABLE channel_secret;
