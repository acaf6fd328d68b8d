package stream

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
)

// Share divides the partitions among the processes that work: each as many as the others, give or take one. It only says
// whose a partition should be. A worker of a partition that is not ours any more ends its batch and lets go of the lease;
// what keeps two from working on one is the lease and, behind it, the position.
type Share struct {
	DB         db.DB
	Clock      clock.Clock
	Owner      string // names this process, as in its leases
	Partitions int
	Logger     *slog.Logger

	mu      sync.Mutex
	ours    []int
	changed broadcast
}

// shareEvery is how often a process says that it is there, and looks who else is.
const shareEvery = time.Second

// Run takes part until ctx is done.
func (s *Share) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Warn("the partitions stay divided as they are", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(shareEvery):
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = s.DB.Write(ctx, func(tx db.Tx) error { // else we are missed when our time has run out
		_, err := tx.Exec(ctx, "share.leave", s.Owner)
		return err
	})
}

// has says whether a partition should be this process's. Without a Share all are.
func (s *Share) has(part int) bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.ours, part)
}

// next is closed when the division has changed.
func (s *Share) next() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.changed.next()
}

// look says that we are there and works out what should be ours.
func (s *Share) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseTime)
	defer cancel()
	var members []string
	var held map[int]string
	err := s.DB.Write(ctx, func(tx db.Tx) error {
		now, err := storeNow(ctx, tx, s.Clock)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "share.beat", s.Owner, now.Add(leaseTime)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "share.forget", now, now.Add(leaseTime)); err != nil {
			return err
		}
		if members, err = membersOf(ctx, tx); err != nil {
			return err
		}
		held, err = holders(ctx, tx, now)
		return err
	})
	if err != nil {
		return err
	}
	ours := divide(s.Owner, members, held, s.Partitions)
	s.mu.Lock()
	same := slices.Equal(ours, s.ours)
	s.ours = ours
	s.mu.Unlock()
	if !same {
		s.Logger.Info("partitions are divided", "processes", len(members), "ours", ours)
		s.changed.send()
	}
	return nil
}

func membersOf(ctx context.Context, q db.Querier) (out []string, err error) {
	rows, err := q.Query(ctx, "share.members")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// holders are those whose lease of a partition is good.
func holders(ctx context.Context, q db.Querier, now heed.Time) (map[int]string, error) {
	rows, err := q.Query(ctx, "share.held", now)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int]string{}
	for rows.Next() {
		var part int
		var owner string
		if err := rows.Scan(&part, &owner); err != nil {
			return nil, err
		}
		out[part] = owner
	}
	return out, rows.Err()
}

// divide returns what should be owner's: of what it holds as much as is its share, and of what is free as much as it
// lacks. Where the partitions do not go up, one more stays with those who hold most.
func divide(owner string, members []string, held map[int]string, partitions int) (ours []int) {
	count := map[string]int{}
	for _, who := range held {
		count[who]++
	}
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b string) int { return cmp.Or(count[b]-count[a], cmp.Compare(a, b)) })
	rank := slices.Index(members, owner)
	if rank < 0 {
		return nil
	}
	quota := partitions / len(members)
	if rank < partitions%len(members) {
		quota++
	}
	for part := range partitions {
		if held[part] == owner && len(ours) < quota {
			ours = append(ours, part)
		}
	}
	for i := range partitions { // from a place of our own on, so that not all reach for the same
		part := (i + rank*partitions/len(members)) % partitions
		if held[part] == "" && len(ours) < quota {
			ours = append(ours, part)
		}
	}
	slices.Sort(ours)
	return ours
}
