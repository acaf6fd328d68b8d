// Package insight is stage 12 of 12: it reads the stream behind the workers, with a position of its own, and keeps
// every event and derived fact in a history store; it emits answers: timelines, counts, backfills, exports.
//
// A [Follower] carries records from the log into a [Store]: duplicates that a worker dropped and events of erased
// people are left out, rows and position commit together. Child packages implement Store (duckdb, clickhouse); enginetest
// holds the suite that each must pass.
//
// # Tables
//
// SQL that package rule compiles for history sees two tables, the same in every engine but for what is absent: where
// DuckDB has NULL, ClickHouse has the zero UUID or an empty text.
//
//	event   key         UUID     whose it is; NULL: nobody's. A derived fact has its person's id
//	        ts          BIGINT   when it happened, microseconds since 1970
//	        received    BIGINT   when it was received, likewise
//	        type        VARCHAR  heed.Type.String: track, identify, page, ..., message_decided, segment_entered, ...
//	        name, source, touchpoint, channel, direction, department, message_id   VARCHAR, '' when absent
//	        properties, context   VARCHAR holding a JSON object; NULL when absent
//	        part        INTEGER  partition of the stream; -1 for derived facts
//	        seq, idx    BIGINT, INTEGER   record within the partition, event within the record
//	        ref         UUID     the message or run that a fact is about; NULL when none
//	keymap  key         UUID     a key, or a person's own id
//	        person      UUID     whose it is now
//	        own         BOOLEAN  the key is a person's own id
//
// So `FROM event e JOIN keymap k ON k.key = e.key` puts every event and fact at the person it belongs to today: a
// merge changes rows of keymap only. An id compares with a UUID literal in its canonical text form.
package insight
