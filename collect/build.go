package collect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heedcx/heed"
)

// builder turns notes into events. Their strings and JSON point into the request's buffer.
type builder struct {
	text     *text
	source   Source
	received heed.Time
	sent     heed.Time // of the batch
	ids      []heed.Identifier
	merger   merger
	idBase   string // random; event i without a messageId gets idBase + i
	makeID   func() string
	bad      *Refusal
}

// refuse notes the first reason against the event at hand.
func (b *builder) refuse(code, field, format string, args ...any) {
	if b.bad == nil {
		b.bad = &Refusal{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
	}
}

var kindNames = [...]string{"nothing", "a string", "a number", "an object", "an array", "true", "false", "null"}

// str returns a string field; another kind of value, or one longer than max bytes, refuses the event.
func (b *builder) str(f field, name string, max int) string {
	if f.kind == isNone {
		return ""
	}
	if f.kind != isString {
		b.refuse("type", name, "want a string, got %s", kindNames[f.kind])
		return ""
	}
	s := b.text.string(f)
	if len(s) > max {
		b.refuse("too_large", name, "is %d bytes long, the limit is %d", len(s), max)
		return ""
	}
	return s
}

// id returns a string field that identifies something: no control characters.
func (b *builder) id(f field, name string) string {
	s := b.str(f, name, maxID)
	if hasControl(s, f.flags) {
		b.refuse("value", name, "has a control character: %s", quoted(s))
	}
	return s
}

// word returns a string field that is shown to people: control characters become spaces.
func (b *builder) word(f field, name string, max int) string {
	s := b.str(f, name, max)
	if hasControl(s, f.flags) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, s)
	}
	return s
}

func hasControl(s string, flags byte) bool {
	if flags == 0 { // then only DEL can be one
		return strings.IndexByte(s, 0x7f) >= 0
	}
	return strings.IndexFunc(s, unicode.IsControl) >= 0
}

// quoted shows a value of the sender's in an error, safely and shortly.
func quoted(s string) string {
	if len(s) > 40 {
		n := 40
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n] + "..."
	}
	return strconv.QuoteToASCII(s)
}

// object returns a field that must be an object.
func (b *builder) object(f field, name string) heed.RawJSON {
	if f.kind == isNone {
		return nil
	}
	if f.kind != isObject {
		b.refuse("type", name, "want an object, got %s", kindNames[f.kind])
		return nil
	}
	return b.text.raw(f)
}

func (b *builder) time(f field, name string) heed.Time {
	s := b.str(f, name, 64)
	if s == "" {
		return 0
	}
	t, ok := parseTime(s)
	if !ok {
		b.refuse("value", name, "want an ISO 8601 date such as 2026-03-29T10:00:00.000Z, got %s", quoted(s))
	}
	return t
}

// event builds e, which is zero, from a note. as is the type that the path of the request says, 0 if the event must
// say it itself. A refusal's field is relative to the event.
func (b *builder) event(n *note, as heed.Type, e *heed.Event) *Refusal {
	b.bad = nil
	src, t := &b.source, b.text
	if size := int(n.end - n.start); size > MaxEventBytes {
		b.refuse("too_large", "", "is %d bytes long, the limit of an event is %d", size, MaxEventBytes)
		return b.bad
	}
	if e.Type = as; as == 0 {
		e.Type = b.eventType(n.kind)
	}
	e.Source, e.Public, e.ReceivedAt = src.Name, src.Public, b.received
	if e.MessageID = b.id(n.messageID, "messageId"); e.MessageID == "" {
		e.MessageID = b.makeID()
	}
	e.UserID, e.AnonymousID = b.id(n.userID, "userId"), b.id(n.anonymousID, "anonymousId")
	e.PreviousID, e.GroupID = b.id(n.previousID, "previousId"), b.id(n.group, "groupId")

	sent := b.sent
	if n.sentAt.kind != isNone {
		sent = b.time(n.sentAt, "sentAt")
	}
	original := b.time(n.timestamp, "timestamp")
	if o := b.time(n.originalTimestamp, "originalTimestamp"); original == 0 {
		original = o
	}
	e.Timestamp = happened(original, sent, b.received)

	properties, traits := b.object(n.properties, "properties"), b.object(n.traits, "traits")
	own, shared := &n.context, &t.context
	b.object(own.all, "context")
	e.Context = b.merger.context(t, own.all, shared.all)
	switch e.Type {
	case heed.Identify, heed.Group:
		// RudderStack's SDKs send the traits in the context.
		if e.Properties = traits; len(traits) <= 2 && own.traits.kind == isObject {
			e.Properties = t.raw(own.traits)
		}
	case heed.Track:
		e.Name, e.Properties = b.word(n.event, "event", maxName), properties
	default:
		e.Name, e.Properties = b.word(n.name, "name", maxName), properties
	}
	b.identifiers(n, e)
	b.place(n, e)
	b.required(n, e)
	return b.bad
}

func (b *builder) eventType(f field) heed.Type {
	switch s := b.str(f, "type", maxWord); s {
	case "track":
		return heed.Track
	case "identify":
		return heed.Identify
	case "page":
		return heed.Page
	case "screen":
		return heed.Screen
	case "group":
		return heed.Group
	case "alias":
		return heed.Alias
	case "":
		b.refuse("missing", "type", "is missing: want track, identify, page, screen, group or alias")
	default:
		b.refuse("value", "type", "want track, identify, page, screen, group or alias, got %s", quoted(s))
	}
	return heed.Track
}

