package app

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"net"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/demo"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/stream"
)

// The owner of the demo. It listens on this machine only.
const (
	DemoEmail    = "owner@lumen.example"
	DemoPassword = "linen-and-light"
)

const (
	demoPeople = 600
	demoEvery  = 150 * time.Millisecond
)

// StartDemo gives an installation the demo brand, keys for its sources and an owner, where they are absent, and lets
// its customers live.
func (a *App) StartDemo(ctx context.Context) error {
	if at, ok := a.listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return heed.FieldErrorf("addr", "the demo's password and keys are public, so it listens on this machine only: leave --addr out, or take `heed serve`")
	}
	if err := a.Accounts.Bootstrap(ctx, account.Bootstrap{OwnerEmail: DemoEmail, OwnerPassword: DemoPassword}); err != nil {
		return err
	}
	met, err := a.PeopleCount(ctx)
	if err != nil {
		return err
	}
	if met == 0 { // nobody is written to about what happened before Heed came
		if err := a.applyBrand(ctx, demo.Brand(), spec.Journey); err != nil {
			return err
		}
	}
	keys := map[string]string{}
	for _, source := range demo.Sources {
		keys[source] = "demo-key-" + source
		err := a.Accounts.Bootstrap(ctx, account.Bootstrap{WriteKey: keys[source], WriteSource: source})
		if err != nil {
			return err
		}
	}
	if err := a.Accounts.Refresh(ctx); err != nil {
		return err
	}
	if err := a.sources.refresh(ctx); err != nil {
		return err
	}
	readers := &demo.Readers{Mailbox: a.sending.mailbox, URL: a.Config.PublicURL}
	crowd := &demo.Crowd{
		URL: a.URL(), WriteKeys: keys, People: demoPeople, Every: demoEvery, Seed: rand.Uint64(), Logger: a.log, Mail: readers.Read,
	}
	if met == 0 {
		if err := crowd.Past(ctx, time.Now()); err != nil {
			return err
		}
		if err := a.folded(ctx); err != nil {
			return err
		}
	}
	if err := a.applyBrand(ctx, demo.Brand(), ""); err != nil {
		return err
	}
	a.parts.Go("demo", crowd.Run)
	return nil
}

// folded waits until everything on the stream has been folded.
func (a *App) folded(ctx context.Context) error {
	pos := stream.Position{}
	for p := range a.Workers {
		last, err := a.Log.Last(ctx, stream.Events, p)
		if err != nil {
			return err
		}
		pos[p] = last
	}
	return a.Applied(ctx, pos)
}

// applyBrand applies every file of dir, without the specs of one kind.
func (a *App) applyBrand(ctx context.Context, dir fs.FS, without string) error {
	wanted := spec.Set{}
	err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(dir, path)
		if err != nil {
			return err
		}
		set, err := spec.Read(path, text)
		for k, s := range set {
			if k.Kind != without {
				wanted[k] = s
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return a.apply(ctx, wanted, "demo")
}
