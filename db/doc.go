// Package db is the state handle: one SQL text, two engines.
//
// SQLite is the embedded default (WAL, one writer, many readers); PostgreSQL, or anything that speaks it, takes
// over when one machine is outgrown. Stages keep their statements in a queries.sql beside the code, written
// PostgreSQL-style with $1; the package rewrites them for SQLite, prepares all of them at start, and hands out
// transactions that run them by name. Only this package imports a state driver.
package db
