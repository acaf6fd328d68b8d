// Package profile is stage 4 of 12: it reads every event whose person identity has found, it folds it into that
// person's memory (heed.Person), and it loads and writes the documents on which all later stages decide.
//
// Folding does not depend on the order in which events arrive: what is newest wins by when it happened, counts are of
// distinct things, and what was taken back leaves a mark behind. See docs/profile.md.
package profile
