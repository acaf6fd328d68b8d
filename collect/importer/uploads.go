package importer

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// UploadState says where an upload stands.
type UploadState string

// The states of an upload. One that has ended stays as it is.
const (
	Uploading UploadState = "uploading" // it comes piece by piece
	Waiting   UploadState = "waiting"
	Running   UploadState = "running"
	Done      UploadState = "done"
	Failed    UploadState = "failed"
	Canceled  UploadState = "canceled"
)

// Upload is a file that was handed in to be imported by the server.
type Upload struct {
	ID          heed.ID
	Owner       string // the installation in whose data folder the file lies
	Name        string // of the file, as it was handed in
	Mapping     string // the mapping file's text
	State       UploadState
	Size, Read  int64 // bytes of the file, and how many of them are imported
	MadeBy      string
	Made, Ended heed.Time
	Modified    heed.Time // of the file, where it comes from; 0 when nobody said
	Detail      string    // why it failed, who canceled it
	Tries       int       // how often it was begun since it last got further
	// Of its job, once it has begun.
	MappingName string
	Counts
}

// Uploads keeps uploads in the state store.
type Uploads struct{ DB db.DB }

// Put stores a new upload, waiting or uploading.
func (s Uploads) Put(ctx context.Context, u Upload) error {
	return s.DB.WriteDurable(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "collect.put_upload", u.ID, u.Owner, u.Name, u.Mapping, string(u.State), u.Size, u.MadeBy, u.Made, u.Modified)
		return err
	})
}

// Move changes the state of an upload that has not ended and says whether there was one to change.
func (s Uploads) Move(ctx context.Context, id heed.ID, to UploadState, now heed.Time, detail string) (bool, error) {
	var n int64
	ended := now
	if to == Running || to == Waiting {
		ended = 0
	}
	err := s.DB.WriteDurable(ctx, func(tx db.Tx) (err error) {
		n, err = tx.Exec(ctx, "collect.move_upload", id, string(to), ended, detail)
		return err
	})
	return n > 0, err
}

// Progress notes how far an upload is, and which job it is.
func (s Uploads) Progress(ctx context.Context, id, job heed.ID, read int64) error {
	return s.DB.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "collect.upload_progress", id, job, read)
		return err
	})
}

// Tried notes how often an upload has been begun without getting further.
func (s Uploads) Tried(ctx context.Context, id heed.ID, times int) error {
	return s.DB.WriteDurable(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "collect.upload_tried", id, times)
		return err
	})
}

// Get returns an upload; a NotFound error when there is none.
func (s Uploads) Get(ctx context.Context, id heed.ID) (u Upload, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		u, err = scanUpload(q.QueryRow(ctx, "collect.upload", id))
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		err = heed.Errorf(heed.NotFound, "There is no import %s.", id)
	}
	return u, err
}

// Next returns the oldest upload of this installation that waits, or was running when the process ended.
func (s Uploads) Next(ctx context.Context, owner string) (u Upload, found bool, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		u, err = scanUpload(q.QueryRow(ctx, "collect.next_upload", owner))
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return Upload{}, false, nil
	}
	return u, err == nil, err
}

// Uploading returns the uploads of this installation that are not here as a whole, the oldest first.
func (s Uploads) Uploading(ctx context.Context, owner string) ([]Upload, error) {
	return s.list(ctx, "collect.uploading", owner)
}

// Old returns uploads of this installation that ended before a time.
func (s Uploads) Old(ctx context.Context, owner string, before heed.Time) ([]Upload, error) {
	return s.list(ctx, "collect.old_uploads", owner, before)
}

// List returns the latest uploads, newest first.
func (s Uploads) List(ctx context.Context, limit int) ([]Upload, error) {
	return s.list(ctx, "collect.uploads", limit)
}

func (s Uploads) list(ctx context.Context, query string, args ...any) (list []Upload, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, query, args...)
		list, err = db.List(rows, err, scanUpload)
		return err
	})
	return list, err
}

func scanUpload(r db.Row) (u Upload, err error) {
	var state string
	err = r.Scan(&u.ID, &u.Owner, &u.Name, &u.Mapping, &state, &u.Size, &u.Read, &u.MadeBy, &u.Made, &u.Ended, &u.Detail, &u.Tries, &u.Modified,
		&u.MappingName, &u.Lines, &u.Accepted, &u.Rejected, &u.Skipped)
	u.State = UploadState(state)
	return u, err
}

// Alone returns the latest jobs that no upload stands for: those of the command line, newest first.
func (s Store) Alone(ctx context.Context, limit int) ([]Job, error) {
	return s.list(ctx, "collect.jobs_alone", limit)
}
