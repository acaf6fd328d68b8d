// Package journey is stage 7 of 12: it reads the events, wakes and segment changes of one person and moves that person
// along the brand's journeys; it emits MessageWanted, MessageWithdrawn, TaskWanted and trait updates, and records
// RunChanged facts.
//
// A run's state is heed.Run in the person's document, so nobody steps it twice and a million waiting runs cost nothing
// until they are due. Table journey_run repeats it for lists and counts. A node type is one file, node_NAME.go, and a
// line in registry.go; docs/journey.md tells how to add one.
package journey
