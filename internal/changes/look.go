package changes

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/heedcx/heed/db"
)

// PersonPrefix begins the name of one person among the kinds.
const PersonPrefix = "people/"

// look tells each watcher what has moved since the last look.
func (h *Hub) look(ctx context.Context) error {
	var now map[mark]uint64
	moved := map[string]bool{}
	var people []string
	own := h.own(ctx, false)
	err := h.db.Read(ctx, func(q db.Querier) (err error) {
		if now, err = h.marks(ctx, q, own); err != nil {
			return err
		}
		for m, n := range now {
			if n != h.last[m] {
				moved[m.kind] = true
			}
		}
		if len(moved) > 0 { // else nobody has either
			people, err = h.persons(ctx, q, moved[h.o.Late])
		}
		return err
	})
	if err != nil {
		for _, f := range h.people {
			f.rev = -1 // whom this look has named already, the next one names
		}
		return err
	}
	h.last = now
	h.note(now)
	if len(moved) == 0 {
		return nil
	}
	kinds := make([]string, 0, len(moved))
	for kind := range moved {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for w := range h.watchers {
		mine := kinds
		if name := PersonPrefix + w.person.String(); !w.person.IsZero() && slices.Contains(people, name) {
			mine = append(slices.Clone(kinds), name)
		}
		w.send(mine)
	}
	return nil
}

// note keeps what other processes have changed, by kind, for Count.
func (h *Hub) note(now map[mark]uint64) {
	others := map[string]uint64{}
	for m, n := range now {
		if m.process != "" {
			others[m.kind] += n
		}
	}
	h.counting.Lock()
	defer h.counting.Unlock()
	h.others = others
}

// persons names the people whom somebody looks at and who have changed, and those of whom something may have come late.
func (h *Hub) persons(ctx context.Context, q db.Querier, late bool) ([]string, error) {
	ids := slices.Collect(maps.Keys(h.people))
	revs, err := h.o.Revs(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var out []string
	now := h.o.Clock.Now()
	for i, id := range ids {
		switch f := h.people[id]; {
		case revs[i] != f.rev:
			*f = followed{rev: revs[i], moved: now, again: again}
		case late && f.moved != 0 && (f.again > 0 || now.Sub(f.moved) < lately):
			f.again--
		default:
			continue
		}
		out = append(out, PersonPrefix+id.String())
	}
	return out, nil
}

// marks is what every process counts, this one's own among them.
func (h *Hub) marks(ctx context.Context, q db.Querier, own map[string]uint64) (map[mark]uint64, error) {
	out := map[mark]uint64{}
	for kind, n := range own {
		out[mark{"", kind}] = n
	}
	if !h.shared {
		return out, nil
	}
	rows, err := q.Query(ctx, "changes.marks", h.o.Process)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var process, text string
		if err := rows.Scan(&process, &text); err != nil {
			return nil, err
		}
		var counts map[string]uint64
		if err := json.Unmarshal([]byte(text), &counts); err != nil {
			return nil, fmt.Errorf("counts of process %s: %w", process, err)
		}
		for kind, n := range counts {
			out[mark{process, kind}] = n
		}
	}
	return out, rows.Err()
}

// listen lets the other processes know that somebody listens here, some time before they would stop telling.
func (h *Hub) listen(ctx context.Context) error {
	now := h.o.Clock.Now()
	if h.listened.Sub(now) > listens/2 {
		return nil
	}
	until := now.Add(listens)
	err := h.db.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "changes.forget", now.Add(-gone)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "changes.listen", h.o.Process, until, now)
		return err
	})
	if err == nil {
		h.listened = until
	}
	return err
}

// publish tells the other processes what has changed here, if one of them listens, and keeps them telling us.
func (h *Hub) publish(ctx context.Context) error {
	if len(h.watchers) > 0 {
		if err := h.listen(ctx); err != nil {
			return err
		}
	}
	counts := encode(h.own(ctx, true))
	if counts == h.told {
		return nil
	}
	var n int64
	err := h.db.Write(ctx, func(tx db.Tx) (err error) {
		n, err = tx.Exec(ctx, "changes.publish", h.o.Process, counts, h.o.Clock.Now())
		return err
	})
	if err == nil && n > 0 {
		h.told = counts
	}
	return err
}
