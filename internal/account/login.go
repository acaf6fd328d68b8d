package account

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// How long a session lives: without use, and at all.
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 14 * 24 * time.Hour
	setupLife   = 24 * time.Hour
	touchEvery  = 5 * time.Minute // how exactly "last seen" is kept
)

// Credentials of somebody who wants in.
type Credentials struct {
	Email, Password string
	Address         string // of the client
	Agent           string
	Replaces        string // the token that the client had before, if any: it ends
	Request         string
}

// Session is a sign-in. Token is known to the client only; we keep its hash.
type Session struct {
	Token   string
	User    User
	Made    heed.Time
	Expires heed.Time
}

var errLogin = heed.Errorf(heed.Unauthorized, "The e-mail address or the password is not right.")

// Login checks the password and starts a session. Failures are counted per address of the account and per address of
// the client before the password is looked at, so that guessing in parallel does not help.
func (s *Service) Login(ctx context.Context, c Credentials) (Session, error) {
	email := strings.ToLower(strings.TrimSpace(c.Email))
	if len(email) > 254 || len(c.Password) > MaxPassword {
		return Session{}, errLogin
	}
	subjects := []string{"account " + email, clientSubject(c.Address)}
	if err := s.countAttempt(ctx, subjects); err != nil {
		return Session{}, err
	}
	var u User
	err := s.db.Read(ctx, func(q db.Querier) (err error) {
		u, err = scanUser(q.QueryRow(ctx, "account.user_by_email", email))
		return err
	})
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return Session{}, err
	}
	hash := u.password
	if hash == "" {
		hash = s.decoy
	}
	ok, err := s.passwordIs(ctx, c.Password, hash)
	if err != nil {
		return Session{}, err
	}
	if !ok || u.password == "" || u.Disabled {
		s.log.Warn("login failed", "email", email, "address", c.Address)
		return Session{}, errLogin
	}
	by := Actor{Who: u.Who(), Address: c.Address, Request: c.Request}
	var out Session
	err = s.db.WriteDurable(ctx, func(tx db.Tx) error {
		if c.Replaces != "" {
			if _, err := tx.Exec(ctx, "account.delete_session", hashToken(c.Replaces)); err != nil {
				return err
			}
		}
		if err := forgive(ctx, tx, subjects); err != nil {
			return err
		}
		if out, err = s.start(ctx, tx, u, c); err != nil {
			return err
		}
		return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "session.login", Target: "user " + u.Email})
	})
	return out, err
}

// Who is the user as one who asks.
func (u User) Who() Who {
	return Who{Via: ByUser, ID: u.ID, Name: u.Email, Called: u.Name, Role: u.Role, Department: u.Department}
}

// start makes a session.
func (s *Service) start(ctx context.Context, tx db.Tx, u User, c Credentials) (Session, error) {
	now := s.clock.Now()
	out := Session{Token: newToken(""), User: u, Made: now, Expires: now.Add(sessionLife)}
	agent := c.Agent
	if len(agent) > 200 {
		agent = strings.ToValidUTF8(agent[:200], "")
	}
	if _, err := tx.Exec(ctx, "account.put_session", hashToken(out.Token), u.ID, now, now, out.Expires, c.Address, agent); err != nil {
		return out, err
	}
	_, err := tx.Exec(ctx, "account.touch_login", u.ID, now)
	return out, err
}

// BySession tells who holds a session token; nil and no error when nobody does any more.
func (s *Service) BySession(ctx context.Context, token string) (*Who, error) {
	if len(token) != 43 {
		return nil, nil
	}
	now := s.clock.Now()
	var u User
	var made, seen, expires heed.Time
	err := s.db.Read(ctx, func(q db.Querier) error {
		var role string
		err := q.QueryRow(ctx, "account.session", hashToken(token)).Scan(&u.ID, &made, &seen, &expires, &u.Email, &u.Name, &role, &u.Department, &u.Rev)
		u.Role = Role(role)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if now >= expires || now >= seen.Add(sessionIdle) {
		return nil, nil
	}
	if now.Sub(seen) >= touchEvery {
		err = s.db.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, "account.touch_session", hashToken(token), now)
			return err
		})
	}
	w := u.Who()
	return &w, err
}

