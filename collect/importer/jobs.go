package importer

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// Job is one file going through one mapping.
type Job struct {
	ID      heed.ID
	Mapping string
	File    string // its name, for people
	Counts
	RejectsBytes           int64 // of the rejects file
	Started, Updated, Done heed.Time
}

// Jobs remembers how far each import is.
type Jobs interface {
	// Load returns the job, false when there is none.
	Load(ctx context.Context, id heed.ID) (Job, bool, error)
	// Save stores it.
	Save(ctx context.Context, j Job) error
}

// jobID names a file's content and a mapping's text together.
func jobID(file, mapping [32]byte) heed.ID {
	sum := sha256.Sum256(append(file[:], mapping[:]...))
	return heed.ID(sum[:16])
}

// Store keeps jobs in the state store.
type Store struct{ DB db.DB }

// Load implements Jobs.
func (s Store) Load(ctx context.Context, id heed.ID) (j Job, found bool, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		j, err = scanJob(q.QueryRow(ctx, "collect.import_job", id))
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return Job{}, false, nil
	}
	return j, err == nil, err
}

// Save implements Jobs.
func (s Store) Save(ctx context.Context, j Job) error {
	return s.DB.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "collect.put_import_job", j.ID, j.Mapping, j.File, j.Lines, j.Accepted, j.Rejected, j.Skipped,
			j.RejectsBytes, j.Started, j.Updated, j.Done)
		return err
	})
}

// List returns the latest jobs, newest first.
func (s Store) List(ctx context.Context, limit int) ([]Job, error) {
	return s.list(ctx, "collect.import_jobs", limit)
}

func (s Store) list(ctx context.Context, query string, limit int) (list []Job, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, query, limit)
		list, err = db.List(rows, err, scanJob)
		return err
	})
	return list, err
}

func scanJob(r db.Row) (j Job, err error) {
	err = r.Scan(&j.ID, &j.Mapping, &j.File, &j.Lines, &j.Accepted, &j.Rejected, &j.Skipped, &j.RejectsBytes, &j.Started, &j.Updated, &j.Done)
	return j, err
}
