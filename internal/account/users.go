package account

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strings"

	"github.com/alexedwards/argon2id"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// User is somebody who works here.
type User struct {
	ID         heed.ID
	Email      string
	Name       string
	Role       Role
	Department string // one of Departments, or ""
	Disabled   bool
	Rev        int64 // counts changes: the ETag
	Made       heed.Time
	LastLogin  heed.Time

	password string
}

// NewUser says whom to add.
type NewUser struct {
	Email, Name string
	Role        Role
	Department  string
	Password    string // "": they set one with an invitation, or sign in elsewhere
}

// UserPatch says what to change; nil stays as it is.
type UserPatch struct {
	Name       *string
	Role       *Role
	Department *string
	Disabled   *bool
	Password   *string
}

// Bounds of a password. The upper one keeps hashing cheap to refuse.
const (
	MinPassword = 12
	MaxPassword = 1024
)

func checkEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return "", heed.FieldErrorf("email", "want an e-mail address such as ann@lumen.example")
	}
	return s, nil
}

func checkPassword(password, email string) error {
	switch {
	case len(password) < MinPassword:
		return heed.FieldErrorf("password", "use at least %d characters; a few words are easier to remember than symbols", MinPassword)
	case len(password) > MaxPassword:
		return heed.FieldErrorf("password", "use at most %d bytes", MaxPassword)
	case strings.EqualFold(password, email) || strings.Count(password, password[:1]) == len(password):
		return heed.FieldErrorf("password", "is too easy to guess")
	}
	return nil
}

func checkDepartment(d string) error {
	if d != "" && !slices.Contains(Departments[:], d) {
		return heed.FieldErrorf("department", "there is no department %q: take one of %s, or none", d, strings.Join(Departments[:], ", "))
	}
	return nil
}

func checkUserName(name string) error {
	if name == "" || len(name) > 100 {
		return heed.FieldErrorf("name", "want a name of up to 100 characters")
	}
	return nil
}

// hashPassword is slow on purpose; only a few run at once.
func (s *Service) hashPassword(ctx context.Context, password string) (string, error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return argon2id.CreateHash(password, s.hash)
}

func (s *Service) passwordIs(ctx context.Context, password, hash string) (bool, error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

// Users returns everybody, by e-mail address.
func (s *Service) Users(ctx context.Context) (out []User, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "account.users")
		out, err = db.List(rows, err, scanUser)
		return err
	})
	return out, err
}

// User returns one user.
func (s *Service) User(ctx context.Context, id heed.ID) (u User, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error { u, err = getUser(ctx, q, id); return err })
	return u, err
}

func getUser(ctx context.Context, q db.Querier, id heed.ID) (User, error) {
	u, err := scanUser(q.QueryRow(ctx, "account.user", id))
	if errors.Is(err, db.ErrNoRows) {
		return u, heed.Errorf(heed.NotFound, "There is no user with this id.")
	}
	return u, err
}

func scanUser(r db.Row) (u User, err error) {
	var role string
	var disabled int64
	err = r.Scan(&u.ID, &u.Email, &u.Name, &role, &u.Department, &u.password, &disabled, &u.Rev, &u.Made, &u.LastLogin)
	u.Role, u.Disabled = Role(role), disabled != 0
	return u, err
}

// CreateUser adds somebody. An e-mail address can be used once.
func (s *Service) CreateUser(ctx context.Context, by Actor, n NewUser) (User, error) {
	u, err := s.newUser(ctx, n)
	if err != nil {
		return User{}, err
	}
	if u.Role == Owner && by.Via != BySystem && by.Role != Owner {
		return User{}, heed.Errorf(heed.Forbidden, "Only an owner can make another owner.")
	}
	err = s.db.WriteDurable(ctx, func(tx db.Tx) error { return s.addUser(ctx, tx, by, u) })
	return u, err
}

func (s *Service) newUser(ctx context.Context, n NewUser) (u User, err error) {
	u = User{Name: strings.TrimSpace(n.Name), Department: n.Department, Rev: 1, Made: s.clock.Now()}
	if u.Email, err = checkEmail(n.Email); err != nil {
		return u, err
	}
	if u.Role, err = ParseRole(string(n.Role)); err != nil {
		return u, err
	}
	if err = errors.Join(checkUserName(u.Name), checkDepartment(u.Department)); err != nil {
		return u, err
	}
	u.ID = heed.NewID(u.Made)
	if n.Password == "" { // they set it with an invitation, or sign in elsewhere
		return u, nil
	}
	if err = checkPassword(n.Password, u.Email); err != nil {
		return u, err
	}
	u.password, err = s.hashPassword(ctx, n.Password)
	return u, err
}

func (s *Service) addUser(ctx context.Context, tx db.Tx, by Actor, u User) error {
	if _, err := tx.Exec(ctx, "account.bump", 2); err != nil { // one change of users at a time
		return err
	}
	if _, err := scanUser(tx.QueryRow(ctx, "account.user_by_email", u.Email)); !errors.Is(err, db.ErrNoRows) {
		if err != nil {
			return err
		}
		return heed.Errorf(heed.Conflict, "There is a user with the address %s already.", u.Email)
	}
	if err := putUser(ctx, tx, u); err != nil {
		return err
	}
	return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "user.create", Target: "user " + u.Email, After: u.public()})
}

