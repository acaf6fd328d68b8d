package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

const importsDep = "imports"

// Import is a file that goes through a mapping: handed in here, or by heed import.
type Import struct {
	ID       string `json:"id"`
	File     string `json:"file"`
	Mapping  string `json:"mapping,omitempty" doc:"Its name."`
	State    string `json:"state" enum:"uploading,waiting,running,done,failed,canceled,interrupted" doc:"uploading: it comes piece by piece, and goes on where it was. interrupted: heed import stopped; run it again to go on."`
	Lines    int64  `json:"lines"`
	Accepted int64  `json:"accepted" doc:"Lines that became events."`
	Rejected int64  `json:"rejected" doc:"Lines that could not be taken: see /imports/{id}/rejects."`
	Skipped  int64  `json:"skipped" doc:"Lines that the mapping leaves out."`
	Bytes    int64  `json:"bytes" doc:"Of the file, read so far; while it is uploaded, how many are here."`
	Total    int64  `json:"total_bytes"`
	Started  Time   `json:"started"`
	Ended    Time   `json:"ended,omitzero"`
	By       string `json:"by,omitempty"`
	Detail   string `json:"detail,omitempty" say:"sentence" doc:"Why it failed, who canceled it."`
	Modified Time   `json:"modified,omitzero" doc:"When the file was changed last, where it comes from: to go on with the same one."`
}

// Bounds of an upload.
const (
	maxMapping    = 256 << 10
	defaultUpload = 4 << 30
	uploadPause   = time.Minute // how long a sender may be silent
)

func (s *server) registerImports() {
	o := op{method: http.MethodGet, path: "/imports", id: "listImports", tag: "events", need: account.ReadStats, needs: s.Imports, what: importsDep, summary: "Imports, newest first"}
	route(s, o, s.listImports)
	o.path, o.id, o.summary = "/imports/{id}", "getImport", "One import, and how far it is"
	route(s, o, s.getImport)
	route(s, op{method: http.MethodPost, path: "/imports/{id}/cancel", id: "cancelImport", tag: "events", need: account.ManageData, needs: s.Imports, what: importsDep,
		audit: "import.cancel", summary: "End an import", about: "What it has brought in stays. The same file with the same mapping goes on where this one ended."}, s.cancelImport)
	s.registerRejects()
	s.registerUpload()
	s.registerPieces()
}

