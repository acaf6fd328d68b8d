package spec

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

//go:embed queries.sql
var Queries string

// The kinds.
const (
	Brand      = "brand"       // the one brand of the installation: name, zone, currency, sender
	Source     = "source"      // where events come from, and where they stand in the experience
	Purpose    = "purpose"     // why we write to people, and which consent that takes
	Segment    = "segment"     // people for whom a rule holds
	Lifecycle  = "lifecycle"   // the ladder of lifecycle stages
	Journey    = "journey"     // an automated sequence
	Broadcast  = "broadcast"   // one message to a segment
	Template   = "template"    // the words of a message
	Rule       = "rule"        // a relationship rule
	Cap        = "cap"         // how often is enough
	QuietHours = "quiet_hours" // when not to write
	Channel    = "channel"     // how a channel delivers
)

// Spec is one version of one document.
type Spec struct {
	Kind    string       `json:"kind"`
	Name    string       `json:"name"`
	Version int          `json:"version"`
	Body    heed.RawJSON `json:"-"` // an object without kind and name
	Deleted bool         `json:"deleted,omitempty"`
	MadeAt  heed.Time    `json:"made_at"`
	MadeBy  string       `json:"made_by,omitempty"`
	Origin  *Origin      `json:"-"` // the file it was read from, nil when it was not
}

// Decode reads the body into a T; a field that T does not have is an error that names it.
func Decode[T any](s Spec) (T, error) {
	var v T
	d := json.NewDecoder(bytes.NewReader(s.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil && !errors.Is(err, io.EOF) {
		return v, heed.FieldErrorf(s.Kind+" "+s.Name, "%v", err)
	}
	return v, nil
}

// Revision counts the changes of all specs together.
func Revision(ctx context.Context, q db.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, "spec.revision").Scan(&n)
	return n, err
}

// Latest returns the newest version of every spec of the kind that is not deleted, by name.
func Latest(ctx context.Context, q db.Querier, kind string) ([]Spec, error) {
	return read(q.Query(ctx, "spec.latest", kind))
}

// Versions returns every version of one spec, oldest first.
func Versions(ctx context.Context, q db.Querier, kind, name string) ([]Spec, error) {
	return read(q.Query(ctx, "spec.versions", kind, name))
}

func read(rows db.Rows, err error) ([]Spec, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Spec
	for rows.Next() {
		var s Spec
		var body string
		var deleted int64
		if err := rows.Scan(&s.Kind, &s.Name, &s.Version, &body, &deleted, &s.MadeAt, &s.MadeBy); err != nil {
			return nil, err
		}
		s.Body, s.Deleted = heed.RawJSON(body), deleted != 0
		out = append(out, s)
	}
	return out, rows.Err()
}

// Put stores a new version of a spec and returns it. The caller has checked it.
func Put(ctx context.Context, tx db.Tx, s Spec) (Spec, error) {
	// First the revision: its row lock lets one change at a time number its versions.
	if _, err := tx.Exec(ctx, "spec.bump"); err != nil {
		return s, err
	}
	if err := tx.QueryRow(ctx, "spec.next_version", s.Kind, s.Name).Scan(&s.Version); err != nil {
		return s, err
	}
	deleted := int64(0)
	if s.Deleted {
		deleted = 1
	}
	if len(s.Body) == 0 {
		s.Body = heed.RawJSON("{}")
	}
	if _, err := tx.Exec(ctx, "spec.put", s.Kind, s.Name, s.Version, string(s.Body), deleted, s.MadeAt, s.MadeBy); err != nil {
		return s, fmt.Errorf("put %s %s: %w", s.Kind, s.Name, err)
	}
	return s, nil
}
