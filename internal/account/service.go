package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// Options for New.
type Options struct {
	DB    db.DB
	Clock clock.Clock
	Log   *slog.Logger // nil: silent
	// Hash are the costs of a password hash. nil takes OWASP's first choice for argon2id: 19 MiB, 2 passes.
	Hash *argon2id.Params
}

// Service is all that this package does. It is safe for concurrent use.
type Service struct {
	db      db.DB
	clock   clock.Clock
	log     *slog.Logger
	hash    *argon2id.Params
	hashing chan struct{} // bounds the memory that a flood of logins can take
	decoy   string        // hash of no password: unknown addresses take as long as known ones

	keys      atomic.Pointer[keyTable]
	refreshMu sync.Mutex
}

// New makes a service. Call Refresh before keys are looked up, and Run to follow what other processes change.
func New(o Options) (*Service, error) {
	s := &Service{db: o.DB, clock: o.Clock, log: o.Log, hash: o.Hash, hashing: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.hash == nil {
		s.hash = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	}
	s.keys.Store(&keyTable{})
	var err error
	s.decoy, err = argon2id.CreateHash(newToken(""), s.hash)
	return s, err
}

// Run follows changes that other processes make to keys, notes when keys were used, and forgets old sessions and
// attempts, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	fast, slow := time.NewTicker(2*time.Second), time.NewTicker(10*time.Minute)
	defer fast.Stop()
	defer slow.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-fast.C:
			err = s.Refresh(ctx)
		case <-slow.C:
			err = s.Prune(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("accounts: upkeep failed", "err", err)
		}
	}
}

// Prune forgets sessions that have ended and login attempts of more than a day ago, and writes down when keys were used.
func (s *Service) Prune(ctx context.Context) error {
	now := s.clock.Now()
	used := s.keys.Load().takeUsed()
	return s.db.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "account.prune_sessions", now, now.Add(-sessionIdle)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "account.prune_attempts", now.Add(-24*time.Hour)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "account.prune_invites", now.Add(-inviteLife)); err != nil {
			return err
		}
		return tx.ExecEach(ctx, "account.touch_key", len(used), func(i int) []any { return []any{used[i].id, used[i].at} })
	})
}

// newToken is 32 random bytes as text behind a prefix.
func newToken(prefix string) string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails since Go 1.24
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

func hashToken(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// maxID is greater than every id.
func maxID() heed.ID {
	var id heed.ID
	for i := range id {
		id[i] = 0xff
	}
	return id
}