func (s *server) listImports(ctx context.Context, in *struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (*Body[Page[Import]], error) {
	list, err := s.Imports.Imports(ctx, in.Limit)
	return page(list, ""), err
}

func (s *server) getImport(ctx context.Context, in *IDPath) (*Body[Import], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	one, err := s.Imports.Import(ctx, id)
	return body(one), err
}

func (s *server) cancelImport(ctx context.Context, in *IDPath) (*Body[Import], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	one, err := s.Imports.Cancel(ctx, id, s.actor(ctx).Name)
	note(ctx, "import "+in.ID, nil, nil)
	return body(one), err
}

// raw registers an operation that reads or writes something other than JSON.
func (s *server) raw(o op, h huma.Operation, f http.HandlerFunc) {
	s.api.OpenAPI().AddOperation(&h)
	s.api.Adapter().Handle(&h, s.api.Middlewares().Handler(func(hc huma.Context) {
		r, w := humachi.Unwrap(hc)
		r = r.WithContext(hc.Context())
		if !present(o.needs) {
			writeProblem(w, r, s.Log, missing(o.what))
			return
		}
		f(w, r)
	}))
}

func (s *server) registerRejects() {
	o := op{method: http.MethodGet, path: "/imports/{id}/rejects", id: "getImportRejects", tag: "events", need: account.ManageData, needs: s.Imports, what: importsDep, slow: true,
		summary: "The lines that an import refused, with the reasons", about: "CSV: line, reason, raw. Kept for 30 days."}
	h := s.operation(o)
	h.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	h.Responses["200"] = &huma.Response{Description: "The lines.", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}}
	s.raw(o, h, func(w http.ResponseWriter, r *http.Request) {
		id, err := parseID("id", chi.URLParam(r, "id"))
		if err != nil {
			writeProblem(w, r, s.Log, err)
			return
		}
		file, err := s.Imports.Rejects(r.Context(), id)
		if err != nil {
			writeProblem(w, r, s.Log, err)
			return
		}
		defer func() { _ = file.Close() }()
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="rejects-%s.csv"`, id))
		_, _ = io.Copy(w, file) // who has hung up does not want the rest
	})
}

func (s *server) registerUpload() {
	o := op{method: http.MethodPost, path: "/imports", id: "createImport", tag: "events", need: account.ManageData, needs: s.Imports, what: importsDep, audit: "import.create",
		status: http.StatusAccepted, slow: true, summary: "Import a file",
		about: "A form (multipart/form-data) with the fields `mapping` (the text of a mapping file, see docs/collect.md) and then `file` (CSV or NDJSON, plain or .gz). " +
			"The file is stored as it comes, and imported in the background, one file at a time. A file that was imported before through the same mapping changes nothing."}
	h := s.operation(o)
	h.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"mapping", "file"},
		Properties: map[string]*huma.Schema{"mapping": {Type: huma.TypeString, Description: "Comes first."}, "file": {Type: huma.TypeString, Format: "binary"}},
	}}}}
	h.Responses["202"] = &huma.Response{Description: "It waits for its turn.", Content: map[string]*huma.MediaType{
		"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[Import](), true, "")}}}
	s.raw(o, h, s.upload)
}

// upload streams a form's file to whoever imports it.
func (s *server) upload(w http.ResponseWriter, r *http.Request) {
	limit := s.maxImport()
	in := &patient{r: http.MaxBytesReader(w, r.Body, limit+maxMapping+64<<10), out: http.NewResponseController(w)}
	f, err := form(r, in)
	var one Import
	if err == nil {
		f.By = s.actor(r.Context()).Name
		one, err = s.Imports.Upload(r.Context(), f)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = tooLarge(limit)
	}
	if err != nil {
		writeProblem(w, r, s.Log, err)
		return
	}
	actor := s.actor(r.Context())
	err = s.Accounts.Record(context.WithoutCancel(r.Context()), account.Entry{Actor: actor, Action: "import.create", Target: "import " + one.ID + " " + short(one.File)})
	if err != nil {
		writeProblem(w, r, s.Log, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(one) // the client may be gone
}

func (s *server) maxImport() int64 {
	if s.MaxImport == 0 {
		return defaultUpload
	}
	return s.MaxImport
}

func tooLarge(limit int64) error {
	return heed.Errorf(heed.TooLarge, "The upload is larger than %d MiB. Compress it (.gz), cut it up, or raise --import-mb.", limit>>20)
}

// form reads a form up to its file.
func form(r *http.Request, in io.Reader) (f NewImport, err error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return f, heed.Errorf(heed.Invalid, "Send a form: multipart/form-data with the fields mapping and file.")
	}
	parts := multipart.NewReader(in, params["boundary"])
	for {
		p, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return f, heed.FieldErrorf("file", "is missing")
		case err != nil:
			return f, broken(err)
		}
		switch p.FormName() {
		case "mapping":
			text, err := io.ReadAll(io.LimitReader(p, maxMapping+1))
			if err != nil {
				return f, broken(err)
			}
			if len(text) > maxMapping {
				return f, heed.FieldErrorf("mapping", "is larger than %d KiB", maxMapping>>10)
			}
			f.Mapping = string(text)
		case "file":
			if f.Mapping == "" {
				return f, heed.FieldErrorf("mapping", "must come before the file in the form")
			}
			f.Name, f.File = p.FileName(), p
			return f, nil
		default:
			return f, heed.FieldErrorf(short(p.FormName()), "is no field of this form: want mapping, then file")
		}
	}
}

func broken(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return &heed.Error{Code: heed.Invalid, Message: "The form broke off or is damaged. Send it again.", Cause: err}
}

// patient reads a body that may take hours, as long as something comes every minute.
type patient struct {
	r   io.Reader
	out *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.out.SetReadDeadline(time.Now().Add(uploadPause)) // a recorder of a test cannot
	return p.r.Read(b)
}
