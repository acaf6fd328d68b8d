-- +goose Up
-- How often an import was begun and ended by an error of Heed's own. Owner: collect/importer
ALTER TABLE import_upload ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
