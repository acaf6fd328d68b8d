-- +goose Up
-- How far each import is. The id names the file's content and the mapping's text together.
CREATE TABLE import_job (
    id BLOB NOT NULL PRIMARY KEY,
    mapping TEXT NOT NULL,
    file TEXT NOT NULL,
    lines INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    rejects_bytes INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    done_at INTEGER NOT NULL
);
CREATE INDEX import_job_started ON import_job (started_at);

-- +goose Down
DROP TABLE import_job;
