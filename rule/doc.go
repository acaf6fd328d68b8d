// Package rule is the one small language in which a brand says "for whom" and "when": segments, journey branches,
// relationship rules, the lifecycle ladder and the filters of insight. It imports the vocabulary only, does no I/O and
// reads no clock.
//
// A rule is a tree ([Expr], with a JSON form for builders) and a line of text (docs/rule.md) that read back to each
// other. It is compiled to three targets that agree, which a property test in test/rules holds together:
//
//   - a Go predicate over one person's document ([Rule.Eval]), allocation-free, which also knows the next moment at
//     which time alone can change its answer ([Rule.EvalNext]);
//   - state SQL over table person ([Rule.StateSQL]), for lists, counts and previews, for SQLite and PostgreSQL;
//   - history SQL over table event ([CountersSQL], [Rule.HistorySQL]), for DuckDB, which works out counters from the
//     beginning of time.
//
// # Two values
//
// A condition is true or false, never unknown. A question about something that is not there (no such trait, null, a
// value of another type, an event that never happened) is false, whatever the operator; != is true only for a value
// that is there and differs. "not" turns true to false and back, so `not trait plan = "pro"` also holds for those
// without a plan, and `trait plan != "pro"` does not. How often something happened is never missing: it is 0.
//
// # Types
//
// The literal says which type is asked about, and a value of another type is not equal, smaller or greater: the text
// "3" is not the number 3. Text is compared byte by byte and with its case. A time in a trait or property is a text
// that reads 2026-01-31 (midnight UTC) or as RFC 3339 with seconds; everything else is not a time. A day has 24 hours.
//
// # Events
//
// Every condition on events is a counter ([CounterSpec]) in the person's document, kept by package segment: how many,
// the first, the last and the latest K times, K being the largest n that any rule asks for within a time. So "at
// least 3 times within 90d" asks whether the third latest time is less than 90 days ago, which is exact, also when
// events arrive late and out of order. A fact whose time lies ahead of now has a clock that is wrong and counts as
// within every window.
//
// A sequence ("A" then "B" within 1d) is true from the moment at which it has come about and stays true. It is looked
// for among the latest [SequenceDepth] occurrences of each step, whenever one of them arrives: exact unless an event
// arrives later than that many newer ones of its step.
package rule
