-- +goose Up
-- How far each import is. The id names the file's content and the mapping's text together.
CREATE TABLE import_job (
    id BYTEA NOT NULL PRIMARY KEY,
    mapping TEXT NOT NULL,
    file TEXT NOT NULL,
    lines BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    rejects_bytes BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL
);
CREATE INDEX import_job_started ON import_job (started_at);

-- +goose Down
DROP TABLE import_job;
