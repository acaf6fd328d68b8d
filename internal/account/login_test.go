package account_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

func TestLoginIsThrottled(t *testing.T) {
	each(t, func(b *bench) {
		b.user("ann@lumen.example", account.Analyst)
		for range 5 { // these are free
			_, err := b.login("ann@lumen.example", "wrong password here")
			b.want(err, heed.Unauthorized)
		}
		_, err := b.login("ann@lumen.example", password)
		b.want(err, heed.TooMany)
		wait, ok := errors.AsType[account.RetryError](err)
		if !ok || wait.After <= 0 || wait.After > 10*time.Second {
			t.Fatalf("got %v", err)
		}
		_, err = b.login("owner@lumen.example", password)
		b.want(err, "") // another account from the same office is free
		b.clock.Advance(wait.After)
		_, err = b.login("ann@lumen.example", password)
		b.want(err, "")
		_, err = b.login("ann@lumen.example", "wrong password here")
		b.want(err, heed.Unauthorized) // counted from nothing again
		for i := range 40 {            // many accounts from one client
			_, err = b.login("nobody"+string(rune('a'+i%26))+string(rune('a'+i/26))+"@x.example", "wrong password here")
		}
		b.want(err, heed.TooMany)
	})
}

func TestParallelGuessesAreCountedFirst(t *testing.T) {
	each(t, func(b *bench) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		tried := 0
		for range 40 {
			wg.Go(func() {
				_, err := b.login("owner@lumen.example", "wrong password here")
				mu.Lock()
				defer mu.Unlock()
				if heed.CodeOf(err) == heed.Unauthorized {
					tried++
				} else if heed.CodeOf(err) != heed.TooMany {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if tried != 5 {
			t.Errorf("%d guesses were looked at, want 5", tried)
		}
	})
}

func TestNetworks(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "::ffff:192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "::1": "::/64", "": "", "what": "what",
	} {
		if got := account.Network(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Whoever has an IPv6 network has more addresses than there are passwords to guess.
func TestLoginIsThrottledPerNetwork(t *testing.T) {
	each(t, func(b *bench) {
		from := func(i, network int) error {
			_, err := b.Login(t.Context(), account.Credentials{Email: fmt.Sprintf("nobody%d-%d@x.example", i, network), Password: "wrong password here",
				Address: fmt.Sprintf("2001:db8:0:%x::%x", network, i+1)})
			return err
		}
		var err error
		for i := range 22 {
			err = from(i, 1)
		}
		b.want(err, heed.TooMany)
		b.want(from(1, 2), heed.Unauthorized)
	})
}

func TestSessionLifeAndRotation(t *testing.T) {
	each(t, func(b *bench) {
		ctx := context.Background()
		known := func(token string) bool {
			b.t.Helper()
			w, err := b.BySession(ctx, token)
			b.want(err, "")
			return w != nil
		}
		s, err := b.login(" Owner@Lumen.example ", password)
		b.want(err, "")
		if !known(s.Token) || known(s.Token[:42]+"x") || known("") {
			t.Fatal("a session token must be exact")
		}
		again, err := b.Login(ctx, account.Credentials{Email: "owner@lumen.example", Password: password, Replaces: s.Token})
		b.want(err, "")
		if known(s.Token) || !known(again.Token) {
			t.Error("signing in again must replace the token")
		}
		for range 50 { // used every 8 hours, it lives on ...
			b.clock.Advance(8 * time.Hour)
			if b.clock.Now().Sub(start) >= 14*24*time.Hour {
				break
			}
			if !known(again.Token) {
				t.Fatalf("a session in use ended after %v", b.clock.Now().Sub(start))
			}
		}
		if known(again.Token) { // ... until its end
			t.Error("a session outlived its absolute end")
		}
		idle, err := b.login("owner@lumen.example", password)
		b.want(err, "")
		b.clock.Advance(12 * time.Hour)
		if known(idle.Token) {
			t.Error("an idle session lives on")
		}
		out, err := b.login("owner@lumen.example", password)
		b.want(err, "")
		b.want(b.Logout(ctx, out.Token), "")
		if known(out.Token) {
			t.Error("signed out, still in")
		}
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(b *bench) {
		ctx := context.Background()
		here, err := b.login("owner@lumen.example", password)
		b.want(err, "")
		there, err := b.login("owner@lumen.example", password)
		b.want(err, "")
		b.want(b.ChangePassword(ctx, b.owner, here.Token, "wrong", "another password"), heed.Invalid)
		b.want(b.ChangePassword(ctx, b.owner, here.Token, password, "short"), heed.Invalid)
		b.want(b.ChangePassword(ctx, b.owner, here.Token, password, "another password"), "")
		if w, _ := b.BySession(ctx, there.Token); w != nil {
			t.Error("the other session goes on")
		}
		if w, _ := b.BySession(ctx, here.Token); w == nil {
			t.Error("this session ended")
		}
		_, err = b.login("owner@lumen.example", password)
		b.want(err, heed.Unauthorized)
		_, err = b.login("owner@lumen.example", "another password")
		b.want(err, "")
	})
}
