// Package lumen is the brand Lumen & Loom, which sells linen: its segments, journeys, templates and promises as files in
// brand, and the scripts in tests that hold them to what they say (`heed test examples/lumen/tests`). The demo runs it.
package lumen

import (
	"embed"
	"io/fs"
)

//go:embed brand
var brand embed.FS

// Brand is the folder of its specs.
func Brand() fs.FS {
	dir, err := fs.Sub(brand, "brand")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return dir
}
