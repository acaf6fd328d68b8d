package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/heedcx/heed/internal/account"
)

// Backups copies everything while it is used.
type Backups interface {
	// Ready returns an error when this installation cannot be copied, before anything was written.
	Ready() error
	// Backup writes the copy to w.
	Backup(ctx context.Context, w io.Writer) error
}

func (s *server) registerBackup() {
	o := op{method: http.MethodGet, path: "/backup", id: "backup", tag: "backup", need: account.Backup, slow: true,
		summary: "Everything, in one file", about: "For `heed restore`. Whatever was acknowledged before the request is in it. It holds secrets and everything about everybody: keep it like the data itself. An answer that breaks off is no backup: `heed backup` checks the sums at its end."}
	h := s.operation(o)
	h.Responses["200"] = &huma.Response{Description: "A tar, compressed with zstd.", Content: map[string]*huma.MediaType{
		"application/zstd": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	s.api.OpenAPI().AddOperation(&h)
	s.api.Adapter().Handle(&h, s.api.Middlewares().Handler(func(hc huma.Context) {
		r, w := humachi.Unwrap(hc)
		s.backup(w, r.WithContext(hc.Context()))
	}))
}

func (s *server) backup(w http.ResponseWriter, r *http.Request) {
	if !present(s.Backups) {
		writeProblem(w, r, s.Log, missing("backups"))
		return
	}
	err := s.Backups.Ready()
	if err == nil {
		err = s.Accounts.Record(r.Context(), account.Entry{Actor: s.actor(r.Context()), Action: "backup"})
	}
	if err != nil {
		writeProblem(w, r, s.Log, err)
		return
	}
	w.Header().Set("Content-Type", "application/zstd")
	w.Header().Set("Content-Disposition", `attachment; filename="heed-`+s.Clock.Now().Std().UTC().Format("2006-01-02-1504")+`.backup"`)
	w.Header().Set("Cache-Control", "no-store")
	if err := s.Backups.Backup(r.Context(), unhurried{w, http.NewResponseController(w)}); err != nil {
		s.Log.Error("backup failed", "request", requestID(r.Context()), "err", err)
		panic(http.ErrAbortHandler) // whoever reads must see that it is not whole
	}
}

// unhurried gives each write time of its own: a big backup takes longer than any deadline, a client that is gone does not.
type unhurried struct {
	w   io.Writer
	out *http.ResponseController
}

const patience = time.Minute

// Write implements io.Writer.
func (p unhurried) Write(b []byte) (int, error) {
	_ = p.out.SetWriteDeadline(time.Now().Add(patience)) // not every writer can
	return p.w.Write(b)
}
