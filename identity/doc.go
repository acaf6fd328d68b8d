// Package identity is stage 3 of 12: it reads the identifiers of every event, it decides whose event that is, and it
// emits PeopleMerged and PersonErased.
//
// Evidence is kept as append-only edges between identifiers. Who belongs together is a pure function of those edges
// (canon.go), so that the order in which events arrive changes nothing. The hot path never computes that function: as
// long as nothing contradicts, joining what was seen together gives the same answer (resolve.go), and only people with
// a contradiction in their evidence are worked out again from their edges (recompute.go). See docs/identity.md.
package identity
