-- What has changed, by process: owned by internal/changes.
-- +goose Up
CREATE TABLE change_mark (
  process TEXT NOT NULL PRIMARY KEY,
  listens INTEGER NOT NULL, -- until when somebody listens there
  counts  TEXT NOT NULL,    -- of changes by kind since the process began, JSON
  at      INTEGER NOT NULL
);

-- +goose Down
DROP TABLE change_mark;
