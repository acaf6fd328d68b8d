package duckdb

import (
	"context"
	"fmt"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// applyKeys takes over key changes in the writer's transaction.
//
// Facts lie under their person's own id, which identity's feed need not name. So each person has a row of its own
// (own = true); when the last key of a person has gone to another one, by a merge, the own rows follow, and when a
// key comes back, by a split, so does the own row. A person whose last key went by an erasure is gone for good.
func (s *Store) applyKeys(keys []insight.KeyChange, people []heed.ID) error {
	final := make(map[heed.ID]heed.ID, len(keys)) // key -> person, zero: nobody
	until := map[heed.ID]heed.Time{}
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
	for key, person := range final {
		c := s.changes.chunk
		c.id(0, key)
		c.id(1, person)
		if err := s.changes.next(); err != nil {
			return err
		}
	}
	for _, b := range between {
		c := s.via.chunk
		c.id(0, b[0])
		c.id(1, final[b[1]])
		if err := s.via.next(); err != nil {
			return err
		}
	}
	if err := s.putGone(until); err != nil {
		return err
	}
	if err := s.changes.flush(); err != nil {
		return err
	}
	if err := s.via.flush(); err != nil {
		return err
	}
	if err := s.moveKeys(); err != nil {
		return err
	}
	if err := s.forgetGone(len(until)); err != nil || len(keys) == 0 {
		return err
	}
	return s.setPosition(topicKeys, 0, uint64(keys[len(keys)-1].N))
}

// erasure stands in temp table via for the winner of a key whose holder was erased.
const erasure = `'00000000-0000-0000-0000-000000000000'::UUID`

// near is what of keymap has to do with a change, and seen where it stands there: only two statements look for it in the
// whole key map, which has millions of rows.
const (
	nearKeys   = `key IN (SELECT key FROM change UNION SELECT person FROM change WHERE person IS NOT NULL)`
	nearLosers = `(key IN (SELECT loser FROM via) OR person IN (SELECT loser FROM via)) AND rowid NOT IN (SELECT place FROM seen)`
)

// look copies rows of keymap into temp table near, and their places into seen.
func (s *Store) look(which string) error {
	return s.execAll(
		`INSERT INTO near SELECT rowid, key, person, own FROM keymap WHERE `+which,
		`INSERT INTO seen SELECT place FROM near WHERE place NOT IN (SELECT place FROM seen)`)
}

// moveKeys changes keymap as temp tables change and via say: it changes near, and then takes over what differs.
func (s *Store) moveKeys() error {
	if err := s.look(nearKeys); err != nil {
		return err
	}
	// Who lost a key, and to whom; to an erasure if the winner's place says so.
	err := s.writer.exec(fmt.Sprintf(`INSERT INTO via SELECT DISTINCT k.person, CASE WHEN c.key IN (SELECT key FROM gone) THEN %s ELSE c.person END
		FROM near k JOIN change c ON c.key = k.key WHERE NOT k.own AND k.person IS DISTINCT FROM c.person`, erasure))
	if err != nil {
		return err
	}
	lost, err := s.writer.count("SELECT count(*) FROM via")
	if err == nil && lost > 0 {
		err = s.look(nearLosers)
	}
	if err != nil {
		return err
	}
	err = s.execAll(
		`DELETE FROM near WHERE key IN (SELECT key FROM change)`,
		`INSERT INTO near SELECT NULL, key, person, key = person FROM change WHERE person IS NOT NULL`,
		// Everyone who holds a key is themselves.
		`DELETE FROM near WHERE own AND key <> person AND key IN (SELECT person FROM change)`,
		`INSERT INTO near SELECT NULL, p, p, true
			FROM (SELECT person AS p FROM change WHERE person IS NOT NULL UNION SELECT loser FROM via)
			WHERE p NOT IN (SELECT key FROM near) AND p NOT IN (SELECT key FROM gone)`)
	if err == nil && lost > 0 {
		// Who has no key left has become another, or nobody.
		const keyless = `NOT IN (SELECT k.person FROM near k WHERE NOT k.own AND k.person IN (SELECT loser FROM via))`
		err = s.execAll(
			fmt.Sprintf(`INSERT INTO gone SELECT key, %d FROM near WHERE own AND person IN (SELECT loser FROM via WHERE winner = %s) AND person %s`, heed.Never, erasure, keyless),
			`DELETE FROM near WHERE own AND key IN (SELECT key FROM gone)`,
			`UPDATE near SET person = v.winner, place = NULL FROM (SELECT loser, max(winner) AS winner FROM via WHERE winner IS NOT NULL GROUP BY loser) v
				WHERE near.own AND near.person = v.loser AND v.winner <> v.loser AND v.loser `+keyless,
			`DELETE FROM near WHERE own AND person IN (SELECT loser FROM via WHERE winner IS NULL) AND person `+keyless,
			`DELETE FROM via`)
	}
	if err != nil {
		return err
	}
	return s.execAll(
		`DELETE FROM keymap WHERE rowid IN (SELECT place FROM seen WHERE place NOT IN (SELECT place FROM near WHERE place IS NOT NULL))`,
		`INSERT INTO keymap SELECT key, person, own FROM near WHERE place IS NULL`,
		`DELETE FROM near`, `DELETE FROM seen`, `DELETE FROM change`)
}

// putGone fills temp table gone.
func (s *Store) putGone(until map[heed.ID]heed.Time) error {
	for key, t := range until {
		c := s.gone.chunk
		c.id(0, key)
		c.int64(1, int64(t))
		if err := s.gone.next(); err != nil {
			return err
		}
	}
	return s.gone.flush()
}

// forgetGone deletes the rows that temp table gone names and keeps the tombstones.
func (s *Store) forgetGone(n int) error {
	if n == 0 {
		return nil
	}
	return s.execAll(
		`DELETE FROM event USING gone WHERE event.key = gone.key AND event.received <= gone.until`,
		`INSERT INTO forgotten SELECT key, until FROM gone`,
		`DELETE FROM gone`)
}

// Forget implements insight.Sink.
func (s *Store) Forget(_ context.Context, keys []heed.ID, until heed.Time) (err error) {
	if len(keys) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inTx {
		return fmt.Errorf("insight/duckdb: forget inside a commit")
	}
	defer func() {
		if err != nil {
			_ = s.rollback()
		}
	}()
	if err := s.begin(); err != nil {
		return err
	}
	gone := make(map[heed.ID]heed.Time, len(keys))
	for _, k := range keys {
		gone[k] = until
	}
	if err := s.putGone(gone); err != nil {
		return err
	}
	if err := s.execAll(`DELETE FROM keymap WHERE key IN (SELECT key FROM gone)`); err != nil {
		return err
	}
	if err := s.forgetGone(len(gone)); err != nil {
		return err
	}
	return s.commit()
}

// Keys implements insight.History.
func (s *Store) Keys(ctx context.Context, person heed.ID) (keys []heed.ID, err error) {
	err = s.each(ctx, "SELECT key FROM keymap WHERE person = "+literal(person), nil, func(r *rows) error {
		var k heed.ID
		err := r.Scan(&k)
		keys = append(keys, k)
		return err
	})
	return keys, err
}
