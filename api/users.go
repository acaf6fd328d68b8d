package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// User is somebody who works here.
type User struct {
	ID         ID     `json:"id"`
	Email      string `json:"email"`
	Name       string `json:"name"`
	Role       string `json:"role" enum:"owner,admin,marketer,service,analyst,viewer"`
	Department string `json:"department,omitempty"`
	Disabled   bool   `json:"disabled"`
	Password   bool   `json:"password" doc:"Whether they can sign in with a password. Without one they wait for an invitation, or sign in elsewhere."`
	Made       Time   `json:"made"`
	LastLogin  Time   `json:"last_login,omitzero"`
}

func userView(u account.User) User {
	return User{ID(u.ID), u.Email, u.Name, string(u.Role), u.Department, u.Disabled, u.HasPassword(), Time(u.Made), Time(u.LastLogin)}
}

type oneUser struct {
	ETag string `header:"ETag"`
	Body User
}

func userOut(u account.User) *oneUser { return &oneUser{ETag: userTag(u.Rev), Body: userView(u)} }

func userTag(rev int64) string { return `"r` + strconv.FormatInt(rev, 10) + `"` }

// IDPath names a thing by id.
type IDPath struct {
	ID string `path:"id" maxLength:"100"`
}

func (s *server) registerUsers() {
	users := func(method, path, id, summary, audit string, status int) op {
		return op{method: method, path: path, id: id, tag: "users", need: account.ManageUsers, summary: summary, audit: audit, status: status, maxBody: 16 << 10}
	}
	route(s, users(http.MethodGet, "/users", "listUsers", "The people who work here", "", 0), s.listUsers)
	route(s, users(http.MethodPost, "/users", "createUser", "Add somebody", selfAudited, http.StatusCreated), s.createUser)
	route(s, users(http.MethodGet, "/users/{id}", "getUser", "One user", "", 0), s.getUser)
	route(s, users(http.MethodPatch, "/users/{id}", "updateUser", "Change a user", selfAudited, 0), s.updateUser)
	route(s, users(http.MethodDelete, "/users/{id}", "deleteUser", "Remove a user", selfAudited, http.StatusNoContent), s.deleteUser)
}

func (s *server) listUsers(ctx context.Context, _ *struct{}) (*Body[Page[User]], error) {
	list, err := s.Accounts.Users(ctx)
	return page(each(list, userView), ""), err
}

func (s *server) createUser(ctx context.Context, in *struct {
	Body struct {
		Email      string `json:"email" maxLength:"254" format:"email"`
		Name       string `json:"name" minLength:"1" maxLength:"100"`
		Role       string `json:"role" enum:"owner,admin,marketer,service,analyst,viewer"`
		Department string `json:"department,omitempty" enum:"marketing,service,product,sales,billing"`
		Password   string `json:"password,omitempty" minLength:"12" maxLength:"1024" doc:"Without one, invite them: they set their own."`
	}
}) (*oneUser, error) {
	b := in.Body
	u, err := s.Accounts.CreateUser(ctx, s.actor(ctx), account.NewUser{Email: b.Email, Name: b.Name, Role: account.Role(b.Role), Department: b.Department, Password: b.Password})
	return userOut(u), err
}

func (s *server) getUser(ctx context.Context, in *IDPath) (*oneUser, error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	u, err := s.Accounts.User(ctx, id)
	return userOut(u), err
}

func (s *server) updateUser(ctx context.Context, in *struct {
	IDPath
	IfMatch string `header:"If-Match" maxLength:"40" doc:"The ETag that you have seen."`
	Body    struct {
		Name       *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Role       *string `json:"role,omitempty" enum:"owner,admin,marketer,service,analyst,viewer"`
		Department *string `json:"department,omitempty" maxLength:"20"`
		Disabled   *bool   `json:"disabled,omitempty"`
		Password   *string `json:"password,omitempty" minLength:"12" maxLength:"1024"`
	}
}) (*oneUser, error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	var rev int64
	if m := in.IfMatch; m != "" && m != "*" {
		rev, err = strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(m, `"r`), `"`), 10, 64)
		if err != nil || rev < 1 {
			return nil, heed.FieldErrorf("If-Match", "is not an ETag of a user")
		}
	}
	b := in.Body
	p := account.UserPatch{Name: b.Name, Department: b.Department, Disabled: b.Disabled, Password: b.Password}
	if b.Role != nil {
		r := account.Role(*b.Role)
		p.Role = &r
	}
	u, err := s.Accounts.UpdateUser(ctx, s.actor(ctx), id, rev, p)
	return userOut(u), err
}

func (s *server) deleteUser(ctx context.Context, in *IDPath) (*struct{}, error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, s.Accounts.DeleteUser(ctx, s.actor(ctx), id)
}
