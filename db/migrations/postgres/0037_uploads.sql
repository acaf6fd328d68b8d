-- +goose Up
-- When the file that is handed in piece by piece was changed last, where it comes from: so that whoever goes on with it
-- takes the same one. Owner: collect/importer
ALTER TABLE import_upload ADD COLUMN modified BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE import_upload DROP COLUMN modified;
