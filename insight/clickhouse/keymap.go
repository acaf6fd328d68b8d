package clickhouse

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// holder says whose a key is; own: the key is a person's own id.
type holder struct {
	person heed.ID
	own    bool
}

// loss is what became of the keys that one person has lost.
type loss struct {
	winner         heed.ID // the greatest of those who have them now
	erased, nobody bool    // some went by an erasure, some to nobody
}

func (l *loss) add(loser, winner heed.ID, erased bool) {
	switch {
	case erased:
		l.erased = true
	case winner.IsZero():
		l.nobody = true
	case winner != loser && bytes.Compare(winner[:], l.winner[:]) > 0:
		l.winner = winner
	}
}

// keymap is the part of the key map that one commit touches, as it was and as it becomes.
type keymap struct {
	was, now map[heed.ID]holder
}

// applyKeys takes over key changes, as insight/duckdb does in SQL (see applyKeys there).
//
// Facts lie under their person's own id, which identity's feed need not name. So each person has a row of its own; when
// the last key of a person has gone to another one, by a merge, the own rows follow, and when a key comes back, by a
// split, so does the own row. A person whose last key went by an erasure is gone for good.
//
// The order of the writes matters after a crash: tombstones and deletions first, because whom they concern is read from
// the key map as it was; the key map last, in one insert.
func (s *Store) applyKeys(ctx context.Context, keys []insight.KeyChange, people []heed.ID) error {
	final := make(map[heed.ID]heed.ID, len(keys)) // key -> person, zero: nobody
	until := map[heed.ID]heed.Time{}
	lost := map[heed.ID]*loss{}
	lose := func(loser, winner heed.ID, erased bool) {
		if lost[loser] == nil {
			lost[loser] = &loss{}
		}
		lost[loser].add(loser, winner, erased)
	}
	var between [][2]heed.ID // person, key: whom a key belonged to in the meantime
	for _, p := range people {
		until[p], final[p] = heed.Never, heed.ID{}
	}
	for _, k := range keys {
		if k.Erased > 0 {
			until[k.Key] = max(until[k.Key], k.Erased)
		} else if before := final[k.Key]; !before.IsZero() && before != k.Person {
			between = append(between, [2]heed.ID{before, k.Key})
		}
		final[k.Key] = k.Person
	}
	m := &keymap{was: map[heed.ID]holder{}, now: map[heed.ID]holder{}}
	if err := s.loadKeys(ctx, m, slices.Collect(maps.Keys(final))); err != nil {
		return err
	}
	for key, person := range final {
		if h, ok := m.was[key]; ok && !h.own && h.person != person {
			_, erased := until[key]
			lose(h.person, person, erased)
		}
	}
	for _, b := range between {
		lose(b[0], final[b[1]], false)
	}
	losers := slices.Collect(maps.Keys(lost))
	known := map[heed.ID]bool{}
	for _, p := range final {
		known[p] = true
	}
	for _, p := range losers {
		known[p] = true
	}
	delete(known, heed.ID{})
	if err := s.loadKeys(ctx, m, slices.Collect(maps.Keys(known))); err != nil {
		return err
	}
	if err := s.loadPeople(ctx, m, losers); err != nil {
		return err
	}
	m.move(final, known, until)
	m.follow(lost, until)
	if err := s.forget(ctx, until); err != nil {
		return err
	}
	// An earlier try that never answered may have written this; see claim.
	var never [][2]heed.ID
	for _, b := range between {
		if final[b[1]] != b[0] {
			never = append(never, b)
		}
	}
	return s.putKeys(ctx, m, never)
}

// move gives the keys to whom they belong now; everyone who holds one, or held one, is themselves.
func (m *keymap) move(final map[heed.ID]heed.ID, known map[heed.ID]bool, until map[heed.ID]heed.Time) {
	for key, person := range final {
		delete(m.now, key)
		if !person.IsZero() {
			m.now[key] = holder{person, key == person}
		}
	}
	for _, person := range final {
		if h, ok := m.now[person]; ok && h.own && h.person != person {
			delete(m.now, person)
		}
	}
	for person := range known {
		_, there := m.now[person]
		if _, gone := until[person]; !there && !gone {
			m.now[person] = holder{person, true}
		}
	}
}

// follow lets the own rows of those who have no key left go where the last key went: to another person, or to nobody.
func (m *keymap) follow(lost map[heed.ID]*loss, until map[heed.ID]heed.Time) {
	holding := map[heed.ID]bool{}
	own := map[heed.ID][]heed.ID{} // person -> own rows that are theirs
	for key, h := range m.now {
		if h.own {
			own[h.person] = append(own[h.person], key)
		} else {
			holding[h.person] = true
		}
	}
	for loser, l := range lost {
		if l.erased && !holding[loser] {
			for _, key := range own[loser] {
				until[key] = heed.Never
			}
		}
	}
	maps.DeleteFunc(m.now, func(key heed.ID, h holder) bool { _, gone := until[key]; return h.own && gone })
	for loser, l := range lost {
		if holding[loser] {
			continue
		}
		for _, key := range own[loser] {
			if _, there := m.now[key]; !there {
				continue
			}
			switch {
			case !l.winner.IsZero():
				m.now[key] = holder{l.winner, true}
			case l.nobody:
				delete(m.now, key)
			}
		}
	}
}

