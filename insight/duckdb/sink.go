package duckdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// Topics of table position.
const (
	topicEvents = "events"
	topicFacts  = "facts"
	topicKeys   = "keys"
)

// begin opens the writer's transaction if none is open.
func (s *Store) begin() error {
	if s.writer == nil {
		return errClosed()
	}
	if s.inTx {
		return nil
	}
	if err := s.writer.exec("BEGIN TRANSACTION"); err != nil {
		return err
	}
	s.inTx = true
	return nil
}

// Append implements insight.Sink.
func (s *Store) Append(_ context.Context, r insight.Rows) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(); err != nil {
		return err
	}
	s.pack.pending += len(r.Events)
	c := s.events.chunk
	for i := range r.Events {
		e := &r.Events[i]
		c.id(colKey, r.Keys[i])
		c.int64(colTS, int64(e.Timestamp))
		c.int64(colReceived, int64(e.ReceivedAt))
		c.string(colType, e.Type.String())
		c.string(colName, e.Name)
		c.string(colSource, e.Source)
		c.string(colTouchpoint, e.Touchpoint)
		c.string(colChannel, e.Channel)
		c.string(colDirection, string(e.Direction))
		c.string(colDepartment, e.Department)
		c.json(colProperties, e.Properties)
		c.json(colContext, e.Context)
		c.string(colMessageID, e.MessageID)
		c.int32(colPart, int32(r.Part))
		c.int64(colSeq, int64(r.Seq))
		c.int32(colIdx, int32(e.Index))
		c.id(colRef, e.Ref)
		if err := s.events.next(); err != nil {
			return err
		}
	}
	return nil
}

// Rollback implements insight.Sink.
func (s *Store) Rollback(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rollback()
}

// rollback also makes the appenders anew: one that has failed takes nothing more.
func (s *Store) rollback() error {
	if s.closed {
		return errClosed()
	}
	s.closeWriter()
	s.pack.pending = 0
	if err := s.openWriter(); err != nil {
		return s.restart()
	}
	return nil
}

func errClosed() error {
	return heed.Errorf(heed.Unavailable, "The history store is closed.")
}

// Commit implements insight.Sink.
func (s *Store) Commit(_ context.Context, c insight.Commit) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if err != nil {
			if again := s.rollback(); again != nil {
				s.log.Error("history could not open its writer again", "err", again)
			}
		}
	}()
	if err := s.begin(); err != nil {
		return err
	}
	if err := s.events.flush(); err != nil {
		return err
	}
	if len(c.Keys)+len(c.Gone) > 0 {
		if err := s.applyKeys(c.Keys, c.Gone); err != nil {
			return err
		}
	}
	if err := s.putFacts(c.Facts); err != nil {
		return err
	}
	for part, seq := range c.Positions {
		if err := s.putPosition(part, seq); err != nil {
			return err
		}
	}
	if err := s.commit(); err != nil {
		return err
	}
	if s.pack.packed() {
		if err := s.writer.exec("CHECKPOINT"); err != nil {
			s.log.Warn("history's rows stay in its log for now", "err", err)
		}
	}
	return nil
}

func (s *Store) commit() error {
	if err := s.writer.exec("COMMIT"); err != nil {
		return err
	}
	s.inTx = false
	return nil
}

func (s *Store) putPosition(part int, seq uint64) error {
	topic, number := topicEvents, part
	if part == insight.FactsPart {
		topic, number = topicFacts, 0
	}
	return s.setPosition(topic, number, seq)
}

func (s *Store) setPosition(topic string, number int, seq uint64) error {
	return s.execAll(
		fmt.Sprintf("DELETE FROM position WHERE topic = '%s' AND part = %d", topic, number),
		fmt.Sprintf("INSERT INTO position VALUES ('%s', %d, %d)", topic, number, seq))
}

func (s *Store) execAll(statements ...string) error {
	for _, sql := range statements {
		if err := s.writer.exec(sql); err != nil {
			return err
		}
	}
	return nil
}

// putFacts remembers the hashes of fact records and lets the oldest go.
func (s *Store) putFacts(hashes []uint64) error {
	if len(hashes) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("INSERT INTO fact_seen SELECT (SELECT coalesce(max(n), 0) FROM fact_seen) + row_number() OVER (ORDER BY o), h FROM (VALUES ")
	for i, h := range hashes[max(0, len(hashes)-insight.KeptFacts):] {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "(%d,%d::UBIGINT)", i, h)
	}
	b.WriteString(") v(o, h)")
	return s.execAll(b.String(), fmt.Sprintf("DELETE FROM fact_seen WHERE n <= (SELECT max(n) FROM fact_seen) - %d", insight.KeptFacts))
}

// Resume implements insight.Sink.
func (s *Store) Resume(ctx context.Context) (insight.Resume, error) {
	at := insight.Resume{Positions: insight.Positions{}, Forgotten: map[heed.ID]heed.Time{}}
	err := s.each(ctx, "SELECT topic, part, seq FROM position", nil, func(r *rows) error {
		var topic string
		var part, seq int64
		if err := r.Scan(&topic, &part, &seq); err != nil {
			return err
		}
		switch topic {
		case topicEvents:
			at.Positions[int(part)] = uint64(seq)
		case topicFacts:
			at.Positions[insight.FactsPart] = uint64(seq)
		case topicKeys:
			at.Keys = seq
		}
		return nil
	})
	if err != nil {
		return at, err
	}
	err = s.each(ctx, "SELECT hash FROM fact_seen ORDER BY n", nil, func(r *rows) error {
		var h uint64
		err := r.Scan(&h)
		at.Facts = append(at.Facts, h)
		return err
	})
	if err != nil {
		return at, err
	}
	return at, s.each(ctx, "SELECT key, max(until) FROM forgotten GROUP BY key", nil, func(r *rows) error {
		var key heed.ID
		var until heed.Time
		err := r.Scan(&key, &until)
		at.Forgotten[key] = until
		return err
	})
}

// Rewind implements insight.Sink.
func (s *Store) Rewind(_ context.Context, part int, after uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.rollback(); err != nil {
		return err
	}
	if err := s.begin(); err != nil {
		return err
	}
	sql := []string{fmt.Sprintf("DELETE FROM event WHERE part = %d AND seq > %d", part, after)}
	if part == insight.FactsPart { // else the records would look as if they came twice
		sql = append(sql, "DELETE FROM fact_seen")
	}
	err := s.execAll(sql...)
	if err == nil {
		err = s.putPosition(part, after)
	}
	if err == nil {
		err = s.commit()
	}
	if err != nil {
		_ = s.rollback()
	}
	return err
}
