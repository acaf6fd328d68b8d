package account

import (
	"context"
	"errors"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// External is somebody whom an identity provider has vouched for.
type External struct {
	Issuer, Subject string // together the same for ever
	Email           string
	Verified        bool // the provider has checked that the address is theirs
	Name            string
	Role            Role // what their claims map to; "" when they map to nothing. Never Owner.
}

// SignInExternal signs in whom an identity provider vouches for. Whoever comes for the first time is joined with the
// user of the same, verified e-mail address, or added. The role follows the claims at every sign-in; an owner's stays.
func (s *Service) SignInExternal(ctx context.Context, e External, c Credentials) (out Session, err error) {
	email, err := checkEmail(e.Email)
	if err != nil {
		return out, heed.Errorf(heed.Forbidden, "The identity provider gave no e-mail address: let it send the claim email.")
	}
	if e.Role == Owner {
		return out, heed.Errorf(heed.Forbidden, "No claim makes an owner.")
	}
	err = s.db.WriteDurable(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "account.bump", 2); err != nil { // one change of users at a time
			return err
		}
		u, err := s.knownBy(ctx, tx, e, email)
		if err != nil {
			return err
		}
		by := Actor{Who: u.Who(), Address: c.Address, Request: c.Request}
		if u.Disabled {
			return heed.Errorf(heed.Forbidden, "Your account is disabled here. Ask an administrator.")
		}
		if u.Role != Owner && u.Role != e.Role {
			if e.Role == "" {
				return errNoRole
			}
			before := u
			u.Role, u.Rev = e.Role, u.Rev+1
			if err := putUser(ctx, tx, u); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "account.delete_other_sessions", u.ID, []byte{}); err != nil {
				return err
			}
			if err := s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "user.update", Target: "user " + u.Email, Before: before.public(), After: u.public()}); err != nil {
				return err
			}
		}
		if c.Replaces != "" {
			if _, err := tx.Exec(ctx, "account.delete_session", hashToken(c.Replaces)); err != nil {
				return err
			}
		}
		if out, err = s.start(ctx, tx, u, c); err != nil {
			return err
		}
		return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "session.login", Target: "user " + u.Email})
	})
	return out, err
}

var errNoRole = heed.Errorf(heed.Forbidden, "You have no role here. Ask an administrator for one of the groups that map to a role.")

// knownBy finds the user behind an external identity, or makes one.
func (s *Service) knownBy(ctx context.Context, tx db.Tx, e External, email string) (User, error) {
	var id heed.ID
	err := tx.QueryRow(ctx, "account.identity", e.Issuer, e.Subject).Scan(&id)
	if err == nil {
		return getUser(ctx, tx, id)
	}
	if !errors.Is(err, db.ErrNoRows) {
		return User{}, err
	}
	u, err := scanUser(tx.QueryRow(ctx, "account.user_by_email", email))
	switch {
	case err == nil && !e.Verified:
		return u, heed.Errorf(heed.Forbidden, "There is a user with your address here, and the identity provider does not say that the address is yours.")
	case errors.Is(err, db.ErrNoRows):
		if e.Role == "" {
			return u, errNoRole
		}
		name := strings.TrimSpace(e.Name)
		if name == "" || len(name) > 100 {
			name, _, _ = strings.Cut(email, "@")
		}
		if u, err = s.newUser(ctx, NewUser{Email: email, Name: name, Role: e.Role}); err != nil {
			return u, err
		}
		if err := s.addUser(ctx, tx, System(e.Issuer), u); err != nil {
			return u, err
		}
	case err != nil:
		return u, err
	}
	_, err = tx.Exec(ctx, "account.put_identity", e.Issuer, e.Subject, u.ID, s.clock.Now())
	return u, err
}
