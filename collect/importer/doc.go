// Package importer reads CSV and NDJSON files through a mapping file and emits their lines as events to a collect.Sink.
//
// A mapping (mapping.go) says which columns are identifiers, what happened, when, and what else is known. An import is
// resumable and idempotent: after each batch that is on disk the job's position is stored, and every line has the same
// messageId whenever it is read. A line that cannot be taken goes to the rejects file with its number and the reason;
// a broken quote costs its own line and no other (csv.go says how).
package importer