// required checks what each type cannot be without.
func (b *builder) required(n *note, e *heed.Event) {
	switch {
	case e.Type == heed.Track && e.Name == "":
		b.refuse("missing", "event", "is missing: a track event needs a name")
	case e.Type == heed.Group && e.GroupID == "":
		b.refuse("missing", "groupId", "is missing")
	case e.Type == heed.Alias && e.PreviousID == "":
		b.refuse("missing", "previousId", "is missing")
	case e.Type == heed.Alias && e.UserID == "":
		b.refuse("missing", "userId", "is missing")
	case e.UserID != "" || e.AnonymousID != "":
	case e.Public:
		b.refuse("missing", "userId", "is missing: want a userId or an anonymousId")
	case e.Type == heed.Identify && len(e.IDs) == 0:
		b.refuse("missing", "userId", "is missing: want a userId, an anonymousId or another identifier")
	}
}

// identifiers collects what else identifies the person.
func (b *builder) identifiers(n *note, e *heed.Event) {
	own, shared := &n.context, &b.text.context
	from := len(b.ids)
	if e.Type == heed.Identify {
		b.identifier(heed.Email, n.email, "traits.email")
		b.identifier(heed.Phone, n.phone, "traits.phone")
	}
	b.identifier(heed.Email, either(own.email, shared.email), "context.traits.email")
	b.identifier(heed.Phone, either(own.phone, shared.phone), "context.traits.phone")
	b.identifier(heed.Device, either(own.deviceID, shared.deviceID), "context.device.id")
	if f := either(own.externalIDs, shared.externalIDs); f.kind != isNone {
		b.external(f)
	}
	if len(b.ids) == from {
		return
	}
	ids := b.ids[from:len(b.ids):len(b.ids)]
	if len(ids) > maxIDs {
		b.refuse("too_large", "context.externalIds", "names %d identifiers, the limit is %d", len(ids), maxIDs)
	}
	e.IDs = unique(ids)
}

func either(a, b field) field {
	if a.kind != isNone {
		return a
	}
	return b
}

// unique drops what is there twice, in place; the lists are short.
func unique(ids []heed.Identifier) []heed.Identifier {
	n := 1
next:
	for _, id := range ids[1:] {
		for _, had := range ids[:n] {
			if had == id {
				continue next
			}
		}
		ids[n] = id
		n++
	}
	return ids[:n]
}

// identifier adds one identifier. Traits are the brand's to shape, so one that is no string or number is none.
func (b *builder) identifier(namespace string, f field, name string) {
	if f.kind != isString && f.kind != isNumber {
		return
	}
	f.kind = isString
	if v := strings.TrimSpace(b.id(f, name)); v != "" {
		b.ids = append(b.ids, heed.Identifier{Namespace: namespace, Value: normal(namespace, v)})
	}
}

// normal spells an identifier in the one way that costs nothing here; identity does the rest (phone numbers).
func normal(namespace, v string) string {
	if namespace == heed.Email {
		return strings.ToLower(v)
	}
	return v
}

// external reads context.externalIds: [{"id": ..., "type": ...}], as Segment and RudderStack send it.
func (b *builder) external(f field) {
	const name = "context.externalIds"
	if f.kind != isArray {
		b.refuse("type", name, "want an array, got %s", kindNames[f.kind])
		return
	}
	var list []struct{ ID, Type any }
	d := json.NewDecoder(bytes.NewReader(b.text.raw(f)))
	d.UseNumber()
	if err := d.Decode(&list); err != nil {
		b.refuse("type", name, "want an array of objects with id and type")
		return
	}
	for i, x := range list {
		field := name + "[" + strconv.Itoa(i) + "]"
		value, ok := x.ID.(string)
		if n, number := x.ID.(json.Number); number {
			value, ok = n.String(), true
		}
		namespace, named := x.Type.(string)
		namespace = Namespace(namespace)
		switch {
		case !ok:
			b.refuse("type", field+".id", "want a string")
		case !named || namespace == "":
			b.refuse("type", field+".type", "want the name of a kind of identifier: up to %d letters, digits and _", maxNamespace)
		case len(value) > maxID:
			b.refuse("too_large", field+".id", "is %d bytes long, the limit is %d", len(value), maxID)
		case hasControl(value, escaped):
			b.refuse("value", field+".id", "has a control character: %s", quoted(value))
		case strings.TrimSpace(value) != "":
			b.ids = append(b.ids, heed.Identifier{Namespace: namespace, Value: normal(namespace, strings.TrimSpace(value))})
		}
	}
}

// maxNamespace bounds the name of a kind of identifier, in bytes.
const maxNamespace = 40

// Namespace spells the name of a kind of identifier as Heed does: lower-case letters, digits and underscores (userId and
// "User Id" become user_id). It returns "" for what cannot be one.
func Namespace(s string) string {
	if s == "" {
		return ""
	}
	out := make([]byte, 0, len(s)+4)
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z':
			if i > 0 && s[i-1] >= 'a' && s[i-1] <= 'z' {
				out = append(out, '_')
			}
			out = append(out, c|0x20)
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_':
			out = append(out, c)
		case c == ' ', c == '-', c == '.':
			out = append(out, '_')
		default:
			return ""
		}
		if len(out) > maxNamespace {
			return ""
		}
	}
	return string(out)
}
