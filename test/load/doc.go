// Package load drives a running Heed over HTTP the way a brand's customers would, cheaply enough to leave the machine
// to the server: bodies are made once and patched in place, responses are read and not parsed. `heed bench` uses it.
package load
