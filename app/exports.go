package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/desk"
	"github.com/heedcx/heed/rule"
)

// exports writes files one after the other: api.Exports. A file lies below data/exports for a week.
type exports struct {
	app   *App
	desk  desk.Store
	clock clock.Clock
	log   *slog.Logger
	dir   string

	poke chan struct{} // there is something new to do

	mu      sync.Mutex
	running heed.ID
	cancel  context.CancelCauseFunc // of the one that runs
}

const (
	exportsKept   = 7 * 24 * time.Hour
	exportsTidied = time.Hour
	exportsAtOnce = 20 // that somebody may have waiting
)

var errExportCanceled = errors.New("the export was canceled")

func (a *App) openExports() *exports {
	e := &exports{app: a, desk: desk.Store{DB: a.DB}, clock: a.clock, log: a.log, dir: filepath.Join(a.Config.Data, "exports"), poke: make(chan struct{}, 1)}
	a.parts.Go("exports", e.Run)
	return e
}

// Ask implements api.Exports.
func (e *exports) Ask(ctx context.Context, in api.NewExport, by string) (api.ExportJob, error) {
	if in.Rule != "" {
		if _, err := rule.Parse(in.Rule); err != nil {
			return api.ExportJob{}, heed.FieldErrorf("rule", "%s", heed.MessageOf(err))
		}
	}
	if in.Person != "" {
		if _, err := heed.ParseID(in.Person); err != nil {
			return api.ExportJob{}, heed.FieldErrorf("person", "is not the id of a person")
		}
	}
	if in.Until != 0 && in.Until <= in.Since {
		return api.ExportJob{}, heed.FieldErrorf("until", "lies before since: nothing can be in between")
	}
	if e.app.history == nil && (in.What == "timelines" || in.Format == "parquet") {
		return api.ExportJob{}, heed.Errorf(heed.Unavailable, "This process runs without history, which timelines and Parquet files need. Ask another one, or start it with that role.")
	}
	mine, err := e.desk.Exports(ctx, by, exportsAtOnce)
	if err != nil {
		return api.ExportJob{}, err
	}
	open := 0
	for _, one := range mine {
		if one.State == desk.Waiting || one.State == desk.Running {
			open++
		}
	}
	if open == exportsAtOnce {
		return api.ExportJob{}, heed.Errorf(heed.Conflict, "%d exports of yours wait already.", open)
	}
	asked, err := json.Marshal(in)
	if err != nil {
		return api.ExportJob{}, err
	}
	now := e.clock.Now()
	one := desk.Export{ID: heed.NewID(now), Process: e.app.name, By: by, What: in.What, Format: in.Format, Asked: asked, State: desk.Waiting, Made: now, Changed: now}
	if err := e.desk.PutExport(ctx, one); err != nil {
		return api.ExportJob{}, err
	}
	e.look()
	return exportJob(one), nil
}

func (e *exports) look() {
	select {
	case e.poke <- struct{}{}:
	default:
	}
}

// Exports implements api.Exports.
func (e *exports) Exports(ctx context.Context, by string, limit int) ([]api.ExportJob, error) {
	list, err := e.desk.Exports(ctx, by, limit)
	out := make([]api.ExportJob, len(list))
	for i, one := range list {
		out[i] = exportJob(one)
	}
	return out, err
}

// Export implements api.Exports.
func (e *exports) Export(ctx context.Context, id heed.ID) (api.ExportJob, error) {
	one, err := e.desk.Export(ctx, id)
	return exportJob(one), err
}

func exportJob(e desk.Export) api.ExportJob {
	return api.ExportJob{ID: api.ID(e.ID), What: e.What, Format: e.Format, State: string(e.State), Rows: e.Done, Total: e.Total, Bytes: e.Bytes,
		Started: api.Time(e.Made), Changed: api.Time(e.Changed), By: e.By, Detail: e.Detail, Asked: api.JSON(e.Asked)}
}

// Cancel implements api.Exports.
func (e *exports) Cancel(ctx context.Context, id heed.ID, by string) (api.ExportJob, error) {
	moved, err := e.desk.MoveExport(ctx, id, desk.Canceled, "canceled by "+by, e.clock.Now())
	if err == nil && !moved {
		err = heed.Errorf(heed.Conflict, "This export has ended already.")
	}
	if err != nil {
		return api.ExportJob{}, err
	}
	e.mu.Lock()
	if e.running == id {
		e.cancel(errExportCanceled)
	}
	e.mu.Unlock()
	return e.Export(ctx, id)
}

// Open implements api.Exports.
func (e *exports) Open(ctx context.Context, id heed.ID) (io.ReadSeekCloser, api.ExportJob, error) {
	one, err := e.desk.Export(ctx, id)
	switch {
	case err != nil:
		return nil, api.ExportJob{}, err
	case one.State != desk.Done:
		return nil, api.ExportJob{}, heed.Errorf(heed.Conflict, "This export is not done: it is %s.", one.State)
	case one.Process != e.app.name:
		return nil, api.ExportJob{}, heed.Errorf(heed.Unavailable, "The file lies on another machine (%s).", one.Process)
	}
	f, err := os.Open(e.file(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, api.ExportJob{}, heed.Errorf(heed.NotFound, "The file is not kept any more: export again.")
	}
	return f, exportJob(one), err
}

func (e *exports) file(id heed.ID) string { return filepath.Join(e.dir, id.String()) }

// Run writes what waits until ctx is done. What was under way when a process ended begins anew.
func (e *exports) Run(ctx context.Context) {
	for ctx.Err() == nil {
		one, found, err := e.desk.NextExport(ctx, e.app.name)
		if err == nil && found {
			if err = e.one(ctx, one); err == nil {
				continue
			}
		}
		if err == nil {
			err = e.tidy(ctx)
		}
		wait := exportsTidied
		if err != nil && ctx.Err() == nil {
			e.log.Error("an export waits and is tried again", "error", err)
			wait = importRetry
		}
		select {
		case <-ctx.Done():
		case <-e.poke:
		case <-time.After(wait):
		}
	}
}

func (e *exports) one(ctx context.Context, one desk.Export) error {
	if moved, err := e.desk.MoveExport(ctx, one.ID, desk.Running, "", e.clock.Now()); err != nil || !moved {
		return err
	}
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	e.mu.Lock()
	e.running, e.cancel = one.ID, cancel
	e.mu.Unlock()
	err := e.write(run, one)
	e.mu.Lock()
	e.running, e.cancel = heed.ID{}, nil
	e.mu.Unlock()
	state, detail := desk.Done, ""
	switch {
	case context.Cause(run) == errExportCanceled:
		return e.remove(one.ID)
	case ctx.Err() != nil:
		return nil // the process stops; it begins anew after the next start
	case err != nil:
		state, detail = desk.Failed, heed.MessageOf(err)
		e.log.Warn("an export failed", "export", one.ID, "error", err)
		if err := e.remove(one.ID); err != nil {
			return err
		}
	}
	_, err = e.desk.MoveExport(ctx, one.ID, state, detail, e.clock.Now())
	return err
}

func (e *exports) remove(id heed.ID) error {
	if err := os.Remove(e.file(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// tidy removes the files of exports that ended long ago.
func (e *exports) tidy(ctx context.Context) error {
	old, err := e.desk.OldExports(ctx, e.app.name, e.clock.Now().Add(-exportsKept))
	for _, one := range old {
		if err == nil {
			err = e.remove(one.ID)
		}
		if err == nil {
			err = e.desk.DeleteExport(ctx, one.ID)
		}
	}
	return err
}
