package importer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
)

// event turns the record at hand into e. number and raw are the line's. skip: the mapping leaves the line out.
func (r *reader) event(number int, raw []byte, e *heed.Event) (skip bool, err error) {
	r.turn++
	row, err := r.row()
	if err != nil {
		return false, err
	}
	if row.skip {
		return true, nil
	}
	*e = heed.Event{Type: row.kind, Source: r.m.Source, ReceivedAt: r.now, Timestamp: r.now, Direction: heed.Inbound}
	e.MessageID = r.messageID(number, raw)
	if row.timestamp != nil {
		at, ok, err := r.get(row.timestamp)
		if err != nil {
			return false, err
		}
		if !ok {
			return false, fmt.Errorf("%s: %w", row.timestamp.path, errEmpty)
		}
		if e.Timestamp = at.at; at.at > r.now.Add(24*hour) || at.at < oldest {
			return false, fmt.Errorf("%s: %s is not between 1900 and tomorrow", row.timestamp.path, at.at)
		}
	}
	direction := string(e.Direction)
	for _, w := range [...]struct {
		v   *value
		to  *string
		max int
	}{{row.event, &e.Name, 512}, {row.group, &e.GroupID, 256}, {row.touchpoint, &e.Touchpoint, 512}, {row.channel, &e.Channel, 64}, {row.direction, &direction, 64}, {row.department, &e.Department, 512}} {
		if w.v == nil {
			continue
		}
		s, ok, err := r.get(w.v)
		if err != nil {
			return false, err
		}
		if ok {
			if err := plain(s.text, w.max); err != nil {
				return false, fmt.Errorf("%s: %w", w.v.path, err)
			}
			*w.to = s.text
		}
	}
	if e.Direction = heed.Direction(direction); direction != string(heed.Inbound) && direction != string(heed.Outbound) {
		return false, fmt.Errorf("%s: want inbound or outbound, got %s", row.direction.path, quoted(direction))
	}
	if e.Type == heed.Track && e.Name == "" {
		return false, fmt.Errorf("%s: %w", row.event.path, errEmpty)
	}
	if e.Type == heed.Group && e.GroupID == "" {
		return false, fmt.Errorf("%s: %w", row.group.path, errEmpty)
	}
	if err := r.identifiers(row, e); err != nil {
		return false, err
	}
	e.Properties, err = r.properties(row, e)
	return false, err
}

func (r *reader) row() (*row, error) {
	for i := range r.m.rows {
		row := &r.m.rows[i]
		if row.when == nil {
			return row, nil
		}
		got, err := r.run(row.when)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.when.path, err)
		}
		yes, ok := got.(bool)
		if !ok {
			return nil, fmt.Errorf("%s: want true or false, got %T", row.when.path, got)
		}
		if yes {
			return row, nil
		}
	}
	return nil, fmt.Errorf("no row of the mapping holds for this line")
}

func (r *reader) identifiers(row *row, e *heed.Event) error {
	for _, id := range row.ids {
		s, ok, err := r.get(id.value)
		if err != nil {
			return err
		}
		v := strings.TrimSpace(s.text)
		if !ok || v == "" {
			continue
		}
		if err := plain(v, 256); err != nil {
			return fmt.Errorf("%s: %w", id.path, err)
		}
		switch id.name {
		case heed.UserID:
			e.UserID = v
		case heed.AnonymousID:
			e.AnonymousID = v
		case heed.Email:
			e.IDs = append(e.IDs, heed.Identifier{Namespace: id.name, Value: strings.ToLower(v)})
		default:
			e.IDs = append(e.IDs, heed.Identifier{Namespace: id.name, Value: v})
		}
	}
	if e.UserID == "" && e.AnonymousID == "" && len(e.IDs) == 0 && (r.m.Strict || e.Type == heed.Identify) {
		return fmt.Errorf("%s: nobody is named", join(row.path, "ids"))
	}
	return nil
}

// plain checks text that identifies or names something.
func plain(s string, max int) error {
	if len(s) > max {
		return fmt.Errorf("is %d bytes long, the limit is %d", len(s), max)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f || s[i] >= utf8.RuneSelf {
			if strings.IndexFunc(s, unicode.IsControl) >= 0 {
				return fmt.Errorf("has a control character: %s", quoted(s))
			}
			break
		}
	}
	return nil
}

func (r *reader) properties(row *row, e *heed.Event) (heed.RawJSON, error) {
	b := append(r.buf[:0], '{')
	name := func(s string) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendJSON(b, s), ':')
	}
	for _, p := range row.properties {
		s, ok, err := r.get(p.value)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		name(p.name)
		if s.json {
			b = append(b, s.text...)
		} else {
			b = appendJSON(b, s.text)
		}
	}
	if e.Type == heed.Identify {
		// As with an SDK's identify, the address by which somebody is known is also where they can be reached.
		for _, id := range e.IDs {
			if id.Namespace != heed.Email && id.Namespace != heed.Phone || slices.ContainsFunc(row.properties, func(p named) bool { return p.name == id.Namespace }) {
				continue
			}
			name(id.Namespace)
			b = appendJSON(b, id.Value)
		}
	}
	if len(b) == 1 && len(row.properties) == 0 {
		return nil, nil
	}
	r.buf = append(b, '}')
	if len(r.buf) > collect.MaxEventBytes {
		return nil, fmt.Errorf("the properties are %d bytes long, the limit is %d", len(r.buf), collect.MaxEventBytes)
	}
	return bytes.Clone(r.buf), nil
}

// appendJSON appends s as a JSON string. NUL becomes U+FFFD, because databases refuse it.
func appendJSON(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			q, err := json.Marshal(strings.ReplaceAll(s, "\x00", "\ufffd"))
			if err != nil { // a string always encodes
				q = []byte(`""`)
			}
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// messageID is the same whenever this line of this file is read under this mapping's name.
func (r *reader) messageID(number int, raw []byte) string {
	b := append(r.sum[:0], r.m.Name...)
	b = append(b, 0)
	b = strconv.AppendInt(b, int64(number), 10)
	b = append(b, 0)
	r.sum = append(b, raw...)
	sum := sha256.Sum256(r.sum)
	var out [4 + 24]byte
	copy(out[:], "imp-")
	hex.Encode(out[4:], sum[:12])
	return string(out[:])
}
