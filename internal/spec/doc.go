// Package spec keeps what the brand configured: one document per segment, journey, template, purpose, rule and so on.
// Files are YAML, the store is JSON, every version is kept. Each stage owns the shape of its kinds and checks it with a
// function that app puts into [Checks].
//
// The way of a change: [ReadFiles] (or [ReadJSON]) > [Checks.Check] > [Plan] > [Apply]. [Export] goes back to files.
package spec
