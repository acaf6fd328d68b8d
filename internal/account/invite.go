package account

import (
	"context"
	"errors"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// inviteLife is how long the link of an invitation works.
const inviteLife = 7 * 24 * time.Hour

// Invite is a link with which somebody sets a password. Token is shown once; we keep its hash.
type Invite struct {
	User    User
	Token   string
	Expires heed.Time
}

// InviteUser makes a new link for somebody who is there; an earlier one ends. It is also how a forgotten password is
// replaced: the old one works until the link was used.
func (s *Service) InviteUser(ctx context.Context, by Actor, id heed.ID) (out Invite, err error) {
	now := s.clock.Now()
	out = Invite{Token: newToken(""), Expires: now.Add(inviteLife)}
	err = s.db.WriteDurable(ctx, func(tx db.Tx) error {
		if out.User, err = s.lockUser(ctx, tx, by, id); err != nil {
			return err
		}
		if out.User.Disabled {
			return heed.Errorf(heed.Conflict, "This user is disabled: enable them first.")
		}
		if _, err := tx.Exec(ctx, "account.delete_invites", id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "account.put_invite", hashToken(out.Token), id, now); err != nil {
			return err
		}
		return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "user.invite", Target: "user " + out.User.Email})
	})
	return out, err
}

var errInvite = heed.Errorf(heed.Unauthorized, "This link has been used, or is older than a week: ask for a new one.")

// AcceptInvite sets the password of whom the link is for, ends their other sessions and signs them in.
func (s *Service) AcceptInvite(ctx context.Context, token, password string, c Credentials) (out Session, err error) {
	subjects := []string{clientSubject(c.Address)}
	if err := s.countAttempt(ctx, subjects); err != nil {
		return out, err
	}
	var u User
	err = s.db.Read(ctx, func(q db.Querier) error {
		u, err = s.invited(ctx, q, token)
		return err
	})
	if err != nil {
		return out, err
	}
	if err := checkPassword(password, u.Email); err != nil {
		return out, err
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return out, err
	}
	err = s.db.WriteDurable(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "account.bump", 2); err != nil {
			return err
		}
		u, err := s.invited(ctx, tx, token) // once more, under the lock: a link works once
		if err != nil {
			return err
		}
		u.password, u.Rev = hash, u.Rev+1
		if err := putUser(ctx, tx, u); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "account.delete_invites", u.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "account.delete_other_sessions", u.ID, []byte{}); err != nil {
			return err
		}
		if err := forgive(ctx, tx, subjects); err != nil {
			return err
		}
		if out, err = s.start(ctx, tx, u, c); err != nil {
			return err
		}
		by := Actor{Who: u.Who(), Address: c.Address, Request: c.Request}
		return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "user.join", Target: "user " + u.Email})
	})
	return out, err
}

// invited is whom a link is for.
func (s *Service) invited(ctx context.Context, q db.Querier, token string) (User, error) {
	var id heed.ID
	err := q.QueryRow(ctx, "account.invite", hashToken(token), s.clock.Now().Add(-inviteLife)).Scan(&id)
	if errors.Is(err, db.ErrNoRows) {
		return User{}, errInvite
	}
	if err != nil {
		return User{}, err
	}
	u, err := getUser(ctx, q, id)
	if heed.CodeOf(err) == heed.NotFound || err == nil && u.Disabled {
		return u, errInvite
	}
	return u, err
}
