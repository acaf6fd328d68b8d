// Package broadcast sends one message to a segment, once. It reads the brand's broadcasts and its segments, and when a
// broadcast's turn comes to a person it emits MessageWanted: the same gate as for journeys decides.
//
// A broadcast that was started has a row in broadcast_run with the document as it was then, and, once it has begun, a
// row in broadcast_person for everybody in the segment at that moment. A [Runner] takes the rows whose time has come
// and carries a BroadcastTurn for each through the engine; the [Stage] notes in the same transaction what came of it.
// So a process that dies leaves no turn half taken. Whoever holds the lock on a broadcast's row works on it; another
// process that finds it locked looks further.
package broadcast
