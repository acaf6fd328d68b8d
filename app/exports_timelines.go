package app

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/segment"
)

// timelineColumns are those of insight's text exports, for a Parquet file made of one.
var timelineColumns = []tableColumn{{"person", varchar}, {"at", moment}, {"received", moment}, {"type", varchar}, {"name", varchar}, {"source", varchar}, {"touchpoint", varchar},
	{"channel", varchar}, {"direction", varchar}, {"department", varchar}, {"message_id", varchar}, {"properties", varchar}, {"context", varchar}}

// timelines writes what happened: to everybody, with one person, or with those of a segment, a stage or a rule.
func (e *exports) timelines(ctx context.Context, in api.NewExport, p *progressing) error {
	f := timelineFilter(in)
	those, err := crowdOf(in)
	if err != nil {
		return err
	}
	if in.Person == "" && those == (segment.Those{}) {
		_, err := e.app.history.store.Export(ctx, p.out, insight.Format(in.Format), f, p.at)
		return err
	}
	format := insight.Format(in.Format)
	write := func(w io.Writer) error {
		if in.Person != "" {
			return e.ofOne(ctx, in.Person, w, format, f, p)
		}
		return e.ofThose(ctx, those, w, format, f, p)
	}
	if format == insight.Parquet {
		format = insight.NDJSON
		return e.parquet(ctx, timelineColumns, p, func(w *bufio.Writer) error { return write(w) })
	}
	return write(p.out)
}

func timelineFilter(in api.NewExport) insight.Filter {
	f := insight.Filter{Names: in.Events, Types: in.Types, From: heed.Time(in.Since), To: heed.Time(in.Until)}
	for _, one := range []struct {
		value string
		into  *[]string
	}{{in.Channel, &f.Channels}, {in.Department, &f.Departments}, {in.Direction, &f.Directions}} {
		if one.value != "" {
			*one.into = []string{one.value}
		}
	}
	return f
}

// ofOne writes one person's timeline, newest first, as its page has it: by the person's keys, not through everything.
func (e *exports) ofOne(ctx context.Context, id string, w io.Writer, format insight.Format, f insight.Filter, p *progressing) error {
	person, err := heed.ParseID(id)
	if err != nil {
		return err
	}
	keys, err := e.app.reading.keys(ctx, person)
	if err != nil {
		return err
	}
	out, err := insight.NewTextExport(w, format)
	if err != nil {
		return err
	}
	for n := int64(0); ; {
		page, err := e.app.history.store.Timeline(ctx, keys, f, exportPage)
		if err != nil {
			return err
		}
		for i := range page.Entries {
			if err := out.Put(&page.Entries[i], person); err != nil {
				return err
			}
		}
		n += int64(len(page.Entries))
		p.at(n, 0)
		if f.Before = page.Next; f.Before.IsZero() {
			return out.Flush()
		}
	}
}

// ofThose goes through everything that passes the filter, in the order of time, and keeps what is of those people: one
// pass over history costs less than looking up many people in it.
func (e *exports) ofThose(ctx context.Context, those segment.Those, w io.Writer, format insight.Format, f insight.Filter, p *progressing) error {
	members, err := e.members(ctx, those)
	if err != nil {
		return err
	}
	r, all := io.Pipe()
	kept, gone := int64(0), int64(0)
	told := func(total int64) { // as many more are expected as there were so far
		if gone > 0 {
			p.at(kept, kept*max(total, gone)/gone)
		}
	}
	var total int64
	go func() {
		_, err := e.app.history.store.Export(ctx, all, format, f, nil)
		_ = all.CloseWithError(err) // the reader hears of it
	}()
	if counts, err := e.app.history.store.CountBy(ctx, insight.CountQuery{By: insight.ByType, Filter: f}); err == nil {
		for _, c := range counts {
			total += c.Events
		}
	}
	keep := func(person string) bool {
		gone++
		id, err := heed.ParseID(person)
		if err != nil || !members[id] {
			return false
		}
		if kept++; kept%exportPage == 0 {
			told(total)
		}
		return true
	}
	if format == insight.CSV {
		err = keptRows(r, w, keep)
	} else {
		err = keptLines(r, w, keep)
	}
	_ = r.CloseWithError(err) // lets the export end
	p.at(kept, kept)
	return err
}

// members are the people of a crowd: 16 bytes each.
func (e *exports) members(ctx context.Context, those segment.Those) (map[heed.ID]bool, error) {
	out, now := map[heed.ID]bool{}, e.clock.Now()
	for after := (heed.ID{}); ; {
		var ids []heed.ID
		err := e.app.DB.Read(ctx, func(q db.Querier) (err error) {
			ids, err = segment.People(ctx, q, those, now, after, exportPage)
			return err
		})
		if err != nil || len(ids) == 0 {
			return out, err
		}
		for _, id := range ids {
			out[id] = true
		}
		after = ids[len(ids)-1]
	}
}

// keptRows copies the rows of CSV whose first cell passes, and the header.
func keptRows(r io.Reader, w io.Writer, keep func(person string) bool) error {
	in, out := csv.NewReader(r), csv.NewWriter(w)
	in.ReuseRecord = true
	for head := true; ; head = false {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			out.Flush()
			return out.Error()
		}
		if err != nil {
			return err
		}
		if !head && !keep(row[0]) {
			continue
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
}

// keptLines copies the lines of JSON whose person passes.
func keptLines(r io.Reader, w io.Writer, keep func(person string) bool) error {
	in, out := bufio.NewReaderSize(r, 1<<16), bufio.NewWriterSize(w, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 && keep(gjson.GetBytes(line, "person").Str) {
			if _, err := out.Write(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return err
		}
	}
}
