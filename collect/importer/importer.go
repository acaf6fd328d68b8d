package importer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/internal/clock"
)

// Importer imports files. Sink, Jobs and Clock are needed.
type Importer struct {
	Sink  collect.Sink
	Jobs  Jobs
	Clock clock.Clock
	Log   *slog.Logger
	// Progress, if any, is called after each batch that is on disk, by one goroutine at a time.
	Progress func(Progress)
	// BatchSize is how many events go into one Write. 0 takes 5000.
	BatchSize int
}

// Progress is how far an import is.
type Progress struct {
	Job heed.ID
	Counts
	Bytes, Size int64 // of the file as it lies there, compressed or not
}

// Counts are what became of a file's lines.
type Counts struct {
	Lines    int64 // read so far, the header among them
	Accepted int64 // became events
	Rejected int64 // are in the rejects file
	Skipped  int64 // left out by the mapping
}

// Result is what an import did.
type Result struct {
	Counts          // over all runs of this job
	Resumed int64   // the line behind which this run began; 0: at the beginning
	Already bool    // the file was imported before: nothing was done
	Rejects string  // the rejects file, "" when nothing was rejected
	Job     heed.ID // names file and mapping together
}

// Run imports the file through the mapping. Lines that cannot be taken go to the file rejects (file + ".rejects.csv" when
// it is ""), as line number, reason and the line. When it returns an error, running it again goes on where it stopped.
func (im *Importer) Run(ctx context.Context, m *Mapping, file, rejects string) (Result, error) {
	if rejects == "" {
		rejects = file + ".rejects.csv"
	}
	src, err := open(file, m)
	if err != nil {
		return Result{}, err
	}
	defer src.Close()
	job, found, err := im.Jobs.Load(ctx, jobID(src.hash, m.Hash))
	if err != nil {
		return Result{}, err
	}
	if !found {
		job = Job{ID: jobID(src.hash, m.Hash), Mapping: m.Name, File: src.name, Started: im.Clock.Now()}
	}
	res := Result{Counts: job.Counts, Resumed: job.Lines, Job: job.ID}
	if job.Rejected > 0 {
		res.Rejects = rejects
	}
	if job.Done != 0 {
		res.Already = true
		return res, nil
	}
	out, err := openRejects(rejects, job.RejectsBytes)
	if err != nil {
		return res, err
	}
	r := &run{im: im, m: m, src: src, job: job, rejects: out}
	err = errors.Join(r.run(ctx), out.close())
	res.Counts = r.job.Counts
	if res.Rejected > 0 {
		res.Rejects = rejects
	}
	return res, err
}

// run is one run of a job: one goroutine reads the file into batches, another one writes them.
type run struct {
	im      *Importer
	m       *Mapping
	src     *source
	job     Job
	saved   heed.Time // when the job was last stored
	wrote   bool      // a batch
	rejects *rejectsFile
}

// saveEvery is how often the job is stored: often enough for who looks at it, seldom enough not to wait for the workers'
// transactions after each batch. What is imported again after a crash has the same messageIds.
const saveEvery = heed.Time(time.Second / time.Microsecond)

// batch is some lines' worth of events and refusals.
type batch struct {
	events  []heed.Event
	refused []refusal
	counts  Counts // up to here, over all runs
	bytes   int64
}

func (r *run) run(ctx context.Context) error {
	size := r.im.BatchSize
	if size == 0 {
		size = 5000
	}
	full, empty := make(chan *batch, 1), make(chan *batch, 3)
	for range cap(empty) {
		empty <- &batch{events: make([]heed.Event, 0, size)}
	}
	g, both := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(full)
		return r.read(both, size, full, empty)
	})
	g.Go(func() error {
		for b := range full {
			if err := r.write(both, b); err != nil {
				return err
			}
			empty <- b // has room for all batches
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		if !r.wrote {
			return err
		}
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return errors.Join(err, r.im.Jobs.Save(last, r.job))
	}
	r.job.Done = r.im.Clock.Now()
	return r.im.Jobs.Save(ctx, r.job)
}

// write stores a batch and then, so that nothing is left out when we die in between, where the job is.
func (r *run) write(ctx context.Context, b *batch) error {
	if len(b.events) > 0 {
		if _, err := r.im.Sink.Write(ctx, b.events); err != nil {
			return fmt.Errorf("lines up to %d are imported; run the import again to go on: %w", r.job.Lines, err)
		}
	}
	if err := r.rejects.write(b.refused); err != nil {
		return err
	}
	r.job.Counts, r.job.RejectsBytes, r.job.Updated = b.counts, r.rejects.size, r.im.Clock.Now()
	r.wrote = true
	if r.job.Updated-r.saved >= saveEvery {
		if err := r.im.Jobs.Save(ctx, r.job); err != nil {
			return err
		}
		r.saved = r.job.Updated
	}
	if r.im.Progress != nil {
		r.im.Progress(Progress{Job: r.job.ID, Counts: b.counts, Bytes: b.bytes, Size: r.src.size})
	}
	return nil
}

// read fills batches.
func (r *run) read(ctx context.Context, size int, full chan<- *batch, empty <-chan *batch) error {
	rec, err := newRecords(r.m, r.src, r.im.Clock.Now())
	if err != nil {
		return err
	}
	counts := r.job.Counts
	if err := rec.skipTo(counts.Lines); err != nil {
		return err
	}
	counts.Lines = rec.line
	for done := false; !done; {
		var b *batch
		select {
		case b = <-empty:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		b.events, b.refused, b.counts = b.events[:0], b.refused[:0], counts
		for len(b.events) < size && len(b.refused) < size && counts.Lines-b.counts.Lines < 20*int64(size) {
			b.events = append(b.events, heed.Event{})
			at := rec.line + 1
			raw, skip, err := rec.next(&b.events[len(b.events)-1])
			if raw == nil && err == nil && !skip {
				b.events = b.events[:len(b.events)-1]
				done = true
				break
			}
			switch counts.Lines = rec.line; {
			case err != nil:
				b.events = b.events[:len(b.events)-1]
				b.refused = append(b.refused, refusal{line: at, reason: err.Error(), raw: append([]byte(nil), raw...)})
				counts.Rejected++
			case skip:
				b.events = b.events[:len(b.events)-1]
				counts.Skipped++
			default:
				counts.Accepted++
			}
		}
		b.counts, b.bytes = counts, r.src.read()
		select {
		case full <- b:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return rec.lines.failed()
}

var errUTF8 = errors.New("the line is not valid UTF-8: say encoding: windows-1252 (or latin-1) in the mapping if that is what it is")

func checkUTF8(raw []byte) error {
	if !utf8.Valid(raw) {
		return errUTF8
	}
	return nil
}
