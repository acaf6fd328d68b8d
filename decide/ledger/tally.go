package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

const (
	hour = heed.Time(time.Hour / time.Microsecond)
	// settled is how long after an hour's end no transaction of that hour is under way any more.
	settled = heed.Time(5 * time.Minute / time.Microsecond)
)

var errTallied = errors.New("ledger: somebody else has counted this hour")

// Tally counts one more hour that has ended, and says whether there is another one to count. Whoever asks Tallies reads
// hours that were counted, and the rows of the ledger only after the last of them.
func (l *Ledger) Tally(ctx context.Context) (more bool, err error) {
	now := l.clock.Now()
	var upto, start heed.Time
	var counted []tally
	err = l.db.Read(ctx, func(q db.Querier) error {
		if err := scanOne(ctx, q, "SELECT upto FROM decision_tallied WHERE one = 1", &upto); err != nil {
			return err
		}
		var first heed.Time // of what is not counted yet: hours without decisions are skipped
		if err := scanOne(ctx, q, "SELECT at FROM decision WHERE id >= $1 ORDER BY id LIMIT 1", &first, floor(max(upto, hour))); err != nil || first == 0 {
			return err
		}
		if start = max(first-first%hour, upto); start+hour+settled > now {
			return nil
		}
		more = true
		counted, err = tallies(ctx, q, start, start+hour, &where{})
		return err
	})
	if err != nil || !more {
		return false, err
	}
	err = l.db.Write(ctx, func(tx db.Tx) error {
		moved, err := tx.Exec(ctx, "ledger.tallied", upto, start+hour)
		if err == nil && moved == 0 {
			err = errTallied
		}
		if err != nil {
			return err
		}
		return tx.ExecEach(ctx, "ledger.put_tally", len(counted), func(i int) []any {
			t := &counted[i]
			return []any{start, string(t.Outcome), t.Reason, t.Rule, t.channel, t.purpose, t.journey, t.dry, t.N}
		})
	})
	if errors.Is(err, errTallied) {
		err = nil
	}
	return err == nil, err
}

// tally is a count of decisions that have all of this in common.
type tally struct {
	Count
	hour                      heed.Time
	channel, purpose, journey string
	dry                       int64
}

// tallies counts rows of the ledger themselves.
func tallies(ctx context.Context, q db.Querier, from, to heed.Time, w *where) ([]tally, error) {
	w.add("id >= %s", floor(from))
	w.add("id < %s", floor(to))
	return readTallies(q.QuerySQL(ctx, `SELECT at - at % 3600000000 AS h, outcome, reason, rule, channel, purpose, journey, dry, COUNT(*)
FROM decision WHERE 1 = 1`+w.text.String()+" GROUP BY h, outcome, reason, rule, channel, purpose, journey, dry", w.args...))
}

func readTallies(rows db.Rows, err error) ([]tally, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []tally
	for rows.Next() {
		var t tally
		var outcome string
		if err := rows.Scan(&t.hour, &outcome, &t.Reason, &t.Rule, &t.channel, &t.purpose, &t.journey, &t.dry, &t.N); err != nil {
			return nil, err
		}
		t.Outcome = heed.Outcome(outcome)
		out = append(out, t)
	}
	return out, rows.Err()
}

// Tallied are counts of decisions: by outcome, reason and rule, the most frequent first, and by outcome over time.
type Tallied struct {
	Counts []Count
	Hours  []Hour
}

// Hour counts the decisions of one hour.
type Hour struct {
	At               heed.Time // its beginning, in UTC
	Send, Hold, Drop int64
}

