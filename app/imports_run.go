package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect/importer"
	"github.com/heedcx/heed/db"
)

// Run imports what waits until ctx is done. What was under way when a process ended goes on where it was.
func (i *imports) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := importsTidied
		u, found, err := i.uploads.Next(ctx, i.owner)
		if err == nil && found {
			if err = i.one(ctx, u); err == nil {
				continue
			}
		}
		if err == nil {
			err = i.tidy(ctx)
		}
		if err != nil && ctx.Err() == nil {
			i.log.Error("an import waits and is tried again", "error", err)
			wait = importRetry
		}
		select {
		case <-ctx.Done():
		case <-i.poke:
		case <-time.After(wait):
		}
	}
}

// one imports a file. An error means that it is to be tried again; what the file or its mapping gets wrong ends it.
func (i *imports) one(ctx context.Context, u importer.Upload) error {
	if changed, err := i.uploads.Move(ctx, u.ID, importer.Running, 0, ""); err != nil || !changed {
		return err
	}
	times := u.Tries + 1
	if times > importTries {
		_, err := i.uploads.Move(ctx, u.ID, importer.Failed, i.clock.Now(), fmt.Sprintf("Heed itself has ended in the middle of it %d times: its log says why.", u.Tries))
		return errors.Join(err, i.remove(filepath.Join(i.folder(u.ID), u.Name)))
	}
	if err := i.uploads.Tried(ctx, u.ID, times); err != nil { // before: it may end the process
		return err
	}
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	i.mu.Lock()
	i.running, i.cancel = u.ID, cancel
	i.mu.Unlock()
	res, err := i.run(run, u)
	i.mu.Lock()
	i.running, i.cancel = heed.ID{}, nil
	i.mu.Unlock()
	state, detail := importer.Done, ""
	switch {
	case context.Cause(run) == errImportCanceled:
		state = importer.Canceled // as its row says already
	case ctx.Err() != nil: // the process stops; it goes on after the next start
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		return i.uploads.Tried(stopping, u.ID, times-1)
	case err != nil && passing(err):
		return errors.Join(err, i.uploads.Tried(ctx, u.ID, times-1))
	case err != nil && !final(err) && times < importTries:
		return err
	case err != nil && !final(err):
		state, detail = importer.Failed, fmt.Sprintf("Heed itself has failed at it %d times: %s", times, forAnybody(err.Error()))
		i.log.Error("an import is given up", "import", u.ID, "file", u.Name, "error", err)
	case err != nil:
		state, detail = importer.Failed, heed.MessageOf(err)
		i.log.Warn("an import failed", "import", u.ID, "file", u.Name, "error", err)
	case res.Already:
		detail = "This file was imported before through this mapping: nothing to do."
	}
	if state == importer.Done {
		if err := i.uploads.Progress(ctx, u.ID, res.Job, u.Size); err != nil {
			return err
		}
	}
	if _, err := i.uploads.Move(ctx, u.ID, state, i.clock.Now(), detail); err != nil {
		return err
	}
	return i.remove(filepath.Join(i.folder(u.ID), u.Name))
}

// final says whether an import that failed with err would fail again: when the file or the mapping is to blame.
func final(err error) bool {
	code := heed.CodeOf(err)
	return code == heed.Invalid || code == heed.NotFound || code == heed.TooLarge
}

// importTries is how often in a row an import is begun that gets no further by a fault of Heed's own or of its disk.
const importTries = 5

// passing says whether err is trouble that passes: of the stream or the state store.
func passing(err error) bool { return heed.CodeOf(err) == heed.Unavailable || db.Trouble(err) }

func (i *imports) run(ctx context.Context, u importer.Upload) (importer.Result, error) {
	m, err := importer.ParseMapping("mapping", []byte(u.Mapping))
	if err != nil {
		return importer.Result{}, heed.Errorf(heed.Invalid, "%v", err)
	}
	var last heed.Time
	im := importer.Importer{Sink: i.sink, Jobs: i.jobs, Clock: i.clock, Log: i.log, Progress: func(p importer.Progress) {
		now := i.clock.Now()
		if last != 0 && now.Sub(last) < progressEvery {
			return
		}
		last = now
		if err := i.uploads.Progress(ctx, u.ID, p.Job, p.Bytes); err != nil && ctx.Err() == nil {
			i.log.Warn("the progress of an import could not be noted", "import", u.ID, "error", err)
		}
	}}
	folder := i.folder(u.ID)
	return im.Run(ctx, m, filepath.Join(folder, u.Name), filepath.Join(folder, rejectsName))
}

// tidy removes what is left of imports that ended long ago.
func (i *imports) tidy(ctx context.Context) error {
	stale := i.giveUp(ctx)
	old, err := i.uploads.Old(ctx, i.owner, i.clock.Now().Add(-rejectsKept))
	err = errors.Join(stale, err)
	for _, u := range old {
		err = errors.Join(err, os.RemoveAll(i.folder(u.ID)))
	}
	return err
}

func (i *imports) remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove an imported file: %w", err)
	}
	return nil
}
