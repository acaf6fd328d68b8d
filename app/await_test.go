package app_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/internal/testx"
)

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// elsewhere is a database URL with another address.
func elsewhere(t *testing.T, database, addr string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = addr
	return u.String()
}

func asked(addr, path string) (status int, body string) {
	res, err := http.Get("http://" + addr + path)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text)
}

// Heed starts before PostgreSQL does: it says so, lives, and goes on by itself.
func TestItWaitsForItsStateStore(t *testing.T) {
	database, missing := testx.NewPostgres(t), freeAddr(t)
	c := config(t, elsewhere(t, database, missing), func(c *app.Config) { c.Addr = freeAddr(t) })
	type opened struct {
		a   *app.App
		err error
	}
	done := make(chan opened, 1)
	go func() {
		a, err := app.Open(context.Background(), c, "test", slog.New(slog.DiscardHandler))
		done <- opened{a, err}
	}()
	for status, body := 0, ""; !strings.Contains(body, `"state store"`); time.Sleep(20 * time.Millisecond) {
		if status, body = asked(c.Addr, "/readyz"); status != 0 && status != http.StatusServiceUnavailable {
			t.Fatalf("/readyz is %d: %s", status, body)
		}
		select {
		case o := <-done:
			t.Fatalf("it did not wait: %v", o.err)
		default:
		}
	}
	if status, _ := asked(c.Addr, "/healthz"); status != http.StatusOK {
		t.Errorf("/healthz is %d", status)
	}
	if status, _ := asked(c.Addr, "/v1/batch"); status != http.StatusServiceUnavailable {
		t.Errorf("the door answers %d", status)
	}
	testx.WireAt(t, missing, database)
	o := <-done
	if o.err != nil {
		t.Fatal(o.err)
	}
	if status, body := asked(c.Addr, "/readyz"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if err := o.a.Close(); err != nil {
		t.Error(err)
	}
}

func TestItDoesNotWaitForWhatSomebodyMustPutRight(t *testing.T) {
	u, err := url.Parse(testx.NewPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/nobody_made_this_one"
	a, err := app.Open(context.Background(), config(t, u.String(), nil), "test", slog.New(slog.DiscardHandler))
	if err == nil {
		_ = a.Close()
		t.Fatal("a database that is not there was opened")
	}
	if !strings.Contains(err.Error(), "nobody_made_this_one") {
		t.Errorf("it does not say which: %v", err)
	}
}

func TestItStopsWhileItWaits(t *testing.T) {
	c := config(t, elsewhere(t, testx.NewPostgres(t), freeAddr(t)), nil)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := app.Open(ctx, c, "test", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("it has opened")
	}
}
