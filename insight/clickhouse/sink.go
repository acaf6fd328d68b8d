package clickhouse

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// version orders everything that commits write: a later follower's before an earlier one's, whatever the earlier one,
// cut off from the lease and not knowing it, may still write.
func (s *Store) version() uint64 { return s.epoch<<32 | s.commits }

// Append implements insight.Sink.
func (s *Store) Append(ctx context.Context, r insight.Rows) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.claimed(ctx); err != nil {
		return err
	}
	b := s.rows
	for i := range r.Events {
		e := &r.Events[i]
		b = putID(b, r.Keys[i])
		b = putInt64(b, int64(e.Timestamp))
		b = putInt64(b, int64(e.ReceivedAt))
		b = putText(b, e.Type.String())
		b = putText(b, e.Name)
		b = putText(b, e.Source)
		b = putText(b, e.Touchpoint)
		b = putText(b, e.Channel)
		b = putText(b, string(e.Direction))
		b = putText(b, e.Department)
		b = putJSON(b, e.Properties)
		b = putJSON(b, e.Context)
		b = putText(b, e.MessageID)
		b = putInt32(b, int32(r.Part))
		b = putInt64(b, int64(r.Seq))
		b = putInt32(b, int32(e.Index))
		b = putID(b, e.Ref)
		b = putUint64(b, s.version())
	}
	s.rows = b
	return nil
}

// Rollback implements insight.Sink.
func (s *Store) Rollback(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	return nil
}

// keptBuffer is how much memory for rows is kept from one commit to the next.
const keptBuffer = 256 << 20

// drop forgets what was appended. The next commit has another version than the one that failed, if one did.
func (s *Store) drop() {
	s.rows = s.rows[:0]
	if cap(s.rows) > keptBuffer {
		s.rows = nil
	}
	s.commits++
}

// Commit implements insight.Sink. Nothing but the marks at its end makes it one; what an earlier step has left when it
// fails is found by the next Resume, or written again as it is:
//
//   - rows have the version of the commit, which no mark names yet: Resume deletes them;
//   - tombstones and deletions are the same when they are done again;
//   - so is the change of the key map, which is worked out from the key map as it is.
func (s *Store) Commit(ctx context.Context, c insight.Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.drop()
	if err := s.claimed(ctx); err != nil {
		return err
	}
	if err := s.stillMine(ctx); err != nil {
		return err
	}
	if len(s.rows) > 0 {
		if err := s.insert(ctx, "event_log", eventColumns, s.rows); err != nil {
			return err
		}
	}
	if len(c.Keys)+len(c.Gone) > 0 {
		if err := s.applyKeys(ctx, c.Keys, c.Gone); err != nil {
			return err
		}
	}
	marks := []mark{{kind: markBatch, value: s.version()}}
	for part, seq := range c.Positions {
		marks = append(marks, position(part, seq))
	}
	if n := len(c.Keys); n > 0 {
		marks = append(marks, mark{kind: markKeys, value: uint64(c.Keys[n-1].N)})
	}
	for i, h := range c.Facts[max(0, len(c.Facts)-insight.KeptFacts):] {
		n := s.seen + uint64(i)
		marks = append(marks, mark{kind: markSeen, slot: int32(n % insight.KeptFacts), value: h, n: n})
	}
	if err := s.putMarks(ctx, s.version(), marks...); err != nil {
		return err
	}
	s.seen += uint64(len(c.Facts))
	return nil
}

func position(part int, seq uint64) mark {
	if part == insight.FactsPart {
		return mark{kind: markFacts, value: seq}
	}
	return mark{kind: markEvents, slot: int32(part), value: seq}
}

type mark struct {
	kind  string
	slot  int32
	value uint64
	n     uint64
}

// putMarks writes marks in one insert: all of them are there, or none.
func (s *Store) putMarks(ctx context.Context, version uint64, marks ...mark) error {
	var b []byte
	for _, m := range marks {
		b = putText(b, m.kind)
		b = putInt32(b, m.slot)
		b = putUint64(b, m.value)
		b = putUint64(b, m.n)
		b = putUint64(b, version)
	}
	return s.insert(ctx, "mark", "kind, slot, value, n, version", b)
}

// insert writes rows in RowBinary as one block, which is one part of the table or, where the rows are of several
// partitions, one part of each.
func (s *Store) insert(ctx context.Context, table, columns string, rows []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	ask := driver.Context(ctx, driver.WithSettings(driver.Settings{
		"async_insert": 0, "max_insert_block_size": 1 << 24, "min_insert_block_size_rows": 1 << 24, "min_insert_block_size_bytes": 1 << 30,
		"max_partitions_per_insert_block": 0,
	}))
	if err := s.conn.InsertFormat(ask, "RowBinary", "INSERT INTO "+table+" ("+columns+")", bytes.NewReader(rows)); err != nil {
		return s.failed(ctx, "insert into "+table, err)
	}
	return nil
}

// claimed makes this process the one that follows, if it is not.
func (s *Store) claimed(ctx context.Context) error {
	if s.epoch > 0 {
		return nil
	}
	return s.claim(ctx)
}

// claim begins an epoch. Whoever followed until now notices at the next commit. All marks are stated again as they are
// read, under the new epoch: a commit of the old one that was given up, but is still on its way, comes too late.
func (s *Store) claim(ctx context.Context) error {
	marks, err := s.marks(ctx)
	if err != nil {
		return err
	}
	mine := mark{kind: markEpoch, value: 1, n: rand.Uint64()}
	var again []mark
	s.seen = 0
	for _, m := range marks {
		switch m.kind {
		case markEpoch:
			mine.value = m.value + 1
		case markSchema:
		case markSeen:
			s.seen = max(s.seen, m.n+1)
			again = append(again, m)
		default:
			again = append(again, m)
		}
	}
	if err := s.putMarks(ctx, mine.value<<32, append(again, mine)...); err != nil {
		return err
	}
	s.epoch, s.token, s.commits = mine.value, mine.n, 1
	return nil
}

