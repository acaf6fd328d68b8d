package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

// Pictures from other servers are for mails only. So mails stand in documents of their own, with policies of their own:
// one that lies in the page's text would have the page's.
const (
	consolePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
	// canvasPolicy is for the mail that somebody draws: the console puts the elements there.
	canvasPolicy = "default-src 'self'; script-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
	// letterPolicy is for a mail that is read: an origin of its own, no script but the one that takes the mail in, which the
	// handler appends by its hash.
	letterPolicy = "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; font-src https: data:; img-src data: https:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; script-src "
)

// letterScript shows what the page around hands over. What a parser made runs no script, and the policy none of its
// attributes; links lead nowhere and nothing goes on to another page, because the next mail is handed to this frame too.
const letterScript = `addEventListener('message', function (e) {
  if (e.source !== parent || typeof e.data !== 'string') return
  var mail = new DOMParser().parseFromString(e.data, 'text/html')
  mail.querySelectorAll('meta[http-equiv], script, iframe, object, embed').forEach(function (x) { x.remove() })
  document.replaceChild(document.adoptNode(mail.documentElement), document.documentElement)
})
addEventListener('click', function (e) { if (e.target.closest('a, area')) e.preventDefault() }, true)`

// frames serves the documents that mails stand in.
func frames() map[string]http.HandlerFunc {
	sum := sha256.Sum256([]byte(letterScript))
	document := func(policy, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Cache-Control", "no-cache")
			_, _ = w.Write([]byte(text)) // the browser may be gone
		}
	}
	return map[string]http.HandlerFunc{
		"/frame/letter": document(letterPolicy+"'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", "<!doctype html><html><head><meta charset=utf-8><title>Mail</title><script>"+letterScript+"</script></head><body></body></html>"),
		"/frame/canvas": document(canvasPolicy, "<!doctype html><html><head><meta charset=utf-8><title>Canvas</title></head><body></body></html>"),
	}
}
