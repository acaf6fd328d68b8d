// Package rules holds the property test by which the targets of package rule agree: the Go predicate, the state SQL of
// SQLite and PostgreSQL, and the history SQL of DuckDB. It has no code of its own besides the generators.
package rules
