// Package segment is stage 5 of 12: it reads events and the memory that profile keeps, it emits SegmentEntered,
// SegmentLeft and StageChanged.
//
// It counts what the rules of the whole system need counted into the person's document, keeps memberships and the
// lifecycle stage true as events and time pass, and remembers when time alone will change an answer. A new segment is
// built in the background: the [Builder] adds what history knows to its counters, then looks at everyone once.
// docs/segment.md has the formats and the limits.
package segment
