package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/collect/importer"
	"github.com/heedcx/heed/internal/clock"
)

// imports takes files in over the API and imports them one after the other: api.Imports. A file lies in a folder of
// its own below data/imports until it is imported, its rejects for rejectsKept longer.
type imports struct {
	uploads importer.Uploads
	jobs    importer.Store
	sink    collect.Sink
	clock   clock.Clock
	log     *slog.Logger
	dir     string
	owner   string // the installation, the same after a restart
	minFree uint64 // bytes of disk that uploads leave free

	poke chan struct{} // there is something new to do

	writing sync.Map // ids of files of which a piece is coming

	mu      sync.Mutex
	running heed.ID
	cancel  context.CancelCauseFunc // of the one that runs
}

const (
	rejectsKept   = 30 * 24 * time.Hour
	importsTidied = time.Hour
	importRetry   = 10 * time.Second
	progressEvery = time.Second
)

var errImportCanceled = errors.New("the import was canceled")

func (a *App) openImports() *imports {
	i := &imports{
		uploads: importer.Uploads{DB: a.DB}, jobs: importer.Store{DB: a.DB}, sink: a.Writer, clock: a.clock, log: a.log,
		dir: filepath.Join(a.Config.Data, "imports"), owner: a.name, minFree: 2 * a.Config.MinFreeMB << 20, poke: make(chan struct{}, 1),
	}
	a.parts.Go("imports", i.Run)
	return i
}

// Upload implements api.Imports.
func (i *imports) Upload(ctx context.Context, f api.NewImport) (api.Import, error) {
	if _, err := importer.ParseMapping("mapping", []byte(f.Mapping)); err != nil {
		return api.Import{}, err
	}
	u := importer.Upload{
		ID: heed.NewID(i.clock.Now()), Owner: i.owner, Name: fileName(f.Name), Mapping: f.Mapping, State: importer.Waiting, MadeBy: f.By, Made: i.clock.Now(),
	}
	folder := i.folder(u.ID)
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		u.Size, err = i.store(filepath.Join(folder, u.Name), f.File)
	}
	if err == nil {
		err = i.uploads.Put(ctx, u)
	}
	if err != nil {
		return api.Import{}, errors.Join(err, os.RemoveAll(folder))
	}
	i.look()
	return viewUpload(u), nil
}

// store writes the file to disk, and stops while there is room for the others.
func (i *imports) store(path string, from io.Reader) (int64, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(file, &guarded{from: from, dir: filepath.Dir(path), minFree: i.minFree})
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil && n == 0 {
		err = heed.FieldErrorf("file", "is empty")
	}
	return n, err
}

// guarded reads until the disk has too little room.
type guarded struct {
	from    io.Reader
	dir     string
	minFree uint64
	since   int   // bytes since the last look
	broke   error // why nothing more could be read
}

const lookEvery = 16 << 20

// Read implements io.Reader.
func (g *guarded) Read(b []byte) (int, error) {
	if g.since <= 0 {
		if err := roomFor(g.dir, g.minFree); err != nil {
			return 0, err
		}
		g.since = lookEvery
	}
	n, err := g.from.Read(b)
	g.since -= n
	if err != nil && err != io.EOF {
		g.broke = err
	}
	return n, err
}

// roomFor says whether the disk of a folder has so many free bytes.
func roomFor(dir string, bytes uint64) error {
	var fs syscall.Statfs_t
	if syscall.Statfs(dir, &fs) == nil && fs.Bavail*uint64(fs.Bsize) < bytes {
		return heed.Errorf(heed.Unavailable, "There is too little room on Heed's disk for this file.")
	}
	return nil
}

// fileName makes of what a client calls its file a name that is safe here and still tells the format.
func fileName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
	if s = strings.TrimLeft(s, "."); len(s) > 100 {
		s = s[len(s)-100:]
	}
	if s == "" || s == rejectsName {
		return "file"
	}
	return s
}

