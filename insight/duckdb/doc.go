// Package duckdb is the embedded history store of stage 12 (package insight): one DuckDB file beside the state. It
// takes rows from insight.Follower and answers insight.History.
//
// One connection below database/sql writes (chunk.go, raw.go), a few of database/sql read. Rows, key map and position
// are tables of one file and commit together. The process that opens the file is the only one that can.
//
// DuckDB can read and write files and fetch URLs from SQL; here it cannot: external access is off, extensions are not
// loaded, the configuration is locked, and a query that comes from outside must be a single SELECT.
package duckdb
