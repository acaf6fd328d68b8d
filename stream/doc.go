// Package stream is stage 2 of 12: the durable, partitioned log of facts, and the worker that carries each batch of
// it through the stages. It reads envelopes of events from [Writer]s, it emits [Batch]es to the [Stage]s.
//
// The log is NATS JetStream, in the process (embedded, SyncAlways) or a cluster. Many requests share one envelope
// and one fsync; a writer's call returns when its events are on disk. A worker takes a batch of one partition and,
// in one state transaction, drops duplicates, lets every stage fold it and stores its position: the position and the
// effects commit together or not at all.
package stream
