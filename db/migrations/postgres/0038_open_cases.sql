-- +goose Up
-- How many cases a person has that nobody has closed: those who have one are counted and listed without asking everybody.
-- Owner: profile/
ALTER TABLE person ADD COLUMN open_cases INTEGER NOT NULL DEFAULT 0;
UPDATE person SET open_cases = (SELECT COUNT(*) FROM jsonb_array_elements(doc::jsonb -> 'k') j WHERE COALESCE((j ->> 'c')::bigint, 0) = 0)
WHERE doc::text LIKE '%"k":[%' OR doc::text LIKE '%"k": [%';
CREATE INDEX person_open_cases ON person (id) WHERE open_cases > 0;