// pageKeys is how many ids a statement names; more travel through table wanted, because each page of ids that lie all
// over the table would read all of it.
const pageKeys = 5000

func (s *Store) loadKeys(ctx context.Context, m *keymap, keys []heed.ID) error {
	return s.load(ctx, m, keys, "SELECT id, person, own FROM key_log FINAL WHERE side = 0 AND id IN ")
}

// loadPeople loads all keys of people.
func (s *Store) loadPeople(ctx context.Context, m *keymap, people []heed.ID) error {
	return s.load(ctx, m, people, "SELECT other, person, own FROM key_log FINAL WHERE side = 1 AND id IN ")
}

// load adds what was not loaded yet.
func (s *Store) load(ctx context.Context, m *keymap, ids []heed.ID, sql string) error {
	if len(ids) == 0 {
		return nil
	}
	list := "(" + literals(ids[:min(len(ids), pageKeys)]) + ")"
	if len(ids) > pageKeys {
		batch := rand.Uint64() // Resume empties the table
		b := make([]byte, 0, 24*len(ids))
		for _, id := range ids {
			b = putID(putUint64(b, batch), id)
		}
		if err := s.insert(ctx, "wanted", "batch, id", b); err != nil {
			return err
		}
		list = fmt.Sprintf("(SELECT id FROM wanted WHERE batch = %d)", batch)
	}
	return s.eachFor(ctx, writeTime, sql+list, nil, func(r *row) error {
		var key heed.ID
		var h holder
		err := r.Scan(&key, &h.person, &h.own)
		if _, had := m.was[key]; !had {
			m.was[key], m.now[key] = h, h
		}
		return err
	})
}

// putKeys writes what has changed, and which keys certain people do not have.
func (s *Store) putKeys(ctx context.Context, m *keymap, never [][2]heed.ID) error {
	var b []byte
	put := func(side byte, id, other heed.ID, h holder, gone bool) {
		b = append(b, side)
		b = putID(b, id)
		b = putID(b, other)
		b = putID(b, h.person)
		b = putBool(b, h.own)
		b = putUint64(b, s.version())
		b = putBool(b, gone)
	}
	for key, was := range m.was {
		now, there := m.now[key]
		if there && now == was {
			continue
		}
		if !there {
			put(0, key, heed.ID{}, was, true)
		}
		if !there || now.person != was.person {
			put(1, was.person, key, was, true)
		}
	}
	for key, now := range m.now {
		if was, had := m.was[key]; had && was == now {
			continue
		}
		put(0, key, heed.ID{}, now, false)
		put(1, now.person, key, now, false)
	}
	for _, n := range never {
		put(1, n[0], n[1], holder{person: n[0]}, true)
	}
	if len(b) == 0 {
		return nil
	}
	return s.insert(ctx, "key_log", "side, id, other, person, own, version, gone", b)
}

// forget puts tombstones and deletes the rows that lie under them.
func (s *Store) forget(ctx context.Context, until map[heed.ID]heed.Time) error {
	if len(until) == 0 {
		return nil
	}
	var b []byte
	for key, t := range until {
		b = putInt64(putID(b, key), int64(t))
	}
	if err := s.insert(ctx, "forgotten", "key, until", b); err != nil {
		return err
	}
	for page := range slices.Chunk(slices.Collect(maps.Keys(until)), pageKeys) {
		times := make([]string, len(page))
		for i, key := range page {
			times[i] = fmt.Sprintf("toInt64(%d)", until[key])
		}
		keys := literals(page)
		err := s.remove(ctx, fmt.Sprintf("key IN (%s) AND received <= transform(toString(key), [%s], [%s], toInt64(0))", keys, keys, strings.Join(times, ",")))
		if err != nil {
			return err
		}
	}
	return nil
}

// Forget implements insight.Sink.
func (s *Store) Forget(ctx context.Context, keys []heed.ID, until heed.Time) error {
	if len(keys) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rows) > 0 {
		return fmt.Errorf("insight/clickhouse: forget inside a commit")
	}
	if err := s.claimed(ctx); err != nil {
		return err
	}
	gone := make(map[heed.ID]heed.Time, len(keys))
	for _, k := range keys {
		gone[k] = until
	}
	if err := s.forget(ctx, gone); err != nil {
		return err
	}
	m := &keymap{was: map[heed.ID]holder{}, now: map[heed.ID]holder{}}
	if err := s.loadKeys(ctx, m, keys); err != nil {
		return err
	}
	clear(m.now)
	s.commits++
	return s.putKeys(ctx, m, nil)
}

// Keys implements insight.History.
func (s *Store) Keys(ctx context.Context, person heed.ID) (keys []heed.ID, err error) {
	err = s.each(ctx, "SELECT other FROM key_log FINAL WHERE side = 1 AND id = "+literal(person), nil, func(r *row) error {
		var k heed.ID
		err := r.Scan(&k)
		keys = append(keys, k)
		return err
	})
	return keys, err
}

// literal writes an id for SQL; hexadecimal digits cannot escape the quotes.
func literal(id heed.ID) string { return "'" + id.String() + "'" }

func literals(ids []heed.ID) string {
	var b strings.Builder
	b.Grow(len(ids) * 39)
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(literal(id))
	}
	return b.String()
}
