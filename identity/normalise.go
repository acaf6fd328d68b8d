package identity

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"

	"github.com/heedcx/heed"
)

// Normalise returns the one spelling of an identifier, or false when it names nobody: a blocked value, an e-mail
// address without a domain, a phone number that cannot exist, control characters, more than 256 bytes.
func (c *Config) Normalise(id heed.Identifier) (heed.Identifier, bool) {
	v := strings.TrimSpace(id.Value)
	if len(v) > maxValue || !clean(v) || c.isBlocked(v) || !namespaceOK(id.Namespace) {
		return heed.Identifier{}, false
	}
	ok := true
	switch id.Namespace {
	case heed.Email:
		v, ok = email(v)
	case heed.Phone:
		v, ok = c.phone(v)
	}
	return heed.Identifier{Namespace: id.Namespace, Value: v}, ok
}

func namespaceOK(ns string) bool {
	if ns == "" || len(ns) > 40 || ns == Person {
		return false
	}
	for i := range len(ns) {
		if b := ns[i]; (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '_' {
			return false
		}
	}
	return true
}

func clean(v string) bool {
	for i := range len(v) {
		if v[i] < 0x20 || v[i] == 0x7f {
			return false
		}
		if v[i] >= utf8.RuneSelf {
			return utf8.ValidString(v) && !strings.ContainsFunc(v[i:], func(r rune) bool { return unicode.Is(unicode.C, r) })
		}
	}
	return true
}

// isBlocked says whether v is one of the values that broken clients send for "nobody": the list, and anything made
// of zeros and dashes only (0, 000, the zero UUID).
func (c *Config) isBlocked(v string) bool {
	zeros := true
	for i := range len(v) {
		if v[i] != '0' && v[i] != '-' {
			zeros = false
			break
		}
	}
	if zeros {
		return c.blocked[""] && (v != "0" || c.blocked["0"])
	}
	if len(v) > 40 {
		return false
	}
	if c.blocked[v] {
		return true
	}
	for i := range len(v) {
		if b := v[i]; b >= 'A' && b <= 'Z' || b >= utf8.RuneSelf {
			return c.blocked[strings.ToLower(v)]
		}
	}
	return false
}

// email lower-cases the address and writes its domain in ASCII. What stands before the @ is left as it is otherwise:
// dots and +tags are different mailboxes for most providers.
func email(v string) (string, bool) {
	at := strings.LastIndexByte(v, '@')
	if at < 1 || at == len(v)-1 || strings.ContainsAny(v, " \t<>,;\"") {
		return "", false
	}
	domain := strings.TrimSuffix(v[at+1:], ".")
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(ascii, ".") {
		return "", false
	}
	return strings.ToLower(v[:at]) + "@" + ascii, true
}

// phone writes the number in E.164.
func (c *Config) phone(v string) (string, bool) {
	v = strings.TrimPrefix(v, "tel:")
	if strings.HasPrefix(v, "00") {
		v = "+" + v[2:]
	}
	n, err := phonenumbers.Parse(v, c.region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// identifiers calls f with every identifier of the event that may be used, as it arrived.
func (c *Config) identifiers(e *heed.Event, f func(heed.Identifier)) {
	use := func(ns, v string) {
		if v != "" && (!e.Public || c.public[ns]) {
			f(heed.Identifier{Namespace: ns, Value: v})
		}
	}
	use(heed.UserID, e.UserID)
	use(heed.AnonymousID, e.AnonymousID)
	for _, id := range e.IDs {
		use(id.Namespace, id.Value)
	}
}

// Key is the key under which history keeps the event: the hash of its best identifier. It is the person's own id when
// the event came with one (a derived fact, our own feedback), and zero when nothing names anybody. It depends on the
// event and the configuration only.
func (c *Config) Key(e *heed.Event) heed.ID {
	if e.Type.Derived() {
		return e.Person
	}
	if id, ok := c.preset(e); ok {
		return id
	}
	var best heed.Identifier
	var hash heed.ID // of best, once it was needed
	prio := 1 << 30
	c.identifiers(e, func(raw heed.Identifier) {
		p := c.namespace(raw.Namespace).Priority
		if p > prio || p == prio && raw.Namespace > best.Namespace {
			return
		}
		id, ok := c.Normalise(raw)
		if !ok {
			return
		}
		if p == prio && id.Namespace == best.Namespace { // two of a kind: the same order as in the graph
			if hash.IsZero() {
				hash = best.Hash()
			}
			h := id.Hash()
			if bytes.Compare(h[:], hash[:]) >= 0 {
				return
			}
		}
		best, prio, hash = id, p, heed.ID{}
	})
	if prio == 1<<30 {
		return e.Person
	}
	return best.Hash()
}

// preset is the person that a trusted event names by id.
func (c *Config) preset(e *heed.Event) (heed.ID, bool) {
	if !e.Public {
		for _, i := range e.IDs {
			if i.Namespace == Person {
				id, err := heed.ParseID(i.Value)
				return id, err == nil
			}
		}
	}
	return heed.ID{}, false
}

// appendPresets appends all people that a trusted event names by id.
func appendPresets(ids []heed.ID, e *heed.Event) []heed.ID {
	if e.Public {
		return ids
	}
	for _, i := range e.IDs {
		if i.Namespace == Person {
			if id, err := heed.ParseID(i.Value); err == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
