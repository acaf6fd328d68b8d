package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/internal/account"
)

type userCmd struct {
	Create userCreateCmd `cmd:"" help:"Add somebody who works here. The password is read from the first line of standard input."`
	List   userListCmd   `cmd:"" help:"List who works here."`
}

type userCreateCmd struct {
	app.Config `embed:""`
	Email      string `arg:"" help:"E-mail address: the sign-in."`
	Name       string `help:"Their name."`
	Role       string `help:"owner, admin, marketer, service, analyst or viewer." default:"viewer"`
	Department string `help:"marketing, service, product, sales or billing."`
}

// Run adds a user.
func (c *userCreateCmd) Run(ctx context.Context) error {
	role, err := account.ParseRole(c.Role)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Password for %s (at least %d characters): ", c.Email, account.MinPassword)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return heed.FieldErrorf("password", "give it on the first line of standard input")
	}
	return withAccounts(ctx, c.Config, func(s *account.Service) error {
		u, err := s.CreateUser(ctx, account.System("command line"), account.NewUser{
			Email: c.Email, Name: c.Name, Role: role, Department: c.Department, Password: strings.TrimRight(line, "\r\n"),
		})
		if err == nil {
			fmt.Println("created", u.Email, u.Role)
		}
		return err
	})
}

type userListCmd struct {
	app.Config `embed:""`
}

// Run lists users.
func (c *userListCmd) Run(ctx context.Context) error {
	return withAccounts(ctx, c.Config, func(s *account.Service) error {
		users, err := s.Users(ctx)
		for _, u := range users {
			fmt.Printf("%-40s %-10s %-12s %s\n", u.Email, u.Role, u.Department, u.Name)
		}
		return err
	})
}

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make a key and print it, once."`
	List   keyListCmd   `cmd:"" help:"List keys, without their secrets."`
	Revoke keyRevokeCmd `cmd:"" help:"End a key."`
}

type keyCreateCmd struct {
	app.Config `embed:""`
	Name       string   `arg:"" help:"What it is for."`
	Kind       string   `help:"write: a public key of a source, for browsers and apps. api: a secret key, for servers." enum:"write,api" default:"api"`
	Source     string   `help:"The source whose events it carries."`
	Scopes     []string `help:"API keys: roles or permissions, such as admin or events:write." default:"admin"`
}

// Run makes a key.
func (c *keyCreateCmd) Run(ctx context.Context) error {
	n := account.NewKey{Kind: c.Kind, Name: c.Name, Source: c.Source, Scopes: c.Scopes}
	if c.Kind == account.WriteKind {
		n.Scopes = nil
	}
	return withAccounts(ctx, c.Config, func(s *account.Service) error {
		k, err := s.CreateKey(ctx, account.System("command line"), n)
		if err == nil {
			fmt.Println(k.Secret)
		}
		return err
	})
}

type keyListCmd struct {
	app.Config `embed:""`
}

// Run lists keys.
func (c *keyListCmd) Run(ctx context.Context) error {
	return withAccounts(ctx, c.Config, func(s *account.Service) error {
		keys, err := s.Keys(ctx)
		for _, k := range keys {
			state := "in force"
			if k.Revoked != 0 {
				state = "revoked " + k.Revoked.String()
			}
			fmt.Printf("%s  %-5s %-24s %-12s %s\n", k.ID, k.Kind, k.Name, k.Source, state)
		}
		return err
	})
}

type keyRevokeCmd struct {
	app.Config `embed:""`
	ID         string `arg:"" help:"The key's id, from heed key list."`
}

// Run ends a key.
func (c *keyRevokeCmd) Run(ctx context.Context) error {
	id, err := heed.ParseID(c.ID)
	if err != nil {
		return heed.FieldErrorf("id", "%v", err)
	}
	return withAccounts(ctx, c.Config, func(s *account.Service) error {
		return s.RevokeKey(ctx, account.System("command line"), id)
	})
}

// withAccounts opens the accounts of a data folder beside whatever runs there; a running server takes the change
// over within seconds.
func withAccounts(ctx context.Context, cfg app.Config, f func(*account.Service) error) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	s, closing, err := app.OpenAccounts(ctx, cfg, cfg.Logger())
	if err != nil {
		return err
	}
	return errors.Join(f(s), closing())
}
