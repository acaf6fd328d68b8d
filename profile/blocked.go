package profile

import (
	"context"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// maxBlocked bounds the keys of Person.Blocked.
const maxBlocked = 100

// block notes that nothing goes to a channel, or to one address on it, any more.
func (s *Stage) block(p *heed.Person, key, reason string, at heed.Time) {
	if old, has := p.Blocked[key]; has && old.At <= at {
		return // the first is on record
	}
	if at <= p.Gone[goneBlock+key] {
		return // somebody has lifted it since
	}
	if p.Blocked == nil {
		p.Blocked = map[string]heed.Blocked{}
	}
	if len(p.Blocked) < maxBlocked {
		p.Blocked[key] = heed.Blocked{Reason: reason, At: at}
	}
}

// goneBlock begins the keys of Person.Gone for what was lifted.
const goneBlock = "block:"

// unblock lifts what was noted before. What an older event says, that comes later, does not bring it back.
func (s *Stage) unblock(p *heed.Person, key string, at heed.Time) {
	if old, has := p.Blocked[key]; has && old.At <= at {
		delete(p.Blocked, key)
		s.lifted = append(s.lifted, p.ID)
	}
	if p.Gone == nil {
		p.Gone = map[string]heed.Time{}
	}
	p.Gone[goneBlock+key] = max(p.Gone[goneBlock+key], at)
}

// blockKey is the key of Person.Blocked for a channel ("" is all of them) and an address on it ("" is all of them).
func blockKey(channel, address string) string {
	key := first(channel, "*")
	if address != "" {
		key += ":" + strings.ToLower(address)
	}
	return key
}

// blocks is the list of who is blocked, as it is to be written.
type blocks struct {
	clear []heed.ID
	rows  []blockRow
}

type blockRow struct {
	person heed.ID
	key    string
	heed.Blocked
}

// blocksOf collects what changed of the list: everybody whose document has changed and who has blocks, and whose were lifted.
func (s *Stage) blocksOf(b *stream.Batch) (out blocks) {
	out.clear = append(out.clear, s.lifted...)
	out.clear = append(out.clear, s.gone...)
	for id, p := range b.People {
		if !p.Dirty || len(p.Blocked) == 0 {
			continue
		}
		out.clear = append(out.clear, id)
		for key, x := range p.Blocked {
			out.rows = append(out.rows, blockRow{id, key, x})
		}
	}
	// In one order for everybody, so that two workers do not wait for each other.
	slices.SortFunc(out.clear, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
	out.clear = slices.Compact(out.clear)
	slices.SortFunc(out.rows, func(a, b blockRow) int {
		if c := slices.Compare(a.person[:], b.person[:]); c != 0 {
			return c
		}
		return strings.Compare(a.key, b.key)
	})
	return out
}

func (l *blocks) flush(ctx context.Context, tx db.Tx) error {
	if err := tx.ExecEach(ctx, "profile.delete_blocks", len(l.clear), func(i int) []any { return []any{l.clear[i]} }); err != nil {
		return err
	}
	return tx.ExecEach(ctx, "profile.put_block", len(l.rows), func(i int) []any {
		r := &l.rows[i]
		return []any{r.key, r.person, r.Reason, r.At}
	})
}

// BlockedRow is one line of the suppression list.
type BlockedRow struct {
	Person heed.ID
	Key    string // a channel, channel:address, or *
	heed.Blocked
}

// BlockCursor is a place in the suppression list; the zero one is its beginning.
type BlockCursor struct {
	At     heed.Time `json:"t"`
	Person heed.ID   `json:"p"`
	Key    string    `json:"k"`
}

// BlockedList returns at most limit lines of the suppression list after a place, the latest first. search narrows it to keys
// that begin with it ("email:", "email:ann@") or addresses that do ("ann@"); reason, if any, to one reason.
func BlockedList(ctx context.Context, q db.Querier, search, reason string, after BlockCursor, limit int) ([]BlockedRow, error) {
	if after.At == 0 {
		after.At = heed.Never
	}
	search = strings.ToLower(strings.TrimSpace(search))
	rows, err := q.Query(ctx, "profile.blocked_list", after.At, after.Person[:], after.Key, search, search+"\U0010ffff", reason, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []BlockedRow
	for rows.Next() {
		var r BlockedRow
		if err := rows.Scan(&r.Key, &r.Person, &r.Reason, &r.At); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// BlockedCounts counts the suppression list by reason.
func BlockedCounts(ctx context.Context, q db.Querier) (map[string]int64, error) {
	rows, err := q.Query(ctx, "profile.blocked_counts")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var reason string
		var n int64
		if err := rows.Scan(&reason, &n); err != nil {
			return nil, err
		}
		out[reason] = n
	}
	return out, rows.Err()
}
