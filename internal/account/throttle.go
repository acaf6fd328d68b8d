package account

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// How many failures in a row are free, and how the wait grows after that: 2 s, 4 s, 8 s, ... up to maxWait. An hour
// without a failure starts anew. A client address may stand for a whole office, so it has more.
const (
	freePerAccount = 5
	freePerClient  = 20
	maxWait        = 15 * time.Minute
	forgetAfter    = time.Hour
)

// RetryError is the cause of a TooMany error that knows when to come back.
type RetryError struct{ After time.Duration }

func (e RetryError) Error() string { return "retry in " + e.After.String() }

// RetryAfter is how long to wait.
func (e RetryError) RetryAfter() time.Duration { return e.After }

// countAttempt counts one attempt for each subject as failed, or refuses it when a subject has to wait.
func (s *Service) countAttempt(ctx context.Context, subjects []string) error {
	now := s.clock.Now()
	subjects = slices.Sorted(slices.Values(subjects)) // the order of locks
	return s.db.Write(ctx, func(tx db.Tx) error {
		for _, subject := range subjects {
			if _, err := tx.Exec(ctx, "account.start_attempts", subject); err != nil {
				return err
			}
			var n int64
			var last heed.Time
			if err := tx.QueryRow(ctx, "account.attempts", subject).Scan(&n, &last); err != nil {
				return err
			}
			last = min(last, now) // the clock may have been set back between two starts
			if now.Sub(last) >= forgetAfter {
				n = 0
			}
			if wait := last.Add(waitAfter(subject, n)).Sub(now); wait > 0 && n > 0 {
				wait = wait.Truncate(time.Second) + time.Second
				return &heed.Error{Code: heed.TooMany, Message: "Too many failed attempts. Try again in " + wait.String() + ".", Cause: RetryError{wait}}
			}
			if _, err := tx.Exec(ctx, "account.set_attempts", subject, n+1, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Network is who is counted together under one client address: the address itself, and for IPv6 its /64, which is what
// one household or one rented server has, with 2^64 addresses to change between.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

func clientSubject(address string) string { return "client " + Network(address) }

func waitAfter(subject string, failures int64) time.Duration {
	free := int64(freePerAccount)
	if strings.HasPrefix(subject, "client ") {
		free = freePerClient
	}
	over := failures - free
	if over < 0 {
		return 0
	}
	if over > 12 {
		return maxWait
	}
	return min(maxWait, 2*time.Second<<over)
}

// forgive takes back the attempt that turned out right; the account's own failures are forgotten with it.
func forgive(ctx context.Context, tx db.Tx, subjects []string) error {
	for _, subject := range slices.Sorted(slices.Values(subjects)) {
		var err error
		if strings.HasPrefix(subject, "account ") {
			_, err = tx.Exec(ctx, "account.set_attempts", subject, 0, 0)
		} else {
			_, err = tx.Exec(ctx, "account.forgive", subject)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
