-- +goose Up
-- How many cases a person has that nobody has closed: those who have one are counted and listed without asking everybody.
-- Owner: profile/
ALTER TABLE person ADD COLUMN open_cases INTEGER NOT NULL DEFAULT 0;
UPDATE person SET open_cases = (SELECT COUNT(*) FROM json_each(person.doc, '$.k') j WHERE COALESCE(json_extract(j.value, '$.c'), 0) = 0)
WHERE doc LIKE '%"k":[%';
CREATE INDEX person_open_cases ON person (id) WHERE open_cases > 0;
