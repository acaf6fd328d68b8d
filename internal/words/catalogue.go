package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"sync"

	"golang.org/x/text/language"
)

//go:embed de
var files embed.FS

// Catalogue is all languages besides English.
type Catalogue struct {
	languages []func() *Language // nil: English
	matcher   language.Matcher
}

// wordsFile holds words for codes; the other files hold sentences.
const wordsFile = "words.json"

// New returns the catalogues that are built in. Each is read when its language is asked for first.
func New() *Catalogue {
	return &Catalogue{
		languages: []func() *Language{nil, sync.OnceValue(func() *Language { return must(load("de", german{})) })},
		matcher:   language.NewMatcher([]language.Tag{language.English, language.German}),
	}
}

// For returns the language that an Accept-Language header asks for; nil is English.
func (c *Catalogue) For(accept string) *Language {
	if accept == "" {
		return nil
	}
	asked, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return nil
	}
	_, i, _ := c.matcher.Match(asked...)
	if c.languages[i] == nil {
		return nil
	}
	return c.languages[i]()
}

// must panics when a catalogue cannot be read. They are part of the binary, and a test reads them all.
func must(l *Language, err error) *Language {
	if err != nil {
		panic(err)
	}
	return l
}

func load(tag string, clock clock) (*Language, error) {
	l := &Language{tag: tag, clock: clock}
	entries, err := files.ReadDir(tag)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := files.ReadFile(path.Join(tag, e.Name()))
		if err != nil {
			return nil, err
		}
		var said map[string]string
		if err := json.Unmarshal(text, &said); err != nil {
			return nil, fmt.Errorf("words: %s/%s: %w", tag, e.Name(), err)
		}
		if e.Name() == wordsFile {
			l.words = said
			continue
		}
		for format, sentence := range said {
			p, err := compile(format, sentence)
			if err != nil {
				return nil, fmt.Errorf("words: %s/%s: %w", tag, e.Name(), err)
			}
			l.patterns = append(l.patterns, p)
		}
	}
	particular(l.patterns)
	return l, nil
}