func putUser(ctx context.Context, tx db.Tx, u User) error {
	_, err := tx.Exec(ctx, "account.put_user", u.ID, u.Email, u.Name, string(u.Role), u.Department, u.password, b2i(u.Disabled), u.Rev, u.Made, u.LastLogin)
	return err
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// HasPassword says whether they can sign in with a password.
func (u User) HasPassword() bool { return u.password != "" }

// public is what of a user may be in the audit log. That a password changed shows as another hidden value.
func (u User) public() map[string]any {
	return map[string]any{"email": u.Email, "name": u.Name, "role": string(u.Role), "department": u.Department, "disabled": u.Disabled, "password": u.password}
}

// UpdateUser changes a user whose Rev is still rev (0: whatever it is).
func (s *Service) UpdateUser(ctx context.Context, by Actor, id heed.ID, rev int64, p UserPatch) (u User, err error) {
	var hash string
	if p.Password != nil {
		if err := checkPassword(*p.Password, ""); err != nil {
			return u, err
		}
		if hash, err = s.hashPassword(ctx, *p.Password); err != nil {
			return u, err
		}
	}
	err = s.db.WriteDurable(ctx, func(tx db.Tx) error {
		before, err := s.lockUser(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if rev != 0 && rev != before.Rev {
			return heed.Errorf(heed.Conflict, "Somebody else has changed this user meanwhile: load it again.")
		}
		u = before
		if err := u.patch(p, hash); err != nil {
			return err
		}
		if by.Via == ByUser && by.ID == id && (u.Role != before.Role || u.Disabled != before.Disabled) {
			return heed.Errorf(heed.Forbidden, "You cannot change your own role or disable yourself: ask somebody else.")
		}
		if u.Role == Owner && before.Role != Owner && by.Via != BySystem && by.Role != Owner {
			return heed.Errorf(heed.Forbidden, "Only an owner can make another owner.")
		}
		u.Rev++
		if err := putUser(ctx, tx, u); err != nil {
			return err
		}
		if err := keepAnOwner(ctx, tx, before); err != nil {
			return err
		}
		if u.Disabled || p.Password != nil || u.Role != before.Role {
			if _, err := tx.Exec(ctx, "account.delete_other_sessions", id, []byte{}); err != nil {
				return err
			}
		}
		return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "user.update", Target: "user " + u.Email, Before: before.public(), After: u.public()})
	})
	return u, err
}

func (u *User) patch(p UserPatch, hash string) error {
	if p.Name != nil {
		u.Name = strings.TrimSpace(*p.Name)
	}
	if p.Role != nil {
		r, err := ParseRole(string(*p.Role))
		if err != nil {
			return err
		}
		u.Role = r
	}
	if p.Department != nil {
		u.Department = *p.Department
	}
	if p.Disabled != nil {
		u.Disabled = *p.Disabled
	}
	if hash != "" {
		u.password = hash
	}
	return errors.Join(checkUserName(u.Name), checkDepartment(u.Department))
}

// lockUser loads a user whom by may change, and keeps other changes of users out until the transaction ends.
func (s *Service) lockUser(ctx context.Context, tx db.Tx, by Actor, id heed.ID) (User, error) {
	if _, err := tx.Exec(ctx, "account.bump", 2); err != nil {
		return User{}, err
	}
	u, err := getUser(ctx, tx, id)
	if err == nil && u.Role == Owner && by.Via != BySystem && by.Role != Owner {
		err = heed.Errorf(heed.Forbidden, "Only an owner can change an owner.")
	}
	return u, err
}

// keepAnOwner refuses a change after which nobody could manage the installation.
func keepAnOwner(ctx context.Context, tx db.Tx, before User) error {
	if before.Role != Owner || before.Disabled {
		return nil
	}
	var n int64
	if err := tx.QueryRow(ctx, "account.count_owners").Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return heed.Errorf(heed.Conflict, "This is the last owner: make another one first.")
	}
	return nil
}

// DeleteUser removes somebody and ends their sessions. What they did stays in the audit log.
func (s *Service) DeleteUser(ctx context.Context, by Actor, id heed.ID) error {
	if by.Via == ByUser && by.ID == id {
		return heed.Errorf(heed.Forbidden, "You cannot delete yourself: ask somebody else.")
	}
	return s.db.WriteDurable(ctx, func(tx db.Tx) error {
		u, err := s.lockUser(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "account.delete_user", id); err != nil {
			return err
		}
		if err := keepAnOwner(ctx, tx, u); err != nil {
			return err
		}
		for _, what := range []string{"account.delete_invites", "account.delete_identities"} {
			if _, err := tx.Exec(ctx, what, id); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "account.delete_other_sessions", id, []byte{}); err != nil {
			return err
		}
		return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "user.delete", Target: "user " + u.Email, Before: u.public()})
	})
}