// Logout ends a session.
func (s *Service) Logout(ctx context.Context, token string) error {
	return s.db.WriteDurable(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "account.delete_session", hashToken(token))
		return err
	})
}

// ChangePassword replaces one's own password and ends all other sessions.
func (s *Service) ChangePassword(ctx context.Context, by Actor, token, old, new string) error {
	subjects := []string{"account " + by.Name, clientSubject(by.Address)}
	if err := s.countAttempt(ctx, subjects); err != nil {
		return err
	}
	u, err := s.User(ctx, by.ID)
	if err != nil {
		return err
	}
	if len(old) > MaxPassword {
		return heed.FieldErrorf("old", "is not your password")
	}
	if ok, err := s.passwordIs(ctx, old, u.password); err != nil {
		return err
	} else if !ok {
		return heed.FieldErrorf("old", "is not your password")
	}
	if err := checkPassword(new, u.Email); err != nil {
		return err
	}
	hash, err := s.hashPassword(ctx, new)
	if err != nil {
		return err
	}
	return s.db.WriteDurable(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "account.bump", 2); err != nil {
			return err
		}
		before, err := getUser(ctx, tx, by.ID)
		if err != nil {
			return err
		}
		if before.password != u.password {
			return heed.Errorf(heed.Conflict, "The password has been changed meanwhile.")
		}
		after := before
		after.password, after.Rev = hash, before.Rev+1
		if err := putUser(ctx, tx, after); err != nil {
			return err
		}
		if err := forgive(ctx, tx, subjects); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "account.delete_other_sessions", by.ID, hashToken(token)); err != nil {
			return err
		}
		return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "user.password", Target: "user " + u.Email})
	})
}

// NeedsSetup says whether nobody works here yet.
func (s *Service) NeedsSetup(ctx context.Context) (bool, error) {
	var n int64
	err := s.db.Read(ctx, func(q db.Querier) error { return q.QueryRow(ctx, "account.count_users").Scan(&n) })
	return n == 0, err
}

// SetupToken makes a one-time token with which the first owner can be made, to be printed at start; "" when there are
// users already. It is good for a day. With several processes, each prints its own, and the first use ends them all.
func (s *Service) SetupToken(ctx context.Context) (string, error) {
	if needed, err := s.NeedsSetup(ctx); err != nil || !needed {
		return "", err
	}
	token := newToken("")
	return token, s.db.WriteDurable(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "account.put_setup", hashToken(token), s.clock.Now())
		return err
	})
}

// Setup makes the first owner and signs them in.
func (s *Service) Setup(ctx context.Context, token string, n NewUser, c Credentials) (Session, error) {
	if err := s.countAttempt(ctx, []string{clientSubject(c.Address)}); err != nil {
		return Session{}, err
	}
	needed, err := s.NeedsSetup(ctx)
	if err != nil {
		return Session{}, err
	}
	done := heed.Errorf(heed.Conflict, "Heed has been set up already: sign in, or ask an owner for an account.")
	if !needed {
		return Session{}, done
	}
	if err := checkPassword(n.Password, n.Email); err != nil {
		return Session{}, err
	}
	n.Role = Owner
	u, err := s.newUser(ctx, n)
	if err != nil {
		return Session{}, err
	}
	var out Session
	err = s.db.WriteDurable(ctx, func(tx db.Tx) error {
		taken, err := tx.Exec(ctx, "account.take_setup", hashToken(token), s.clock.Now().Add(-setupLife))
		if err != nil {
			return err
		}
		if taken == 0 {
			return heed.Errorf(heed.Unauthorized, "This is not the setup token that Heed printed when it started, or it is older than a day: restart Heed for a new one.")
		}
		var users int64
		if err := tx.QueryRow(ctx, "account.count_users").Scan(&users); err != nil {
			return err
		}
		if users > 0 {
			return done
		}
		if _, err := tx.Exec(ctx, "account.clear_setup"); err != nil {
			return err
		}
		by := Actor{Who: u.Who(), Address: c.Address, Request: c.Request}
		if err := s.addUser(ctx, tx, by, u); err != nil {
			return err
		}
		if err := forgive(ctx, tx, []string{clientSubject(c.Address)}); err != nil {
			return err
		}
		out, err = s.start(ctx, tx, u, c)
		return err
	})
	return out, err
}
