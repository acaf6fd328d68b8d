package mailbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxList bounds one page of the list.
const maxList = 500

// Handler serves the mailbox under its own root; mount it with http.StripPrefix behind the console's login:
//
//	GET    /            {"mails": [Summary], "caught": n}; ?to=ADDRESS &before=ID &limit=50
//	GET    /{id}        Opened
//	GET    /{id}/html   the HTML body, sandboxed: fit for an <iframe sandbox>
//	GET    /{id}/raw    the mail as it arrived
//	DELETE /            throws all away
func (b *Mailbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", b.list)
	mux.HandleFunc("DELETE /{$}", func(w http.ResponseWriter, _ *http.Request) { b.Clear(); w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /{id}", b.one(func(w http.ResponseWriter, m Mail) {
		h := header(m.Data)
		text, html := bodies(m.Data)
		o := Opened{Summary: summary(m, h), Text: text, HasHTML: html != "", Headers: []HeaderField{}}
		for _, k := range slices.Sorted(maps.Keys(h)) {
			for _, v := range h[k] {
				o.Headers = append(o.Headers, HeaderField{k, decode(v)})
			}
		}
		answer(w, http.StatusOK, o)
	}))
	mux.HandleFunc("GET /{id}/html", b.one(func(w http.ResponseWriter, m Mail) {
		_, html := bodies(m.Data)
		h := w.Header()
		// A mail is a stranger's page: no scripts, no forms, an origin of its own, nothing loaded but pictures. Links open
		// in a new window, so that one can try them.
		h.Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'")
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write([]byte(strings.Replace(html, "<head>", `<head><base target="_blank">`, 1)))
	}))
	mux.HandleFunc("GET /{id}/raw", b.one(func(w http.ResponseWriter, m Mail) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+strconv.FormatUint(m.ID, 10)+`.eml"`)
		_, _ = w.Write(m.Data)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

func (b *Mailbox) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, before := 50, uint64(0)
	var err error
	if v := q.Get("limit"); v != "" {
		if limit, err = strconv.Atoi(v); err != nil || limit < 1 || limit > maxList {
			problem(w, http.StatusBadRequest, "limit is a number from 1 to 500")
			return
		}
	}
	if v := q.Get("before"); v != "" {
		if before, err = strconv.ParseUint(v, 10, 64); err != nil {
			problem(w, http.StatusBadRequest, "before is the id of a mail")
			return
		}
	}
	out := struct {
		Mails  []Summary `json:"mails"`
		Caught uint64    `json:"caught"`
	}{[]Summary{}, b.Caught()}
	for _, m := range b.List(q.Get("to"), before, limit) {
		out.Mails = append(out.Mails, summary(m, header(m.Data)))
	}
	answer(w, http.StatusOK, out)
}

func (b *Mailbox) one(f func(http.ResponseWriter, Mail)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
		m, ok := b.Get(id)
		if err != nil || !ok {
			problem(w, http.StatusNotFound, "There is no such mail. The mailbox keeps the latest ones only.")
			return
		}
		f(w, m)
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func problem(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "title": http.StatusText(status), "detail": text})
}
