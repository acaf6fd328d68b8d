package profile

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
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

// Kinds of tokens in table person_search.
const (
	nameToken  = "n" // of name, e-mail address, phone
	orderToken = "o" // an order number; the latest recentOrders
)

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
		var text string
		if !sought(name) || json.Unmarshal([]byte(t.Value), &text) != nil {
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

// fold makes a text comparable: lower case, without accents.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if !ascii {
		t := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
		if plain, _, err := transform.String(t, s); err == nil {
			s = plain
		}
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
	if err := tx.ExecEach(ctx, "profile.delete_search", len(s.gone), func(i int) []any { return append(arg[:0], s.gone[i][:]) }); err != nil {
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
	if err := s.flushNames(ctx, tx, b); err != nil {
		return err
	}
	return s.flushOrders(ctx, tx, b)
}

func (s *Stage) flushNames(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	if len(s.seeking) == 0 {
		return nil
	}
	slices.SortFunc(s.seeking, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
	var old []heed.ID
	var fresh []order
	for _, id := range slices.Compact(s.seeking) {
		p := b.People[id]
		if p == nil {
			continue
		}
		if _, stored := s.was[id]; stored {
			old = append(old, id)
		}
		for _, t := range tokens(p) {
			fresh = append(fresh, order{person: id, id: t})
		}
	}
	arg := make([]any, 5)
	if err := tx.ExecEach(ctx, "profile.delete_names", len(old), func(i int) []any { return append(arg[:0], old[i][:]) }); err != nil {
		return err
	}
	return tx.ExecEach(ctx, "profile.put_search", len(fresh), func(i int) []any {
		return append(arg[:0], fresh[i].id, fresh[i].person[:], nameToken, int64(0), int64(0))
	})
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
	err := tx.ExecEach(ctx, "profile.put_search", len(kept), func(i int) []any {
		o := &kept[i]
		return append(arg[:0], o.id, o.person[:], orderToken, int64(o.hash), int64(o.at))
	})
	if err != nil {
		return err
	}
	return tx.ExecEach(ctx, "profile.trim_orders", len(full), func(i int) []any { return append(arg[:0], full[i][:], recentOrders-1) })
}
