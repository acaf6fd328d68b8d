package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// NewUpload begins an import whose file comes piece by piece.
type NewUpload struct {
	File     string `json:"file" minLength:"1" maxLength:"1000" doc:"Its name; the ending tells the format: .csv, .ndjson, .gz."`
	Size     int64  `json:"size" minimum:"1" doc:"Bytes of the whole file."`
	Mapping  string `json:"mapping" minLength:"1" maxLength:"262144" doc:"The text of a mapping file, see docs/collect.md."`
	Modified Time   `json:"modified,omitzero" doc:"When the file was changed last. Shown again, so that whoever goes on takes the same file."`
}

// maxPiece bounds one request: what it brings is on disk when it is answered.
const maxPiece = 64 << 20

// uploadOffset says in a request where its piece begins, and in an answer how many bytes are here.
const uploadOffset, uploadLength = "Upload-Offset", "Upload-Length"

func (s *server) registerPieces() {
	route(s, op{method: http.MethodPost, path: "/imports/uploads", id: "beginUpload", tag: "events", need: account.ManageData, needs: s.Imports, what: importsDep, audit: "import.create",
		status: http.StatusCreated, maxBody: maxMapping + 64<<10, summary: "Begin to hand in a file piece by piece",
		about: "Then PATCH /imports/{id}/file with one piece after the other. When the connection breaks, HEAD /imports/{id}/file says how many bytes are here: go on from there. " +
			"What does not go on for two days is thrown away. POST /imports/{id}/cancel does so at once."}, s.beginUpload)
	o := op{method: http.MethodHead, path: "/imports/{id}/file", id: "askUpload", tag: "events", need: account.ManageData, needs: s.Imports, what: importsDep, audit: notAudited,
		summary: "How many bytes of a file are here", about: "In the header Upload-Offset; Upload-Length is the size of the whole."}
	s.piece(o, nil, s.askUpload)
	o = op{method: http.MethodPatch, path: "/imports/{id}/file", id: "appendUpload", tag: "events", need: account.ManageData, needs: s.Imports, what: importsDep, audit: notAudited, slow: true,
		summary: "Hand in the next piece of a file", about: "The header Upload-Offset says where in the file it begins, and must be where the file stands: else 409, with the right one in the answer's header. " +
			"A piece has at most 64 MiB. What of a piece has come counts, also when the rest does not. The last piece queues the import."}
	s.piece(o, &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/offset+octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}, s.appendUpload)
}

// piece registers an operation on the file of an upload.
func (s *server) piece(o op, body *huma.RequestBody, f func(w http.ResponseWriter, r *http.Request, id heed.ID) error) {
	h := s.operation(o)
	h.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	offset := &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
	done := &huma.Response{Description: "How many bytes are here.", Headers: map[string]*huma.Param{uploadOffset: {Schema: offset}, uploadLength: {Schema: offset}}}
	if body != nil {
		h.RequestBody = body
		h.Parameters = append(h.Parameters, &huma.Param{Name: uploadOffset, In: "header", Required: true, Schema: offset})
		done.Content = map[string]*huma.MediaType{"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[Import](), true, "")}}
	}
	h.Responses["200"] = done
	s.raw(o, h, func(w http.ResponseWriter, r *http.Request) {
		id, err := parseID("id", chi.URLParam(r, "id"))
		if err == nil {
			err = f(w, r, id)
		}
		if err != nil {
			writeProblem(w, r, s.Log, err)
		}
	})
}

func (s *server) beginUpload(ctx context.Context, in *Body[NewUpload]) (*Body[Import], error) {
	if limit := s.maxImport(); in.Body.Size > limit {
		return nil, tooLarge(limit)
	}
	one, err := s.Imports.Begin(ctx, in.Body, s.actor(ctx).Name)
	note(ctx, "import "+one.ID+" "+short(one.File), nil, nil)
	return body(one), err
}

func (s *server) askUpload(w http.ResponseWriter, r *http.Request, id heed.ID) error {
	one, err := s.Imports.Import(r.Context(), id)
	if err == nil && one.State != "uploading" {
		err = heed.Errorf(heed.Conflict, "This import takes no pieces: it is %s.", one.State)
	}
	if err == nil {
		stands(w, one)
	}
	return err
}

func (s *server) appendUpload(w http.ResponseWriter, r *http.Request, id heed.ID) error {
	at, err := strconv.ParseInt(r.Header.Get(uploadOffset), 10, 64)
	if err != nil || at < 0 {
		return heed.FieldErrorf(uploadOffset, "say in this header at which byte of the file the piece begins")
	}
	one, err := s.Imports.Append(r.Context(), id, at, &patient{r: http.MaxBytesReader(w, r.Body, maxPiece), out: http.NewResponseController(w)})
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = heed.Errorf(heed.TooLarge, "A piece has at most %d MiB. Go on from where the file stands now.", maxPiece>>20)
	}
	if one.ID != "" {
		stands(w, one)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(one) // the client may be gone
	return nil
}

// stands tells how far a file is.
func stands(w http.ResponseWriter, one Import) {
	h := w.Header()
	h.Set(uploadOffset, strconv.FormatInt(one.Bytes, 10))
	h.Set(uploadLength, strconv.FormatInt(one.Total, 10))
	h.Set("Cache-Control", "no-store")
}
