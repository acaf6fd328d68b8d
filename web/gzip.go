package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// packed serves files compressed. Each is compressed once, when it is first asked for, and kept: the console is a
// third of its size then, and there are few files.
type packed struct {
	files fs.FS
	kept  sync.Map // file name -> func() []byte; nil bytes: not worth it
}

// serve answers with the compressed file, or says that it did not.
func (p *packed) serve(w http.ResponseWriter, r *http.Request, name string) bool {
	w.Header().Add("Vary", "Accept-Encoding")
	kind := mime.TypeByExtension(path.Ext(name))
	if r.Method != http.MethodGet && r.Method != http.MethodHead || !accepts(r, "gzip") || r.Header.Get("Range") != "" || !compressible(kind) {
		return false
	}
	once, _ := p.kept.LoadOrStore(name, sync.OnceValue(func() []byte { return p.pack(name) }))
	text := once.(func() []byte)()
	if text == nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Encoding", "gzip")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(text) // the client may be gone
	}
	return true
}

func (p *packed) pack(name string) []byte {
	text, err := fs.ReadFile(p.files, name)
	if err != nil || len(text) < 1024 {
		return nil
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(text); err != nil || z.Close() != nil || out.Len() >= len(text) {
		return nil
	}
	return out.Bytes()
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "image/svg") || strings.Contains(kind, "javascript") || strings.Contains(kind, "json")
}

// accepts reads Accept-Encoding as browsers write it.
func accepts(r *http.Request, encoding string) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			q, ok := strings.CutPrefix(strings.ReplaceAll(quality, " ", ""), "q=")
			n, err := strconv.ParseFloat(q, 64)
			return !ok || err == nil && n > 0
		}
	}
	return false
}