const rejectsName = "rejects.csv"

func (i *imports) folder(id heed.ID) string { return filepath.Join(i.dir, id.String()) }

func (i *imports) look() {
	select {
	case i.poke <- struct{}{}:
	default:
	}
}

// Import implements api.Imports.
func (i *imports) Import(ctx context.Context, id heed.ID) (api.Import, error) {
	u, err := i.uploads.Get(ctx, id)
	if heed.CodeOf(err) != heed.NotFound {
		return i.view(u), err
	}
	job, found, jobErr := i.jobs.Load(ctx, id)
	if jobErr != nil || !found {
		return api.Import{}, errors.Join(jobErr, err)
	}
	return viewJob(job), nil
}

// Imports implements api.Imports.
func (i *imports) Imports(ctx context.Context, limit int) ([]api.Import, error) {
	uploads, err := i.uploads.List(ctx, limit)
	if err != nil {
		return nil, err
	}
	jobs, err := i.jobs.Alone(ctx, limit)
	if err != nil {
		return nil, err
	}
	out := make([]api.Import, 0, len(uploads)+len(jobs))
	for len(out) < limit && len(uploads)+len(jobs) > 0 { // both are newest first
		if len(jobs) == 0 || len(uploads) > 0 && uploads[0].Made >= jobs[0].Started {
			out, uploads = append(out, i.view(uploads[0])), uploads[1:]
		} else {
			out, jobs = append(out, viewJob(jobs[0])), jobs[1:]
		}
	}
	return out, nil
}

func viewUpload(u importer.Upload) api.Import {
	return api.Import{
		ID: u.ID.String(), File: u.Name, Mapping: u.MappingName, State: string(u.State), Lines: u.Lines, Accepted: u.Accepted, Rejected: u.Rejected,
		Skipped: u.Skipped, Bytes: u.Read, Total: u.Size, Started: api.Time(u.Made), Ended: api.Time(u.Ended), By: u.MadeBy, Detail: u.Detail, Modified: api.Time(u.Modified),
	}
}

// viewJob is an import of the command line. While a server works in the data folder it does not run.
func viewJob(j importer.Job) api.Import {
	out := api.Import{
		ID: j.ID.String(), File: j.File, Mapping: j.Mapping, State: "interrupted", Lines: j.Lines, Accepted: j.Accepted, Rejected: j.Rejected,
		Skipped: j.Skipped, Started: api.Time(j.Started), Ended: api.Time(j.Done), By: "command line",
	}
	if j.Done != 0 {
		out.State = "done"
	}
	return out
}

// Cancel implements api.Imports.
func (i *imports) Cancel(ctx context.Context, id heed.ID, by string) (api.Import, error) {
	u, err := i.uploads.Get(ctx, id)
	if err != nil {
		return api.Import{}, err
	}
	changed, err := i.uploads.Move(ctx, id, importer.Canceled, i.clock.Now(), "canceled by "+by)
	if err != nil {
		return api.Import{}, err
	}
	if !changed {
		return api.Import{}, heed.Errorf(heed.Conflict, "This import has ended already (%s).", u.State)
	}
	i.mu.Lock()
	if i.running == id {
		i.cancel(errImportCanceled)
	} else {
		err = os.RemoveAll(i.folder(id))
	}
	i.mu.Unlock()
	if err != nil {
		return api.Import{}, err
	}
	return i.Import(ctx, id)
}

// Rejects implements api.Imports.
func (i *imports) Rejects(ctx context.Context, id heed.ID) (io.ReadCloser, error) {
	u, err := i.uploads.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if u.Owner != i.owner {
		return nil, heed.Errorf(heed.Unavailable, "Another process keeps the rejects of this import (%s).", u.Owner)
	}
	file, err := os.Open(filepath.Join(i.folder(id), rejectsName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, heed.Errorf(heed.NotFound, "No line of this import was refused, or it is too long ago.")
	}
	return file, err
}
