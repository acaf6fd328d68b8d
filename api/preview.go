package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed/internal/account"
)

// PreviewIn is the beginning of a file and, once there is one, a mapping.
type PreviewIn struct {
	File    string `json:"file" maxLength:"300" example:"orders.csv" doc:"Its name: the ending tells the format."`
	Sample  string `json:"sample" minLength:"1" maxLength:"262144" doc:"The beginning of the file as text, unpacked; its last line may be cut."`
	Mapping string `json:"mapping,omitempty" maxLength:"262144" doc:"The text of a mapping file. Without it, only a suggestion is made."`
	Source  string `json:"source,omitempty" maxLength:"64" doc:"For the suggestion: the source that the events come from."`
}

// ImportPreview is what a mapping would make of a file's first lines.
type ImportPreview struct {
	Format    string          `json:"format" enum:"csv,ndjson"`
	Delimiter string          `json:"delimiter,omitempty"`
	Columns   []PreviewColumn `json:"columns" nullable:"false"`
	Rows      [][]string      `json:"rows" nullable:"false" doc:"The first rows, as they are."`
	Suggested string          `json:"suggested" doc:"A mapping to begin with."`
	Events    []PreviewEvent  `json:"events" nullable:"false" doc:"What the mapping makes of the first rows."`
	Problem   string          `json:"problem,omitempty" say:"sentence" doc:"What is wrong with the mapping."`
}

// PreviewColumn is a column of a file and what it seems to hold.
type PreviewColumn struct {
	Name   string `json:"name"`
	Kind   string `json:"kind" enum:"text,number,time,empty" doc:"What its first values look like."`
	As     string `json:"as" enum:"user_id,email,phone,anonymous_id,timestamp,event,property,skip" doc:"What it seems to be."`
	Sample string `json:"sample,omitempty" doc:"The first value that is not empty."`
}

// PreviewEvent is a line as an event, or why it would be refused.
type PreviewEvent struct {
	Line    int64             `json:"line"`
	Skipped bool              `json:"skipped,omitempty"`
	Refused string            `json:"refused,omitempty"`
	Type    string            `json:"type,omitempty"`
	Name    string            `json:"name,omitempty"`
	At      Time              `json:"at,omitzero"`
	IDs     map[string]string `json:"ids,omitempty"`
	Values  JSON              `json:"values,omitempty" doc:"Properties, or traits."`
}

func (s *server) registerPreview() {
	route(s, op{method: http.MethodPost, path: "/imports/preview", id: "previewImport", tag: "events", need: account.ManageData, needs: s.Previews, what: importsDep, audit: notAudited, maxBody: 2 << 20,
		summary: "What a mapping would make of the first lines of a file", about: "Nothing is brought in."}, s.previewImport)
}

func (s *server) previewImport(ctx context.Context, in *Body[PreviewIn]) (*Body[ImportPreview], error) {
	out, err := s.Previews.Preview(ctx, in.Body)
	empty(&out.Columns)
	empty(&out.Rows)
	empty(&out.Events)
	return body(out), err
}
