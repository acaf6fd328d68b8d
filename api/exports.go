package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// ExportJob is a file that is written in the background.
type ExportJob struct {
	ID      ID     `json:"id"`
	What    string `json:"what" enum:"people,timelines,ledger"`
	Format  string `json:"format" enum:"csv,ndjson,parquet"`
	State   string `json:"state" enum:"waiting,running,done,failed,canceled"`
	Rows    int64  `json:"rows" doc:"Written so far."`
	Total   int64  `json:"total" doc:"Rows, as far as it is known; 0 when it is not."`
	Bytes   int64  `json:"bytes"`
	Started Time   `json:"started"`
	Changed Time   `json:"changed"`
	By      string `json:"by"`
	Detail  string `json:"detail,omitempty" say:"sentence" doc:"Why it failed, who canceled it."`
	Asked   JSON   `json:"asked,omitempty" doc:"What was asked for."`
}

// NewExport asks for a file.
type NewExport struct {
	What       string   `json:"what" enum:"people,timelines,ledger"`
	Format     string   `json:"format" enum:"csv,ndjson,parquet"`
	Rule       string   `json:"rule,omitempty" maxLength:"10000" doc:"People for whom this rule holds, or their timelines."`
	Segment    string   `json:"segment,omitempty" maxLength:"64" doc:"People in it, or their timelines."`
	Stage      string   `json:"stage,omitempty" maxLength:"64" doc:"People at it, or their timelines."`
	Person     string   `json:"person,omitempty" maxLength:"36" doc:"Timelines: only that of this person."`
	Traits     []string `json:"traits,omitempty" maxItems:"50" doc:"People: these traits, each a column."`
	Events     []string `json:"events,omitempty" maxItems:"50" doc:"Timelines: only events of these names."`
	Types      []string `json:"types,omitempty" maxItems:"20" doc:"Timelines: only interactions of these types: track, page, feedback, ..."`
	Channel    string   `json:"channel,omitempty" maxLength:"64" doc:"Timelines and ledger."`
	Department string   `json:"department,omitempty" maxLength:"64" doc:"Timelines."`
	Direction  string   `json:"direction,omitempty" enum:"inbound,outbound" doc:"Timelines."`
	Purpose    string   `json:"purpose,omitempty" maxLength:"64" doc:"Ledger."`
	Journey    string   `json:"journey,omitempty" maxLength:"64" doc:"Ledger."`
	Outcome    string   `json:"outcome,omitempty" enum:"send,hold,drop" doc:"Ledger."`
	Reason     string   `json:"reason,omitempty" maxLength:"64" doc:"Ledger."`
	Since      Time     `json:"since,omitzero" doc:"Timelines and ledger: at or after."`
	Until      Time     `json:"until,omitzero" doc:"Timelines and ledger: before."`
}

const exportsDep = "exports"

func (s *server) registerExports() {
	o := op{method: http.MethodGet, path: "/exports", id: "listExports", tag: "exports", need: account.ExportData, needs: s.Exports, what: exportsDep,
		summary: "Exports, newest first", about: "Your own; those who may manage data see everybody's."}
	route(s, o, s.listExports)
	o.path, o.id, o.summary, o.about = "/exports/{id}", "getExport", "One export, and how far it is", ""
	route(s, o, s.getExport)
	route(s, op{method: http.MethodPost, path: "/exports", id: "createExport", tag: "exports", need: account.ExportData, needs: s.Exports, what: exportsDep, audit: "export.create",
		status: http.StatusAccepted, summary: "Export people, timelines or the ledger", about: "Written in the background; the file is kept for a week. The address and the contents are for who asked."}, s.createExport)
	route(s, op{method: http.MethodPost, path: "/exports/{id}/cancel", id: "cancelExport", tag: "exports", need: account.ExportData, needs: s.Exports, what: exportsDep, audit: "export.cancel",
		summary: "End an export"}, s.cancelExport)
	s.registerExportFile()
}

func (s *server) listExports(ctx context.Context, in *struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (*Body[Page[ExportJob]], error) {
	by := s.actor(ctx)
	mine := by.Name
	if by.May(account.ManageData) {
		mine = ""
	}
	list, err := s.Exports.Exports(ctx, mine, in.Limit)
	return page(list, ""), err
}

// export loads an export that whoever asks may see.
func (s *server) export(ctx context.Context, text string) (heed.ID, ExportJob, error) {
	id, err := parseID("id", text)
	if err != nil {
		return id, ExportJob{}, err
	}
	e, err := s.Exports.Export(ctx, id)
	if by := s.actor(ctx); err == nil && e.By != by.Name && !by.May(account.ManageData) {
		err = heed.Errorf(heed.NotFound, "There is no export %s of yours.", id)
	}
	return id, e, err
}

func (s *server) getExport(ctx context.Context, in *IDPath) (*Body[ExportJob], error) {
	_, e, err := s.export(ctx, in.ID)
	return body(e), err
}

func (s *server) createExport(ctx context.Context, in *Body[NewExport]) (*Body[ExportJob], error) {
	e, err := s.Exports.Ask(ctx, in.Body, s.actor(ctx).Name)
	note(ctx, "export "+heed.ID(e.ID).String()+" of "+in.Body.What, nil, in.Body)
	return body(e), err
}

func (s *server) cancelExport(ctx context.Context, in *IDPath) (*Body[ExportJob], error) {
	id, _, err := s.export(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	note(ctx, "export "+in.ID, nil, nil)
	e, err := s.Exports.Cancel(ctx, id, s.actor(ctx).Name)
	return body(e), err
}

func (s *server) registerExportFile() {
	o := op{method: http.MethodGet, path: "/exports/{id}/file", id: "getExportFile", tag: "exports", need: account.ExportData, needs: s.Exports, what: exportsDep, slow: true,
		audit: "export.download", summary: "The file of an export that is done"}
	h := s.operation(o)
	h.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	h.Responses["200"] = &huma.Response{Description: "The file.", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	s.raw(o, h, func(w http.ResponseWriter, r *http.Request) {
		if err := s.exportFile(w, r); err != nil {
			writeProblem(w, r, s.Log, err)
		}
	})
}

func (s *server) exportFile(w http.ResponseWriter, r *http.Request) error {
	id, _, err := s.export(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	file, e, err := s.Exports.Open(r.Context(), id)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if r.Header.Get("Range") == "" { // a download that goes on is the same download
		err := s.Accounts.Record(context.WithoutCancel(r.Context()), account.Entry{Actor: s.actor(r.Context()), Action: "export.download", Target: "export " + id.String() + " of " + e.What})
		if err != nil {
			return err
		}
	}
	name := fmt.Sprintf("heed-%s-%s.%s", e.What, heed.Time(e.Started).Std().UTC().Format("2006-01-02-1504"), e.Format)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // a slow line takes as long as it takes
	http.ServeContent(w, r, name, heed.Time(e.Changed).Std(), file)
	return nil
}
