package stream

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Publisher moves derived facts from the state store, where they were committed with their effects, to topic Facts.
type Publisher struct {
	Engine *Engine
	Log    Log
	Owner  string
	Logger *slog.Logger

	last uint64 // the topic's last record, as far as we know
}

const (
	publishEvery = 200 * time.Millisecond
	publishRows  = 200
	// roundRecords is how many records may be appended between two transactions: each transaction waits behind the
	// workers', and there are two to a round, however much it carries.
	roundRecords = 8
)

// FactsWaiting is how many transactions have told facts that are not published yet: history does not know them.
func FactsWaiting(ctx context.Context, q db.Querier) (n int64, err error) {
	err = q.QueryRow(ctx, "stream.count_facts").Scan(&n)
	return n, err
}

// Run works until ctx is done.
func (p *Publisher) Run(ctx context.Context) {
	lease := p.lease()
	defer lease.letGo(ctx)
	sure := false // whether we know that nothing in the state store has been published before
	var taken time.Time
	for ctx.Err() == nil {
		more, err := p.once(ctx, &taken, &sure)
		if err != nil && ctx.Err() == nil && !errors.Is(err, errLost) {
			p.Logger.Error("publishing facts failed; trying again", "error", err)
		}
		pause := publishEvery
		if err != nil {
			pause = time.Second
		}
		if !more {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
}

// once takes the lease in time and publishes what waits.
func (p *Publisher) once(ctx context.Context, taken *time.Time, sure *bool) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, foldTime)
	defer cancel()
	if time.Since(*taken) > leaseTime/3 {
		asked := time.Now()
		held, err := p.lease().Take(ctx)
		if !held {
			*sure, *taken = false, time.Time{}
			return false, err
		}
		*taken = asked
	}
	if !*sure {
		if err := p.settle(ctx); err != nil {
			return false, err
		}
	}
	more, err = p.publish(ctx)
	*sure = err == nil
	return more, err
}

func (p *Publisher) lease() *Lease {
	return &Lease{DB: p.Engine.DB, Clock: p.Engine.Clock, Part: FactsPart, Owner: p.Owner}
}

// settle deletes the facts that the last records of the topic hold: the process ended between publishing and deleting
// them. Only the records of one round can be in doubt, because the next is published when the deletion is on disk.
func (p *Publisher) settle(ctx context.Context) error {
	more, last, err := remains(ctx, p.Log, Facts, 0, 0)
	p.last = last
	if err != nil || !more { // empty, or so long ago that the log does not keep it
		return err
	}
	r, err := p.Log.Read(ctx, Facts, 0, last-min(last, roundRecords))
	if err != nil {
		return err
	}
	defer r.Close()
	var ids []heed.ID
	for at := uint64(0); at < last; {
		recs, err := r.Next(ctx, roundRecords, 5*time.Second)
		if err != nil {
			return err
		}
		if len(recs) == 0 {
			return fmt.Errorf("stream: record %d of topic facts does not come", last)
		}
		for _, rec := range recs {
			at = rec.Seq
			if ids, err = factsIn(rec.Data, ids); err != nil {
				return err
			}
		}
	}
	return p.delete(ctx, ids)
}

// factsIn adds the rows of facts that an envelope carries.
func factsIn(env []byte, ids []heed.ID) ([]heed.ID, error) {
	events, err := DecodeEnvelope(env, nil)
	for i := range events {
		if id, ok := factID(events[i].MessageID); ok && (len(ids) == 0 || ids[len(ids)-1] != id) {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// factMessageID names the i-th event of a row of facts.
func factMessageID(row heed.ID, i int) string { return fmt.Sprintf("%x-%d", row[:], i) }

func factID(messageID string) (heed.ID, bool) {
	var id heed.ID
	if len(messageID) < 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(messageID[:2*len(id)]))
	return id, err == nil
}

// publish appends a few records with the facts of many transactions, then deletes them.
func (p *Publisher) publish(ctx context.Context) (more bool, err error) {
	envs, ids, more, err := p.waiting(ctx)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	// The log is on disk at once, the state store is not: were its last moments lost with the machine's power, it would
	// come to them again and publish them as other facts. So they reach the disk first, and so does the last deletion.
	held, err := p.lease().Keep(ctx)
	if err != nil || !held {
		return false, cmp.Or(err, errLost)
	}
	for _, env := range envs {
		if p.last, err = p.append(ctx, env); err != nil {
			return false, err
		}
	}
	return more, p.delete(ctx, ids)
}

// append appends if nobody else has since we last looked: a process that fell asleep with the lease in its hand, and wakes
// when it is another's, must not publish once more what that one has published.
func (p *Publisher) append(ctx context.Context, env []byte) (uint64, error) {
	if f, ok := p.Log.(fencer); ok {
		return f.appendAfter(ctx, Facts, 0, p.last, env)
	}
	return p.Log.Append(ctx, Facts, 0, env)
}

// waiting packs the oldest facts into the records of one round.
func (p *Publisher) waiting(ctx context.Context) (envs [][]byte, ids []heed.ID, more bool, err error) {
	err = p.Engine.DB.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "stream.facts", publishRows)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id heed.ID
			var part int
			var one []byte
			if err := rows.Scan(&id, &part, &one); err != nil {
				return err
			}
			n := len(envs)
			if n == 0 || len(envs[n-1])+len(one) > maxFlushBytes {
				if n == roundRecords {
					more = true
					break
				}
				envs = append(envs, []byte{envelopeVersion})
				n++
			}
			ids = append(ids, id)
			envs[n-1] = append(envs[n-1], one[1:]...)
		}
		return rows.Err()
	})
	return envs, ids, more || len(ids) == publishRows, err
}

func (p *Publisher) delete(ctx context.Context, ids []heed.ID) error {
	if len(ids) == 0 {
		return nil
	}
	return p.Engine.DB.Write(ctx, func(tx db.Tx) error {
		return tx.ExecEach(ctx, "stream.delete_fact", len(ids), func(i int) []any { return []any{ids[i]} })
	})
}
