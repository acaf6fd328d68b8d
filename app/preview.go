package app

import (
	"context"
	"path"
	"regexp"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect/importer"
	"github.com/heedcx/heed/internal/clock"
)

// previews answers api.Previewer.
type previews struct{ clock clock.Clock }

const (
	previewRows   = 20
	previewEvents = 20
)

var noName = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// Preview implements api.Previewer.
func (p previews) Preview(_ context.Context, in api.PreviewIn) (api.ImportPreview, error) {
	out := api.ImportPreview{Format: importer.FormatOf(in.File)}
	delimiter := importer.DelimiterOf(in.Sample)
	sample := in.Sample
	if i := strings.LastIndexByte(sample, '\n'); i > 0 && len(sample) > 60<<10 {
		sample = sample[:i+1] // the last line may be cut
	}
	var header []string
	if out.Format == importer.CSV {
		var err error
		if header, out.Rows, err = importer.Table(sample, delimiter, previewRows); err != nil {
			return out, err
		}
		out.Delimiter = string(delimiter)
	} else {
		header, out.Rows = importer.TableOf(sample, previewRows)
	}
	columns := importer.Columns(header, out.Rows)
	for _, c := range columns {
		out.Columns = append(out.Columns, api.PreviewColumn{Name: c.Name, Kind: c.Kind, As: c.As, Sample: short(c.Sample)})
	}
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(in.File, `\`, "/")), ".gz")
	name := strings.Trim(noName.ReplaceAllString(strings.TrimSuffix(base, path.Ext(base)), "-"), "-._")
	if name == "" {
		name = "import"
	}
	source := in.Source
	if source == "" {
		source = "import"
	}
	out.Suggested = importer.Suggest(name[:min(len(name), 60)], source, "Imported", out.Format, delimiter, columns)
	if in.Mapping == "" {
		return out, nil
	}
	m, err := importer.ParseMapping("mapping", []byte(in.Mapping))
	if err != nil {
		out.Problem = heed.MessageOf(err)
		return out, nil
	}
	lines, err := importer.Preview(m, in.File, sample, p.clock.Now(), previewEvents)
	if err != nil {
		out.Problem = heed.MessageOf(err)
	}
	for i := range lines {
		out.Events = append(out.Events, previewEvent(&lines[i]))
	}
	return out, nil
}

func previewEvent(l *importer.Previewed) api.PreviewEvent {
	if l.Refused != nil {
		return api.PreviewEvent{Line: l.Line, Refused: l.Refused.Error()}
	}
	if l.Skipped {
		return api.PreviewEvent{Line: l.Line, Skipped: true}
	}
	e := &l.Event
	one := api.PreviewEvent{Line: l.Line, Type: e.Type.String(), Name: e.Name, At: api.Time(e.Timestamp), Values: api.JSON(e.Properties), IDs: map[string]string{}}
	if e.UserID != "" {
		one.IDs[heed.UserID] = e.UserID
	}
	if e.AnonymousID != "" {
		one.IDs[heed.AnonymousID] = e.AnonymousID
	}
	for _, id := range e.IDs {
		one.IDs[id.Namespace] = id.Value
	}
	return one
}

func short(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "..."
	}
	return s
}
