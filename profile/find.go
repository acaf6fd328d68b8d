package profile

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Bounds of a search.
const (
	maxFound  = 500    // people whose memory is read; the best of them are returned
	maxLooked = 50_000 // of those whom the rarest of several words fits, how many are asked for another one
	maxWords  = 8      // that are counted
)

// behind sorts behind everything that begins with what stands before it.
const behind = "\U0010FFFF"

// Search returns people whose name, e-mail address, phone number or order number begins with the text: of several words
// all must fit. Whom it names exactly comes first, then who was seen last.
func (s *Store) Search(ctx context.Context, q db.Querier, text string, limit int) ([]*heed.Person, error) {
	text = fold(strings.TrimSpace(text))
	if text == "" || limit <= 0 {
		return nil, nil
	}
	exact := map[heed.ID]bool{} // everyone found, and whether by a whole token
	var order []heed.ID
	take := func(rows db.Rows, err error, whole string) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var token string
			var id heed.ID
			if err := rows.Scan(&token, &id); err != nil {
				return err
			}
			if _, had := exact[id]; !had {
				order = append(order, id)
			}
			exact[id] = exact[id] || token == whole
		}
		return rows.Err()
	}
	begins := []string{cutText(text, maxTokenBytes)}
	if strings.IndexFunc(text, unicode.IsLetter) < 0 { // a phone, however it is written
		if d := strings.TrimLeft(digits(text), "0"); len(d) >= 3 && d != text {
			begins = append(begins, d)
		}
	}
	for _, b := range begins {
		rows, err := q.Query(ctx, "profile.search", b, b+behind, maxFound)
		if err := take(rows, err, b); err != nil {
			return nil, err
		}
	}
	if w := words(text); len(w) > 1 && !strings.Contains(text, "@") {
		if err := rarestFirst(ctx, q, w); err != nil {
			return nil, err
		}
		rows, err := q.Query(ctx, "profile.search_both", w[0], w[0]+behind, w[1], maxFound, maxLooked)
		if err := take(rows, err, ""); err != nil {
			return nil, err
		}
	}
	people, err := s.GetEach(ctx, q, order[:min(len(order), 2*maxFound)])
	if err != nil {
		return nil, err
	}
	people = slices.DeleteFunc(people, func(p *heed.Person) bool { return p == nil || !exact[p.ID] && !fits(p, text, begins) })
	slices.SortStableFunc(people, func(a, b *heed.Person) int {
		return cmp.Or(cmp.Compare(rank(exact[b.ID]), rank(exact[a.ID])), cmp.Compare(b.LastSeen, a.LastSeen))
	})
	return people[:min(len(people), limit)], nil
}

// rarestFirst sorts words by how many people they fit: among a million customers one word may fit nearly everybody.
func rarestFirst(ctx context.Context, q db.Querier, words []string) error {
	words = words[:min(len(words), maxWords)]
	many := map[string]int{}
	for _, w := range words {
		var n int
		if err := q.QueryRow(ctx, "profile.search_count", w, w+behind, maxLooked).Scan(&n); err != nil {
			return err
		}
		many[w] = n
	}
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(many[a], many[b]), len(b)-len(a)) })
	return nil
}

func rank(exact bool) int {
	if exact {
		return 1
	}
	return 0
}

// fits says whether a person who was found by two of several words has the others too.
func fits(p *heed.Person, text string, begins []string) bool {
	w := words(text)
	if len(w) < 3 || strings.Contains(text, "@") {
		return true
	}
	have := tokens(p)
	for _, one := range w {
		if !slices.ContainsFunc(have, func(t string) bool { return strings.HasPrefix(t, one) }) {
			return slices.ContainsFunc(begins, func(b string) bool {
				return slices.ContainsFunc(have, func(t string) bool { return strings.HasPrefix(t, b) })
			})
		}
	}
	return true
}
