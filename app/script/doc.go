// Package script is the language in which a brand tests what it has written: one plain-text file is one scenario, played
// on a virtual clock by the real stages (app.Virtual). docs/testing-your-brand.md is its manual.
//
// parse.go makes statements of lines, world.go plays them: what happens is in act.go, what must be true in expect*.go.
// A statement that fails says what there was instead (show.go).
package script
