//go:build race

package collect

// raced: the race detector is on.
const raced = true