// Tallies counts the decisions of f between f.Since and f.Until, which are taken to the hour. It is as quick over millions
// as over thousands, unless f asks for one person or message.
func (l *Ledger) Tallies(ctx context.Context, f Filter) (out Tallied, err error) {
	f.Since -= f.Since % hour
	if f.Until == 0 {
		f.Until = l.clock.Now() + hour
	}
	var all []tally
	err = l.db.Read(ctx, func(q db.Querier) error {
		var upto heed.Time
		if f.Person.IsZero() && f.Message.IsZero() && f.Node == "" {
			if err := scanOne(ctx, q, "SELECT upto FROM decision_tallied WHERE one = 1", &upto); err != nil {
				return err
			}
			var w where
			f.words(&w)
			w.add("hour >= %s", f.Since)
			w.add("hour < %s", min(f.Until, upto))
			all, err = readTallies(q.QuerySQL(ctx, "SELECT hour, outcome, reason, rule, channel, purpose, journey, dry, n FROM decision_hour WHERE 1 = 1"+w.text.String(), w.args...))
			if err != nil {
				return err
			}
			if l.clock.Now()-upto < lateHours {
				rest, err := l.uncounted(ctx, q, upto)
				for i := range rest {
					if f.fits(&rest[i]) {
						all = append(all, rest[i])
					}
				}
				return err
			}
		}
		if from := max(upto, f.Since); from < f.Until {
			var w where
			f.words(&w)
			w.id("person", f.Person)
			w.id("message", f.Message)
			w.word("node", f.Node)
			rest, err := tallies(ctx, q, from, f.Until, &w)
			all = append(all, rest...)
			return err
		}
		return nil
	})
	out.sum(all)
	return out, err
}

// Counts counts the decisions since a moment by outcome, reason and rule, the most frequent first: whole hours that were
// counted from their counts, the others from the rows of the ledger.
func (l *Ledger) Counts(ctx context.Context, since heed.Time) ([]Count, error) {
	var all []tally
	err := l.db.Read(ctx, func(q db.Querier) error {
		var upto heed.Time
		if err := scanOne(ctx, q, "SELECT upto FROM decision_tallied WHERE one = 1", &upto); err != nil {
			return err
		}
		rows := func(from, to heed.Time) error {
			var w where
			w.add("at >= %s", since) // ids are made by the millisecond
			list, err := tallies(ctx, q, from, to, &w)
			all = append(all, list...)
			return err
		}
		end := l.clock.Now() + hour
		whole := since + (hour-since%hour)%hour
		if whole >= upto {
			return rows(since, end)
		}
		if err := rows(since, whole); err != nil {
			return err
		}
		list, err := readTallies(q.QuerySQL(ctx, "SELECT hour, outcome, reason, rule, channel, purpose, journey, dry, n FROM decision_hour WHERE hour >= $1 AND hour < $2", whole, upto))
		if err != nil {
			return err
		}
		all = append(all, list...)
		if l.clock.Now()-upto >= lateHours {
			return rows(upto, end)
		}
		list, err = l.uncounted(ctx, q, upto)
		all = append(all, list...)
		return err
	})
	var out Tallied
	out.sum(all)
	return out.Counts, err
}

// words are the conditions that both tables know.
func (f *Filter) words(w *where) {
	w.word("journey", f.Journey)
	w.word("channel", f.Channel)
	w.word("purpose", f.Purpose)
	w.word("reason", f.Reason)
	w.word("outcome", string(f.Outcome))
	w.dry(f.Dry)
}

func (t *Tallied) sum(all []tally) {
	counts, hours := map[Count]int64{}, map[heed.Time]*Hour{}
	for _, one := range all {
		key := one.Count
		key.N = 0
		counts[key] += one.N
		h := hours[one.hour]
		if h == nil {
			h = &Hour{At: one.hour}
			hours[one.hour] = h
		}
		switch one.Outcome {
		case heed.Send:
			h.Send += one.N
		case heed.Hold:
			h.Hold += one.N
		default:
			h.Drop += one.N
		}
	}
	for c, n := range counts {
		c.N = n
		t.Counts = append(t.Counts, c)
	}
	for _, h := range hours {
		t.Hours = append(t.Hours, *h)
	}
	slices.SortFunc(t.Counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Rule, b.Rule))
	})
	slices.SortFunc(t.Hours, func(a, b Hour) int { return cmp.Compare(a.At, b.At) })
}
