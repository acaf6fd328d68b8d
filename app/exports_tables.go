package app

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
)

// table is an export of rows with columns.
type table struct {
	columns []tableColumn
	// total is how many rows there are about; 0 when nobody knows.
	total func(ctx context.Context) (int64, error)
	// each hands every row, one value per column, to put.
	each func(ctx context.Context, put func(row []any) error) error
}

type tableColumn struct{ name, sql string }

// exportPage is how many rows are read at once.
const exportPage = 1000

func (t *table) write(ctx context.Context, w *bufio.Writer, format string, p *progressing) error {
	total, err := t.total(ctx)
	if err != nil {
		return err
	}
	p.at(0, total)
	put, flush := t.ndjson(w)
	if format == "csv" {
		put, flush = t.csv(w)
	}
	n := int64(0)
	err = t.each(ctx, func(row []any) error {
		if n++; n%exportPage == 0 {
			p.at(n, max(n, total))
		}
		return put(row)
	})
	if err != nil {
		return err
	}
	p.at(n, n)
	return flush()
}

func (t *table) ndjson(w *bufio.Writer) (put func([]any) error, flush func() error) {
	keys := make([][]byte, len(t.columns))
	for i, c := range t.columns {
		keys[i], _ = json.Marshal(c.name) // a string always encodes
	}
	return func(row []any) error {
		sep := byte('{')
		for i, v := range row {
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			_ = w.WriteByte(sep) // a Writer keeps its first error, and Flush says it
			_, _ = w.Write(keys[i])
			_ = w.WriteByte(':')
			_, _ = w.Write(text)
			sep = ','
		}
		_, err := w.WriteString("}\n")
		return err
	}, func() error { return nil }
}

func (t *table) csv(w *bufio.Writer) (put func([]any) error, flush func() error) {
	out := csv.NewWriter(w)
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	_ = out.Write(names) // said by Error
	cells := make([]string, len(names))
	return func(row []any) error {
			for i, v := range row {
				switch v := v.(type) {
				case nil:
					cells[i] = ""
				case string:
					if cells[i] = v; v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
						cells[i] = "'" + v // a spreadsheet must not run what a customer has typed
					}
				default:
					cells[i] = fmt.Sprint(v)
				}
			}
			return out.Write(cells)
		}, func() error {
			out.Flush()
			return out.Error()
		}
}

const (
	varchar = "VARCHAR"
	bigint  = "BIGINT"
	double  = "DOUBLE"
	moment  = "TIMESTAMPTZ"
)

// people is an export of people, by when we first met them.
func (e *exports) people(in api.NewExport) *table {
	t := &table{columns: []tableColumn{{"id", varchar}, {"user_id", varchar}, {"name", varchar}, {"email", varchar}, {"phone", varchar}, {"stage", varchar}, {"stage_since", moment},
		{"first_seen", moment}, {"last_seen", moment}, {"orders", bigint}, {"revenue", double}, {"last_order", moment}, {"segments", varchar}, {"consents", varchar}}}
	for _, name := range in.Traits {
		t.columns = append(t.columns, tableColumn{"trait_" + name, varchar})
	}
	t.total = func(ctx context.Context) (n int64, err error) {
		if in.Rule != "" || in.Stage != "" || in.Segment != "" {
			return 0, nil
		}
		err = e.app.DB.Read(ctx, func(q db.Querier) error { n, err = profile.Count(ctx, q); return err })
		return n, err
	}
	t.each = func(ctx context.Context, put func([]any) error) error {
		those, err := crowdOf(in)
		if err != nil {
			return err
		}
		now := e.clock.Now()
		for after := (heed.ID{}); ; {
			var page []*heed.Person
			err := e.app.DB.Read(ctx, func(q db.Querier) (err error) {
				if those == (segment.Those{}) {
					page, err = e.app.reading.store.Page(ctx, q, after, exportPage)
					return err
				}
				ids, err := segment.People(ctx, q, those, now, after, exportPage)
				if err == nil {
					page, err = e.app.reading.store.GetEach(ctx, q, ids)
				}
				return err
			})
			if err != nil || len(page) == 0 {
				return err
			}
			for _, p := range page {
				if p == nil {
					continue
				}
				after = p.ID
				if err := put(personRow(p, in.Traits)); err != nil {
					return err
				}
			}
		}
	}
	return t
}

// crowdOf is of whom an export is; the zero value is everybody.
func crowdOf(in api.NewExport) (those segment.Those, err error) {
	those = segment.Those{Segment: in.Segment, Stage: in.Stage}
	if in.Rule != "" {
		those.Rule, err = rule.Parse(in.Rule)
	}
	return those, err
}

func personRow(p *heed.Person, traits []string) []any {
	trait := func(name string) string {
		raw := p.Traits[name].Value
		var s string
		if json.Unmarshal([]byte(raw), &s) == nil {
			return s
		}
		return string(raw)
	}
	name := trait("name")
	if name == "" {
		name = strings.TrimSpace(trait("first_name") + " " + trait("last_name"))
	}
	var segments, consents []string
	for s := range p.Segments {
		segments = append(segments, s)
	}
	for key, c := range p.Consents {
		consents = append(consents, key+"="+string(c.State))
	}
	slices.Sort(segments)
	slices.Sort(consents)
	row := []any{p.ID.String(), trait("user_id"), name, trait("email"), trait("phone"), p.Stage, when(p.StageSince), when(p.FirstSeen), when(p.LastSeen),
		p.Orders.Count, p.Orders.Revenue, when(p.Orders.Last), strings.Join(segments, " "), strings.Join(consents, " ")}
	for _, t := range traits {
		row = append(row, trait(t))
	}
	return row
}

// when is a moment as files have it.
func when(t heed.Time) any {
	if t == 0 {
		return nil
	}
	return t.String()
}

// decisions is an export of the ledger, newest first.
func (e *exports) decisions(in api.NewExport) *table {
	dry := false
	f := ledger.Filter{Journey: in.Journey, Channel: in.Channel, Purpose: in.Purpose, Outcome: heed.Outcome(in.Outcome), Reason: in.Reason, Since: heed.Time(in.Since), Until: heed.Time(in.Until), Dry: &dry, Limit: exportPage}
	t := &table{columns: []tableColumn{{"id", varchar}, {"at", moment}, {"person", varchar}, {"message", varchar}, {"journey", varchar}, {"node", varchar}, {"channel", varchar},
		{"purpose", varchar}, {"outcome", varchar}, {"reason", varchar}, {"rule", varchar}, {"text", varchar}, {"until", moment}, {"asked_by", varchar}}}
	t.total = func(ctx context.Context) (n int64, err error) {
		counts, err := e.app.ledger.Tallies(ctx, f)
		for _, c := range counts.Counts {
			n += c.N
		}
		return n, err
	}
	t.each = func(ctx context.Context, put func([]any) error) error {
		for f := f; ; {
			rows, err := e.app.ledger.Decisions(ctx, f)
			if err != nil || len(rows) == 0 {
				return err
			}
			for i := range rows {
				r := &rows[i]
				person, message := "", ""
				if !r.Person.IsZero() {
					person = r.Person.String()
				}
				if !r.Message.IsZero() {
					message = r.Message.String()
				}
				if err := put([]any{r.ID.String(), when(r.At), person, message, r.Journey, r.Node, r.Channel, r.Purpose, string(r.Outcome), r.Reason, r.Rule, r.Text, when(r.Until), r.By}); err != nil {
					return err
				}
			}
			f.After = rows[len(rows)-1].ID
		}
	}
	return t
}
