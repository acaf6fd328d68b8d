package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect/importer"
)

// Of files that come piece by piece.
const (
	maxUploading   = 20             // at once
	uploadingKept  = 48 * time.Hour // since the last piece
	uploadingStale = "No piece of it came for two days."
)

// Begin implements api.Imports.
func (i *imports) Begin(ctx context.Context, f api.NewUpload, by string) (api.Import, error) {
	if _, err := importer.ParseMapping("mapping", []byte(f.Mapping)); err != nil {
		return api.Import{}, err
	}
	open, err := i.uploads.Uploading(ctx, i.owner)
	if err != nil {
		return api.Import{}, err
	}
	if len(open) >= maxUploading {
		return api.Import{}, heed.Errorf(heed.Conflict, "%d files are on their way in already. Go on with one of them, or cancel it.", len(open))
	}
	u := importer.Upload{
		ID: heed.NewID(i.clock.Now()), Owner: i.owner, Name: fileName(f.File), Mapping: f.Mapping, State: importer.Uploading, Size: f.Size, MadeBy: by,
		Made: i.clock.Now(), Modified: heed.Time(f.Modified),
	}
	folder := i.folder(u.ID)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return api.Import{}, err
	}
	file, err := os.OpenFile(filepath.Join(folder, u.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = errors.Join(file.Close(), roomFor(folder, uint64(f.Size)+i.minFree))
	}
	if err == nil {
		err = i.uploads.Put(ctx, u)
	}
	if err != nil {
		return api.Import{}, errors.Join(err, os.RemoveAll(folder))
	}
	return i.view(u), nil
}

// Append implements api.Imports.
func (i *imports) Append(ctx context.Context, id heed.ID, offset int64, piece io.Reader) (api.Import, error) {
	if _, busy := i.writing.LoadOrStore(id, true); busy {
		return api.Import{}, heed.Errorf(heed.Conflict, "Another request is sending a piece of this file. Ask again in a moment how far it is.")
	}
	defer i.writing.Delete(id)
	u, err := i.uploads.Get(ctx, id)
	if err != nil {
		return api.Import{}, err
	}
	switch {
	case u.Owner != i.owner:
		return api.Import{}, heed.Errorf(heed.Unavailable, "Another process keeps this file (%s).", u.Owner)
	case u.State != importer.Uploading:
		return api.Import{}, heed.Errorf(heed.Conflict, "This import takes no pieces: it is %s.", u.State)
	}
	path := filepath.Join(i.folder(id), u.Name)
	if here := i.here(u); here != offset {
		return i.view(u), heed.Errorf(heed.Conflict, "%d bytes of this file are here, not %d. Go on from there.", here, offset)
	}
	// What came counts, also when the rest did not: so the file is kept as it is whatever happens here.
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return api.Import{}, err
	}
	from := &guarded{from: piece, dir: filepath.Dir(path), minFree: i.minFree}
	n, err := io.Copy(file, io.LimitReader(from, u.Size-offset))
	if from.broke != nil {
		err = &heed.Error{Code: heed.Unavailable, Message: fmt.Sprintf("The piece broke off after %d bytes. Go on from there.", n), Cause: from.broke}
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil || offset+n < u.Size {
		return i.view(u), err
	}
	if changed, err := i.uploads.Move(ctx, id, importer.Waiting, 0, ""); err != nil || !changed {
		return api.Import{}, errors.Join(err, heed.Errorf(heed.Conflict, "This import was ended meanwhile."))
	}
	i.look()
	u.State = importer.Waiting
	one := i.view(u)
	one.Bytes = u.Size // of the upload; of the import, none is read
	return one, nil
}

// here is how much of a file has come.
func (i *imports) here(u importer.Upload) int64 {
	info, err := os.Stat(filepath.Join(i.folder(u.ID), u.Name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// view shows an upload, while it comes in with how much is here.
func (i *imports) view(u importer.Upload) api.Import {
	one := viewUpload(u)
	if u.State == importer.Uploading {
		one.Bytes = i.here(u)
	}
	return one
}

// giveUp ends uploads that nobody goes on with, and takes away what had come.
func (i *imports) giveUp(ctx context.Context) error {
	open, err := i.uploads.Uploading(ctx, i.owner)
	for _, u := range open {
		info, statErr := os.Stat(filepath.Join(i.folder(u.ID), u.Name))
		last := u.Made
		if statErr == nil {
			last = max(last, heed.At(info.ModTime()))
		}
		if i.clock.Now().Sub(last) < uploadingKept {
			continue
		}
		changed, moveErr := i.uploads.Move(ctx, u.ID, importer.Failed, i.clock.Now(), uploadingStale)
		if changed {
			moveErr = errors.Join(moveErr, os.RemoveAll(i.folder(u.ID)))
		}
		err = errors.Join(err, moveErr)
	}
	if err != nil {
		err = fmt.Errorf("uploads that nobody goes on with: %w", err)
	}
	return err
}
