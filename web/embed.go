// Package web is the console: React source in src, built into dist and served from the binary. It talks to the public
// API only.
package web

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// The folder exists in a checkout with a placeholder only, so that Go builds and tests do not need Node.
//
//go:embed all:dist
var dist embed.FS

// Built says whether the console was built into this binary.
func Built() bool {
	_, err := fs.Stat(dist, "dist/index.html")
	return err == nil
}

// Handler serves the console. A path that is no file is the console's own route: it gets index.html.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return handler(files)
}

func handler(files fs.FS) http.Handler {
	static := http.FileServerFS(files)
	small, framed := &packed{files: files}, frames()
	_, err := fs.Stat(files, "index.html")
	built := err == nil
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", consolePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if frame := framed[r.URL.Path]; frame != nil {
			frame(w, r)
			return
		}
		if !built {
			http.Error(w, "The console was not built into this binary: run `make build`.", http.StatusNotFound)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if strings.HasPrefix(name, "assets/") { // names carry a hash of the content
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			h.Set("Cache-Control", "no-cache")
		}
		if info, err := fs.Stat(files, name); err != nil || info.IsDir() {
			if strings.HasPrefix(name, "assets/") {
				h.Set("Cache-Control", "no-cache")
				http.NotFound(w, r)
				return
			}
			name, r.URL.Path = "index.html", "/"
		}
		if small.serve(w, r, name) {
			return
		}
		static.ServeHTTP(w, r)
	})
}
