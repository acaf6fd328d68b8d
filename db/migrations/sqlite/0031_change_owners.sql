-- +goose Up
-- Whose the identifiers of a change are, in their order, where one writer writes; empty: ask. Owner: identity/
ALTER TABLE identity_change ADD COLUMN owners BLOB NOT NULL DEFAULT x'';