func (s *Store) lastEpoch(ctx context.Context) (epoch, token uint64, err error) {
	err = s.each(ctx, "SELECT value, n FROM mark FINAL WHERE kind = $1", []any{markEpoch}, func(r *row) error { return r.Scan(&epoch, &token) })
	return epoch, token, err
}

func (s *Store) stillMine(ctx context.Context) error {
	epoch, token, err := s.lastEpoch(ctx)
	if err != nil {
		return err
	}
	if epoch != s.epoch || token != s.token {
		return heed.Errorf(heed.Conflict, "Another process follows the stream into this history now.")
	}
	return nil
}

// Resume implements insight.Sink. It takes the store over from whoever followed before and finishes or removes what
// they left half done.
func (s *Store) Resume(ctx context.Context) (insight.Resume, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	at := insight.Resume{Positions: insight.Positions{}, Forgotten: map[heed.ID]heed.Time{}}
	if err := s.claim(ctx); err != nil {
		return at, err
	}
	marks, err := s.marks(ctx)
	if err != nil {
		return at, err
	}
	var batch uint64
	for _, m := range marks {
		switch {
		case m.kind == markRewind && m.value > 0:
			if err := s.rewind(ctx, int(m.slot), m.value-1); err != nil {
				return at, err
			}
		case m.kind == markBatch:
			batch = m.value
		}
	}
	if err := s.exec(ctx, writeTime, "TRUNCATE TABLE wanted"); err != nil {
		return at, s.failed(ctx, "empty table wanted", err)
	}
	// Bounded above, so that it does no harm when the server carries it out late.
	if err := s.remove(ctx, fmt.Sprintf("batch > %d AND batch < %d", batch, s.epoch<<32)); err != nil {
		return at, err
	}
	if marks, err = s.marks(ctx); err != nil { // again: a rewind may have moved them
		return at, err
	}
	var from uint64
	for _, m := range marks {
		switch m.kind {
		case markEvents:
			at.Positions[int(m.slot)] = m.value
		case markFacts:
			at.Positions[insight.FactsPart] = m.value
		case markKeys:
			at.Keys = int64(m.value)
		case markSeenFrom:
			from = m.value
		}
	}
	for _, m := range marks { // in the order of n
		if m.kind == markSeen && m.n >= from {
			at.Facts = append(at.Facts, m.value)
		}
	}
	return at, s.each(ctx, "SELECT key, until FROM forgotten FINAL", nil, func(r *row) error {
		var key heed.ID
		var until heed.Time
		err := r.Scan(&key, &until)
		at.Forgotten[key] = until
		return err
	})
}

func (s *Store) marks(ctx context.Context) (out []mark, err error) {
	err = s.each(ctx, "SELECT kind, slot, value, n FROM mark FINAL ORDER BY n", nil, func(r *row) error {
		var m mark
		var slot int64
		err := r.Scan(&m.kind, &slot, &m.value, &m.n)
		m.slot = int32(slot)
		out = append(out, m)
		return err
	})
	return out, err
}

// Positions implements insight.History.
func (s *Store) Positions(ctx context.Context) (insight.Positions, error) {
	at := insight.Positions{}
	marks, err := s.marks(ctx)
	for _, m := range marks {
		switch m.kind {
		case markEvents:
			at[int(m.slot)] = m.value
		case markFacts:
			at[insight.FactsPart] = m.value
		}
	}
	return at, err
}

// Rewind implements insight.Sink. The intent is noted first, so that a Resume finishes it after a crash.
func (s *Store) Rewind(ctx context.Context, part int, after uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	if err := s.claimed(ctx); err != nil {
		return err
	}
	if err := s.putMarks(ctx, s.version(), mark{kind: markRewind, slot: int32(part), value: after + 1}); err != nil {
		return err
	}
	return s.rewind(ctx, part, after)
}

func (s *Store) rewind(ctx context.Context, part int, after uint64) error {
	if err := s.remove(ctx, fmt.Sprintf("part = %d AND seq > %d AND batch < %d", part, after, s.version())); err != nil {
		return err
	}
	s.commits++
	marks := []mark{position(part, after), {kind: markRewind, slot: int32(part)}}
	if part == insight.FactsPart { // else the records would look as if they came twice
		marks = append(marks, mark{kind: markSeenFrom, value: s.seen})
	}
	return s.putMarks(ctx, s.version(), marks...)
}

// remove deletes rows, if there are any: deleting none would have the server look through every part.
func (s *Store) remove(ctx context.Context, cond string) error {
	there := false
	if err := s.eachFor(ctx, longTime, "SELECT 1 FROM event_log WHERE "+cond+" LIMIT 1", nil, func(*row) error { there = true; return nil }); err != nil || !there {
		return err
	}
	if err := s.exec(ctx, longTime, "DELETE FROM event_log WHERE "+cond); err != nil {
		return s.failed(ctx, "delete rows", err)
	}
	return nil
}

// Compact implements insight.Store: what was deleted leaves the disk. Questions go on.
func (s *Store) Compact(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sql := range []string{
		"ALTER TABLE event_log APPLY DELETED MASK SETTINGS mutations_sync = 2",
		"OPTIMIZE TABLE key_log FINAL", "OPTIMIZE TABLE mark FINAL", "OPTIMIZE TABLE forgotten FINAL",
	} {
		if err := s.exec(ctx, longTime, sql); err != nil {
			return s.failed(ctx, "compact", err)
		}
	}
	return nil
}
