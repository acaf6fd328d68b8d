package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/heedcx/heed"
)

// Hidden stands for a secret in whatever is shown of a spec. Written back, it means: as it was.
const Hidden = "(hidden)"

// secretField are the fields of a channel that hold a secret; those of templates' headers are judged by their name.
var (
	secretField  = regexp.MustCompile(`^(secret|password|key|private_key|token|api_key)$`)
	secretHeader = regexp.MustCompile(`(?i)(authorization|cookie|secret|token|password|key)`)
)

// secret is a string in a body that must not be shown.
type secret struct {
	path       string // such as dkim[0].key
	start, end int    // of the JSON string
	text       string
}

// Redact returns s as it may be shown: with Hidden for every secret in it.
func Redact(s Spec) Spec {
	list := secrets(s.Kind, s.Body)
	if len(list) == 0 {
		return s
	}
	s.Body = replaced(s.Body, list, func(secret) string { return Hidden })
	return s
}

// Redacted is the set as it may be shown.
func (s Set) Redacted() Set {
	out := make(Set, len(s))
	for k, x := range s {
		out[k] = Redact(x)
	}
	return out
}

// Reveal puts the secrets of had, the version in force, where wanted says Hidden. An error names the field that has
// nothing to be put there.
func Reveal(wanted, had Spec) (Spec, error) {
	list := secrets(wanted.Kind, wanted.Body)
	list = slices.DeleteFunc(list, func(x secret) bool { return x.text != Hidden })
	if len(list) == 0 {
		return wanted, nil
	}
	if wanted.Kind == Template && had.Name != "" && receiver(wanted.Body) != receiver(had.Body) {
		// Who may write templates must not have a secret that they cannot see sent to themselves.
		return wanted, heed.FieldErrorf(wanted.Kind+" "+wanted.Name+": url", "it goes to another host than before: write the secrets in its headers anew, %s does not stand for them", Hidden)
	}
	known := map[string]string{}
	for _, x := range secrets(had.Kind, had.Body) {
		known[x.path] = x.text
	}
	for _, x := range list {
		if known[x.path] == "" {
			return wanted, heed.FieldErrorf(wanted.Kind+" "+wanted.Name+": "+x.path, "%s stands for a secret that is in force, and none is: write the secret itself", Hidden)
		}
	}
	wanted.Body = replaced(wanted.Body, list, func(x secret) string { return known[x.path] })
	return wanted, nil
}

// receiver is the scheme and host that a template's webhook goes to; "" when that is the channel's to say.
func receiver(body heed.RawJSON) string {
	var t struct{ URL string }
	if json.Unmarshal(body, &t) != nil {
		return ""
	}
	u, err := url.Parse(t.URL)
	if err != nil {
		return t.URL
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// shownDiff is Diff as it may be shown.
func shownDiff(kind string, old, new heed.RawJSON) []string {
	lines := Diff(old, new)
	if len(lines) == 0 || len(secrets(kind, old))+len(secrets(kind, new)) == 0 {
		return lines
	}
	shown := Diff(Redact(Spec{Kind: kind, Body: old}).Body, Redact(Spec{Kind: kind, Body: new}).Body)
	if len(shown) < len(lines) {
		shown = append(shown, "~ a secret: another one")
	}
	return shown
}

func replaced(body heed.RawJSON, list []secret, text func(secret) string) heed.RawJSON {
	out := make([]byte, 0, len(body))
	at := 0
	for _, x := range list {
		quoted, _ := json.Marshal(text(x)) // a string always encodes
		out = append(append(out, body[at:x.start]...), quoted...)
		at = x.end
	}
	return append(out, body[at:]...)
}

// secrets finds the secrets of a body, in order. A body that is no JSON has none that could be shown.
func secrets(kind string, body heed.RawJSON) []secret {
	if kind != Channel && kind != Template {
		return nil
	}
	w := secretWalk{kind: kind, body: body, dec: json.NewDecoder(bytes.NewReader(body))}
	w.value("", "")
	slices.SortFunc(w.found, func(a, b secret) int { return a.start - b.start })
	return w.found
}

type secretWalk struct {
	kind  string
	body  []byte
	dec   *json.Decoder
	found []secret
}

// value reads one value; name is that of its field.
func (w *secretWalk) value(path, name string) (text string, at secret) {
	before := int(w.dec.InputOffset())
	tok, err := w.dec.Token()
	if err != nil {
		return "", at
	}
	switch t := tok.(type) {
	case string:
		end := int(w.dec.InputOffset())
		start := before + max(0, bytes.IndexByte(w.body[before:end], '"'))
		at = secret{path, start, end, t}
		if w.kind == Channel && t != "" && secretField.MatchString(name) {
			w.found = append(w.found, at)
		}
		return t, at
	case json.Delim:
		if t == '{' {
			w.object(path)
		} else {
			for i := 0; w.dec.More(); i++ {
				w.value(fmt.Sprintf("%s[%d]", path, i), name)
			}
		}
		_, _ = w.dec.Token() // its end
	}
	return "", at
}

func (w *secretWalk) object(path string) {
	header := ""
	var value secret
	for w.dec.More() {
		tok, err := w.dec.Token()
		if err != nil {
			return
		}
		key, _ := tok.(string)
		text, at := w.value(strings.TrimPrefix(path+"."+key, "."), key)
		switch key {
		case "name":
			header = text
		case "value":
			value = at
		}
	}
	if w.kind == Template && strings.Contains(path, "headers[") && value.text != "" && secretHeader.MatchString(header) {
		w.found = append(w.found, value)
	}
}
