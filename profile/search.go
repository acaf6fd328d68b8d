package profile

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// Bounds of what one person can be found by.
const (
	maxTokens     = 16
	maxTokenBytes = 64
	minPhone      = 8
	countryDigits = 3 // a phone number is also found without the digits of its country
)

// wordSep is between the words of a person in column words.
const wordSep = "\n"

// sought says whether a trait is one by which people are looked for.
func sought(trait string) bool {
	switch trait {
	case "name", "first_name", "firstName", "last_name", "lastName", "email", "phone":
		return true
	}
	return false
}

// order is an order number that somebody may ask for.
type order struct {
	person heed.ID
	id     string
	hash   uint64
	at     heed.Time
}

// given is an order that goes from one person to another one.
type given struct {
	from, to heed.ID
	hash     uint64
}

// seek notes that what a person can be found by has changed.
func (s *Stage) seek(p *heed.Person) {
	if n := len(s.seeking); n == 0 || s.seeking[n-1] != p.ID {
		s.seeking = append(s.seeking, p.ID)
	}
}

// tokens are what a person's traits are found by: whole e-mail addresses, the digits of phones, the words of names.
func tokens(p *heed.Person) []string {
	var out []string
	add := func(t string) {
		if t = cutText(t, maxTokenBytes); t != "" && len(out) < maxTokens && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for name, t := range p.Traits {
		if !sought(name) {
			continue
		}
		text, ok := plain(t.Value)
		if !ok {
			continue
		}
		switch name {
		case "email":
			add(fold(strings.TrimSpace(text)))
		case "phone":
			d := strings.TrimLeft(digits(text), "0")
			add(d)
			for n := 1; n <= countryDigits && len(d) >= minPhone; n++ {
				add(d[n:])
			}
		default:
			for _, w := range words(text) {
				add(w)
			}
		}
	}
	slices.Sort(out)
	return out
}

// plain is the text of a trait that is one.
func plain(v heed.RawValue) (text string, ok bool) {
	if n := len(v); n >= 2 && v[0] == '"' && strings.IndexByte(string(v), '\\') < 0 {
		return string(v[1 : n-1]), true // nearly every text: there is nothing in it to decode
	}
	return text, json.Unmarshal([]byte(v), &text) == nil
}

// fold makes a text comparable: lower case, without accents.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if !ascii {
		s = norm.NFC.String(strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(s)))
	}
	return strings.ToLower(s)
}

func words(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// flushSearch writes what people can be found by from now on. Most batches have nothing to write.
func (s *Stage) flushSearch(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	arg := make([]any, 5)
	pairs := func(query string, list [][2]heed.ID) error {
		return tx.ExecEach(ctx, query, len(list), func(i int) []any { return append(arg[:0], list[i][0][:], list[i][1][:]) })
	}
	if err := pairs("profile.copy_orders", s.moved); err != nil {
		return err
	}
	if err := tx.ExecEach(ctx, "profile.delete_orders", len(s.gone), func(i int) []any { return append(arg[:0], s.gone[i][:]) }); err != nil {
		return err
	}
	for _, q := range []string{"profile.give_order", "profile.take_order"} {
		err := tx.ExecEach(ctx, q, len(s.given), func(i int) []any {
			g := &s.given[i]
			if q == "profile.take_order" {
				return append(arg[:0], g.from[:], int64(g.hash))
			}
			return append(arg[:0], g.from[:], int64(g.hash), g.to[:])
		})
		if err != nil {
			return err
		}
	}
	if err := s.flushNames(ctx, tx); err != nil {
		return err
	}
	return s.flushOrders(ctx, tx, b)
}

// findWords says what everyone is found by whose name has changed.
func (s *Stage) findWords(b *stream.Batch) {
	slices.SortFunc(s.seeking, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
	s.seeking = slices.Compact(s.seeking)
	for _, id := range s.seeking {
		if p := b.People[id]; p != nil {
			s.words[id] = strings.Join(tokens(p), wordSep)
		}
	}
}

// name is a word that a person is found by.
type name struct {
	word   string
	person heed.ID
}

// names appends a person's words to the list.
func names(list []name, words string, person heed.ID) []name {
	if words == "" {
		return list
	}
	for w := range strings.SplitSeq(words, wordSep) {
		list = append(list, name{w, person})
	}
	return list
}

// dropNames deletes what people were found by who are found by something else now, or are gone.
func (s *Stage) dropNames(ctx context.Context, tx db.Tx) error {
	var ids []heed.ID
	for _, list := range [][]heed.ID{s.seeking, s.gone} {
		for _, id := range list {
			if _, stored := s.was[id]; stored {
				ids = append(ids, id)
			}
		}
	}
	var old []name
	arg := make([]any, 2)
	var words string
	err := tx.Each(ctx, "profile.words", len(ids), func(i int) []any { return append(arg[:0], ids[i][:]) }, func(i int, r db.Row) error {
		err := r.Scan(&words)
		old = names(old, words, ids[i])
		return err
	})
	if err != nil {
		return err
	}
	return eachName(ctx, tx, "profile.delete_name", old)
}

func (s *Stage) flushNames(ctx context.Context, tx db.Tx) error {
	var fresh []name
	var changed []heed.ID
	for id, words := range s.words {
		fresh = names(fresh, words, id)
		if _, stored := s.was[id]; stored {
			changed = append(changed, id)
		}
	}
	slices.SortFunc(changed, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
	arg := make([]any, 2)
	err := tx.ExecEach(ctx, "profile.set_words", len(changed), func(i int) []any { return append(arg[:0], changed[i][:], s.words[changed[i]]) })
	if err != nil {
		return err
	}
	return eachName(ctx, tx, "profile.put_name", fresh)
}

// eachName writes names in the order of their index, in which it costs least.
func eachName(ctx context.Context, tx db.Tx, query string, list []name) error {
	slices.SortFunc(list, func(a, b name) int {
		return cmp.Or(strings.Compare(a.word, b.word), slices.Compare(a.person[:], b.person[:]))
	})
	arg := make([]any, 2)
	return tx.ExecEach(ctx, query, len(list), func(i int) []any { return append(arg[:0], list[i].word, list[i].person[:]) })
}

func (s *Stage) flushOrders(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	var full []heed.ID
	kept := s.orders[:0]
	for _, o := range s.orders {
		for _, m := range s.moved { // in order: a survivor may have become a loser later
			if m[0] == o.person && b.People[o.person] == nil {
				o.person = m[1]
			}
		}
		p := b.People[o.person]
		if o.id = cutText(fold(o.id), maxTokenBytes); p == nil || o.id == "" {
			continue
		}
		kept = append(kept, o)
		if p.Orders.Count > recentOrders && !slices.Contains(full, o.person) {
			full = append(full, o.person)
		}
	}
	slices.SortFunc(kept, func(a, b order) int { return slices.Compare(a.person[:], b.person[:]) })
	arg := make([]any, 5)
	err := tx.ExecEach(ctx, "profile.put_order", len(kept), func(i int) []any {
		o := &kept[i]
		return append(arg[:0], o.id, o.person[:], int64(o.hash), int64(o.at))
	})
	if err != nil {
		return err
	}
	return tx.ExecEach(ctx, "profile.trim_orders", len(full), func(i int) []any { return append(arg[:0], full[i][:], recentOrders-1) })
}
