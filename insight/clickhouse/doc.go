// Package clickhouse is the history store of stage 12 (package insight) for when one machine is outgrown: a database of
// a ClickHouse server, reached over HTTP. It takes rows from insight.Follower and answers insight.History.
//
// ClickHouse has no transactions, so a commit is a row of table mark, written last and in one insert with the positions
// that it speaks of. What a crash leaves before that row is written again under the same sorting key, which FINAL makes
// one; see commit.go. Several processes may have the store open; one at a time follows.
//
// Memory, threads and time of each question are bounded by the settings that go with it. A query that comes from outside
// must be a single SELECT and runs with readonly = 1.
package clickhouse
