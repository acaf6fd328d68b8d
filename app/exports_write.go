package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/desk"
)

// write writes the file of an export, with its progress, and puts it in its place when it is whole.
func (e *exports) write(ctx context.Context, one desk.Export) (err error) {
	var in api.NewExport
	if err := json.Unmarshal(one.Asked, &in); err != nil {
		return err
	}
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return err
	}
	tmp := e.file(one.ID) + ".part"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			err = errors.Join(err, os.Remove(tmp))
		}
	}()
	p := &progressing{e: e, ctx: ctx, id: one.ID, out: &counting{w: f}}
	if err := e.rows(ctx, in, p); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	p.last = 0
	p.at(p.done, max(p.total, p.done))
	return os.Rename(tmp, e.file(one.ID))
}

func (e *exports) rows(ctx context.Context, in api.NewExport, p *progressing) error {
	if in.What == "timelines" {
		return e.timelines(ctx, in, p)
	}
	t := e.people(in)
	if in.What == "ledger" {
		t = e.decisions(in)
	}
	if in.Format != "parquet" {
		w := bufio.NewWriterSize(p.out, 1<<16)
		if err := t.write(ctx, w, in.Format, p); err != nil {
			return err
		}
		return w.Flush()
	}
	return e.parquet(ctx, t.columns, p, func(w *bufio.Writer) error { return t.write(ctx, w, "ndjson", p) })
}

// parquet makes a Parquet file of the lines of JSON that write writes.
func (e *exports) parquet(ctx context.Context, columns []tableColumn, p *progressing, write func(w *bufio.Writer) error) error {
	r, w := io.Pipe()
	go func() {
		b := bufio.NewWriterSize(w, 1<<16)
		err := write(b)
		_ = w.CloseWithError(errors.Join(err, b.Flush())) // the reader hears of it
	}()
	types := make([][2]string, len(columns))
	for i, c := range columns {
		types[i] = [2]string{c.name, c.sql}
	}
	err := e.app.history.store.Parquet(ctx, types, r, p.out)
	_ = r.CloseWithError(err) // lets the writer end
	return err
}

// counting counts the bytes that go through.
type counting struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counting) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// progressing notes how far an export is, not more often than every second.
type progressing struct {
	e           *exports
	ctx         context.Context // of this one export
	id          heed.ID
	out         *counting
	done, total int64
	last        heed.Time
}

func (p *progressing) at(done, total int64) {
	p.done, p.total = done, total
	now := p.e.clock.Now()
	if p.last != 0 && now.Sub(p.last) < progressEvery {
		return
	}
	p.last = now
	if err := p.e.desk.Progress(p.ctx, p.id, done, total, p.out.n, now); err != nil && p.ctx.Err() == nil {
		p.e.log.Warn("the progress of an export could not be noted", "export", p.id, "error", err)
	}
}
