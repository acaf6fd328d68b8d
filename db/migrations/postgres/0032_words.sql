-- +goose Up
-- What a person is found by stands beside the person too, a word a line: whoever is renamed or erased is taken out of the
-- search by it, so that names need no second index, which was half of what a new person cost. Owner: profile/
ALTER TABLE person ADD COLUMN words TEXT NOT NULL DEFAULT '';
UPDATE person SET words = COALESCE((SELECT string_agg(token, chr(10) ORDER BY token) FROM person_search WHERE person = person.id AND kind = 'n'), '');
DROP INDEX person_search_person;
CREATE INDEX person_search_orders ON person_search (person) WHERE kind = 'o';
