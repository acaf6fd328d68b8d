package account_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
)

const (
	start    = heed.Time(1_700_000_000_000_000)
	password = "correct horse battery"
)

// quick is a hash that is cheap enough for tests.
var quick = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

type bench struct {
	*account.Service
	t     *testing.T
	clock *clock.Virtual
	owner account.Actor
}

func each(t *testing.T, f func(b *bench)) {
	testx.Each(t, []string{account.Queries}, func(t *testing.T, d db.DB) {
		b := &bench{t: t, clock: clock.NewVirtual(start)}
		b.Service = open(t, d, b.clock)
		u := b.user("owner@lumen.example", account.Owner)
		b.owner = account.Actor{Who: account.Who{Via: account.ByUser, ID: u.ID, Name: u.Email, Role: u.Role}}
		f(b)
	})
}

func open(t *testing.T, d db.DB, c clock.Clock) *account.Service {
	t.Helper()
	s, err := account.New(account.Options{DB: d, Clock: c, Hash: quick})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bench) user(email string, role account.Role) account.User {
	b.t.Helper()
	u, err := b.CreateUser(context.Background(), account.System("test"), account.NewUser{Email: email, Name: "Somebody", Role: role, Password: password})
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

func (b *bench) login(email, pw string) (account.Session, error) {
	return b.Login(context.Background(), account.Credentials{Email: email, Password: pw, Address: "192.0.2.1"})
}

func (b *bench) want(err error, code heed.Code) {
	b.t.Helper()
	if heed.CodeOf(err) != code {
		b.t.Errorf("got %v, want code %q", err, code)
	}
}

func TestSetupOnce(t *testing.T) {
	testx.Each(t, []string{account.Queries}, func(t *testing.T, d db.DB) {
		ctx, c := context.Background(), clock.NewVirtual(start)
		s := open(t, d, c)
		one, err := s.SetupToken(ctx)
		two, err2 := s.SetupToken(ctx) // another process
		if err != nil || err2 != nil || one == "" || one == two {
			t.Fatal(err, err2)
		}
		who := account.NewUser{Email: "a@lumen.example", Name: "A", Password: password}
		if _, err := s.Setup(ctx, "wrong", who, account.Credentials{}); heed.CodeOf(err) != heed.Unauthorized {
			t.Fatalf("got %v", err)
		}
		c.Advance(25 * time.Hour)
		if _, err := s.Setup(ctx, one, who, account.Credentials{}); heed.CodeOf(err) != heed.Unauthorized {
			t.Fatalf("an old token: got %v", err)
		}
		c.Advance(-2 * time.Hour)
		in, err := s.Setup(ctx, two, who, account.Credentials{})
		if err != nil || in.User.Role != account.Owner {
			t.Fatalf("got %+v, %v", in, err)
		}
		if w, err := s.BySession(ctx, in.Token); err != nil || w == nil {
			t.Fatalf("setup does not sign in: %v", err)
		}
		if _, err := s.Setup(ctx, one, who, account.Credentials{}); heed.CodeOf(err) != heed.Conflict {
			t.Fatalf("a second owner: %v", err)
		}
		if token, err := s.SetupToken(ctx); token != "" || err != nil {
			t.Fatalf("got %q, %v", token, err)
		}
	})
}

func TestUsersKeepTheirOrder(t *testing.T) {
	each(t, func(b *bench) {
		ctx := context.Background()
		admin := b.user("admin@lumen.example", account.Admin)
		as := func(u account.User) account.Actor {
			return account.Actor{Who: account.Who{Via: account.ByUser, ID: u.ID, Name: u.Email, Role: u.Role}}
		}
		ptr := func(r account.Role) *account.Role { return &r }
		yes := true

		_, err := b.CreateUser(ctx, as(admin), account.NewUser{Email: "x@lumen.example", Name: "X", Role: account.Owner, Password: password})
		b.want(err, heed.Forbidden)
		_, err = b.UpdateUser(ctx, as(admin), b.owner.ID, 0, account.UserPatch{Disabled: &yes})
		b.want(err, heed.Forbidden)
		_, err = b.UpdateUser(ctx, as(admin), admin.ID, 0, account.UserPatch{Role: ptr(account.Owner)})
		b.want(err, heed.Forbidden)
		b.want(b.DeleteUser(ctx, as(admin), b.owner.ID), heed.Forbidden)
		b.want(b.DeleteUser(ctx, b.owner, b.owner.ID), heed.Forbidden)
		_, err = b.UpdateUser(ctx, account.System("cli"), b.owner.ID, 0, account.UserPatch{Role: ptr(account.Viewer)})
		b.want(err, heed.Conflict) // the last owner
		b.want(b.DeleteUser(ctx, account.System("cli"), b.owner.ID), heed.Conflict)
		_, err = b.CreateUser(ctx, b.owner, account.NewUser{Email: "ADMIN@lumen.example", Name: "X", Role: account.Viewer, Password: password})
		b.want(err, heed.Conflict)

		in, err := b.login("admin@lumen.example", password)
		b.want(err, "")
		u, err := b.UpdateUser(ctx, b.owner, admin.ID, admin.Rev, account.UserPatch{Role: ptr(account.Analyst)})
		b.want(err, "")
		if w, _ := b.BySession(ctx, in.Token); w != nil {
			t.Error("a changed role must end the sessions")
		}
		_, err = b.UpdateUser(ctx, b.owner, admin.ID, admin.Rev, account.UserPatch{Role: ptr(account.Viewer)})
		b.want(err, heed.Conflict) // an old revision
		if u.Rev != admin.Rev+1 {
			t.Errorf("revision %d", u.Rev)
		}
		for _, bad := range []account.NewUser{
			{Email: "no", Name: "X", Role: account.Viewer, Password: password},
			{Email: "A B <x@y.example>", Name: "X", Role: account.Viewer, Password: password},
			{Email: "x@y.example", Name: "", Role: account.Viewer, Password: password},
			{Email: "x@y.example", Name: "X", Role: "king", Password: password},
			{Email: "x@y.example", Name: "X", Role: account.Viewer, Password: "short"},
			{Email: "x@y.example", Name: "X", Role: account.Viewer, Password: "aaaaaaaaaaaaaaaa"},
			{Email: "x@y.example", Name: "X", Role: account.Viewer, Password: password, Department: "moon"},
		} {
			_, err := b.CreateUser(ctx, b.owner, bad)
			b.want(err, heed.Invalid)
		}
	})
}

func TestKeys(t *testing.T) {
	testx.Each(t, []string{account.Queries}, func(t *testing.T, d db.DB) {
		ctx, c := context.Background(), clock.NewVirtual(start)
		s, other := open(t, d, c), open(t, d, c)
		by := account.System("test")
		web, err := s.CreateKey(ctx, by, account.NewKey{Kind: account.WriteKind, Name: "shop front", Source: "web"})
		if err != nil {
			t.Fatal(err)
		}
		server, err := s.CreateKey(ctx, by, account.NewKey{Kind: account.APIKind, Name: "till", Source: "tills", Scopes: []string{"events:write", "people:read"}, Expires: start.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if source, public, ok := s.WriteKey(web.Secret); source != "web" || !public || !ok {
			t.Errorf("got %q %v %v", source, public, ok)
		}
		if source, public, ok := s.WriteKey(server.Secret); source != "tills" || public || !ok {
			t.Errorf("got %q %v %v", source, public, ok)
		}
		if _, _, ok := other.WriteKey(web.Secret); ok {
			t.Error("the other process cannot know yet")
		}
		if err := other.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		if _, _, ok := other.WriteKey(web.Secret); !ok {
			t.Error("the other process must know after a refresh")
		}
		if w := s.ByKey(web.Secret); w.May(account.ReadPeople) || w.May(account.SignedIn) || !w.May(account.SendEvents) {
			t.Error("a write key may send events and nothing else")
		}
		if w := s.ByKey(server.Secret); !w.May(account.ReadPeople) || w.May(account.WritePeople) || !w.May(account.SignedIn) {
			t.Error("an API key may do what its scopes say")
		}
		for _, k := range []string{"", "heed_sk_", web.Secret[:20], strings.Repeat("x", 500)} {
			if _, _, ok := s.WriteKey(k); ok || s.ByKey(k) != nil {
				t.Errorf("%q is no key", k)
			}
		}
		c.Advance(time.Hour)
		if s.ByKey(server.Secret) != nil {
			t.Error("an expired key still works")
		}
		if err := s.RevokeKey(ctx, by, web.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, ok := s.WriteKey(web.Secret); ok {
			t.Error("a revoked key still works")
		}
		if err := s.RevokeKey(ctx, by, web.ID); heed.CodeOf(err) != heed.NotFound {
			t.Errorf("got %v", err)
		}
		if err := s.Prune(ctx); err != nil {
			t.Fatal(err)
		}
		keys, err := s.Keys(ctx)
		if err != nil || len(keys) != 2 {
			t.Fatalf("got %v, %v", keys, err)
		}
		for _, k := range keys {
			if (k.Secret != "") != (k.Kind == account.WriteKind) {
				t.Errorf("a stored %s key shows %q", k.Kind, k.Secret)
			}
		}
		marketer := account.Actor{Who: account.Who{Via: account.ByUser, Role: account.Marketer}}
		for _, scope := range []string{"admin", "people:erase"} {
			if _, err := s.CreateKey(ctx, marketer, account.NewKey{Kind: account.APIKind, Name: "x", Scopes: []string{scope}}); heed.CodeOf(err) != heed.Forbidden {
				t.Errorf("scope %s: got %v", scope, err)
			}
		}
		for _, bad := range []account.NewKey{{Kind: "x", Name: "x"}, {Kind: account.WriteKind, Name: "x"}, {Kind: account.APIKind, Name: "x"},
			{Kind: account.APIKind, Name: "x", Scopes: []string{"owner"}}, {Kind: account.APIKind, Name: "", Scopes: []string{"admin"}},
			{Kind: account.APIKind, Name: "x", Scopes: []string{"admin"}, Expires: 1}, {Kind: account.APIKind, Name: "x", Scopes: []string{"admin"}, Value: "short"}} {
			if _, err := s.CreateKey(ctx, by, bad); heed.CodeOf(err) != heed.Invalid {
				t.Errorf("%+v: got %v", bad, err)
			}
		}
	})
}

func TestBootstrap(t *testing.T) {
	testx.Each(t, []string{account.Queries}, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		s := open(t, d, clock.NewVirtual(start))
		b := account.Bootstrap{WriteKey: "write-key-1", APIKey: "secret-key-1", OwnerEmail: "o@lumen.example", OwnerPassword: password}
		for range 2 { // the second start finds them
			if err := s.Bootstrap(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		if source, public, ok := s.WriteKey("write-key-1"); source != "default" || !public || !ok {
			t.Errorf("got %q %v %v", source, public, ok)
		}
		if w := s.ByKey("secret-key-1"); !w.May(account.ManageUsers) {
			t.Errorf("got %+v", w)
		}
		keys, _ := s.Keys(ctx)
		users, _ := s.Users(ctx)
		if len(keys) != 2 || len(users) != 1 || users[0].Role != account.Owner {
			t.Fatalf("got %v, %v", keys, users)
		}
		for _, k := range keys {
			if err := s.RevokeKey(ctx, account.System("x"), k.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Bootstrap(ctx, b); err != nil || s.ByKey("secret-key-1") != nil {
			t.Errorf("a revoked key came back: %v", err)
		}
	})
}

func TestAuditTellsTheDifferenceWithoutSecrets(t *testing.T) {
	each(t, func(b *bench) {
		ctx := context.Background()
		b.want(b.Record(ctx, account.Entry{Actor: b.owner, Action: "spec.apply", Target: "channel mail",
			Before: heed.RawJSON(`{"host":"a","smtp_password":"one","list":[{"token":"t1"}]}`),
			After:  heed.RawJSON(`{"host":"b","smtp_password":"two","list":[{"token":"t1"}],"api_key":"k"}`)}), "")
		log, err := b.Audit(ctx, account.AuditQuery{Action: "spec.apply", Limit: 10})
		b.want(err, "")
		if len(log) != 1 || log[0].Actor != "owner@lumen.example" {
			t.Fatalf("got %+v", log)
		}
		got := strings.Join(log[0].Diff, "\n")
		want := "+ api_key: \"(hidden)\"\n~ host: \"a\" -> \"b\"\n~ smtp_password: \"(hidden)\" -> \"(hidden, another one)\""
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		pw := "yet another password"
		u := b.user("ann@lumen.example", account.Viewer)
		_, err = b.UpdateUser(ctx, b.owner, u.ID, 0, account.UserPatch{Password: &pw})
		b.want(err, "")
		log, err = b.Audit(ctx, account.AuditQuery{Limit: 100})
		b.want(err, "")
		for _, l := range log {
			if all := strings.Join(l.Diff, " "); strings.Contains(all, "argon2") || strings.Contains(all, pw) {
				t.Errorf("a secret in the log: %s", all)
			}
		}
		// Pages follow each other without gap or overlap.
		var seen int
		var before heed.ID
		for {
			page, err := b.Audit(ctx, account.AuditQuery{Before: before, Limit: 2})
			b.want(err, "")
			seen += len(page)
			if len(page) < 2 {
				break
			}
			before = page[1].ID
		}
		if seen != len(log) {
			t.Errorf("%d entries in pages, %d at once", seen, len(log))
		}
	})
}

func TestWriteKeyAllocatesNothing(t *testing.T) {
	s := open(t, testx.SQLite(t, account.Queries), clock.NewVirtual(start))
	k, err := s.CreateKey(context.Background(), account.System("x"), account.NewKey{Kind: account.WriteKind, Name: "a", Source: "web"})
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() {
		if _, _, ok := s.WriteKey(k.Secret); !ok {
			t.Fatal("not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations a lookup", n)
	}
}

func BenchmarkWriteKey(b *testing.B) {
	s, err := account.New(account.Options{DB: testx.SQLite(b, account.Queries), Clock: clock.NewSystem(), Hash: quick})
	if err != nil {
		b.Fatal(err)
	}
	k, err := s.CreateKey(context.Background(), account.System("x"), account.NewKey{Kind: account.WriteKind, Name: "a", Source: "web"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, _, ok := s.WriteKey(k.Secret); !ok {
				b.Error("not found")
			}
		}
	})
}
