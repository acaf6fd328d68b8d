package account

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// Entry is something that somebody did. Before and After, if any, are compared; only the difference is kept, without
// secrets.
type Entry struct {
	Actor  Actor
	Action string // what, as noun.verb: key.create, spec.apply
	Target string // to whom or what
	Before any
	After  any
	Diff   []string // instead of Before and After
}

// Logged is an entry of the audit log.
type Logged struct {
	ID      heed.ID
	At      heed.Time
	Actor   string
	Via     string // user, api_key, system
	Action  string
	Target  string
	Address string
	Request string
	Diff    []string
}

// maxDiff bounds the lines of one entry.
const maxDiff = 200

// WriteAudit adds an entry in a transaction, so that nothing is done that is not written down.
func (s *Service) WriteAudit(ctx context.Context, tx db.Tx, e Entry) error {
	diff := e.Diff
	if diff == nil && (e.Before != nil || e.After != nil) {
		diff = redactedDiff(e.Before, e.After)
	}
	if len(diff) > maxDiff {
		diff = append(diff[:maxDiff:maxDiff], "...")
	}
	text := ""
	if len(diff) > 0 {
		b, err := json.Marshal(diff)
		if err != nil {
			return err
		}
		text = string(b)
	}
	now := s.clock.Now()
	_, err := tx.Exec(ctx, "audit.put", heed.NewID(now), now, e.Actor.Name, e.Actor.Via, e.Action, e.Target, e.Actor.Address, e.Actor.Request, text)
	return err
}

// Record adds an entry in a transaction of its own.
func (s *Service) Record(ctx context.Context, e Entry) error {
	return s.db.WriteDurable(ctx, func(tx db.Tx) error { return s.WriteAudit(ctx, tx, e) })
}

// AuditQuery selects from the audit log.
type AuditQuery struct {
	Before heed.ID // zero: from the newest
	Actor  string
	Action string
	Target string
	Text   string // anywhere in an entry, in any case; "" is every entry
	Limit  int
}

// anywhere is the LIKE pattern of a text.
func anywhere(text string) string {
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(text)) + "%"
}

// Audit reads the log, the newest first.
func (s *Service) Audit(ctx context.Context, a AuditQuery) (out []Logged, err error) {
	if a.Before.IsZero() {
		a.Before = maxID()
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "audit.list", a.Before, a.Actor, a.Action, a.Target, anywhere(a.Text), a.Limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l Logged
			var diff string
			if err := rows.Scan(&l.ID, &l.At, &l.Actor, &l.Via, &l.Action, &l.Target, &l.Address, &l.Request, &diff); err != nil {
				return err
			}
			if diff != "" {
				if err := json.Unmarshal([]byte(diff), &l.Diff); err != nil {
					return err
				}
			}
			out = append(out, l)
		}
		return rows.Err()
	})
	return out, err
}

var secretName = regexp.MustCompile(`(?i)(password|passwd|secret|token|private|credential|authorization|api_?key|dkim_key|signing_key|^key$)`)

// redactedDiff compares two values as JSON. Of a field whose name smells of a secret it only says whether it changed.
func redactedDiff(before, after any) []string {
	b, a := toTree(before), toTree(after)
	b, a = redact(b, a)
	return spec.Diff(fromTree(b), fromTree(a))
}

func redact(b, a any) (any, any) {
	bm, _ := b.(map[string]any)
	am, _ := a.(map[string]any)
	if bm == nil && am == nil {
		bl, _ := b.([]any)
		al, _ := a.([]any)
		for i := range max(len(bl), len(al)) {
			var x, y any
			if i < len(bl) {
				x = bl[i]
			}
			if i < len(al) {
				y = al[i]
			}
			x, y = redact(x, y)
			if i < len(bl) {
				bl[i] = x
			}
			if i < len(al) {
				al[i] = y
			}
		}
		return b, a
	}
	keys := map[string]bool{}
	for k := range bm {
		keys[k] = true
	}
	for k := range am {
		keys[k] = true
	}
	for k := range keys {
		x, inB := bm[k]
		y, inA := am[k]
		if secretName.MatchString(k) {
			same := reflect.DeepEqual(x, y)
			x, y = "(hidden)", "(hidden)"
			if !same && inA && inB {
				y = "(hidden, another one)"
			}
		} else {
			x, y = redact(x, y)
		}
		if inB {
			bm[k] = x
		}
		if inA {
			am[k] = y
		}
	}
	return b, a
}

// toTree decodes into a tree of its own, which redact may change.
func toTree(v any) any {
	if v == nil {
		return map[string]any{}
	}
	raw, ok := v.(heed.RawJSON)
	if !ok {
		var err error
		if raw, err = json.Marshal(v); err != nil {
			return map[string]any{}
		}
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out any
	if d.Decode(&out) != nil {
		return map[string]any{}
	}
	return out
}

func fromTree(v any) heed.RawJSON {
	b, _ := json.Marshal(v) // a decoded tree always encodes
	return b
}
