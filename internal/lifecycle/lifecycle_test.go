package lifecycle

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStopsInReverse(t *testing.T) {
	g := New(slog.New(slog.DiscardHandler))
	var order []string
	for _, name := range []string{"a", "b", "c"} {
		g.Go(name, func(ctx context.Context) {
			<-ctx.Done()
			order = append(order, name) // one at a time: Stop waits for each
		})
	}
	g.Defer("d", func() error { order = append(order, "d"); return errors.New("odd") })
	err := g.Stop(time.Minute)
	if !slices.Equal(order, []string{"d", "c", "b", "a"}) {
		t.Errorf("order %v", order)
	}
	if err == nil || !strings.Contains(err.Error(), "d: odd") {
		t.Errorf("got %v", err)
	}
}

func TestNamesWhatDoesNotStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(slog.New(slog.DiscardHandler))
		free := make(chan struct{})
		g.Go("stubborn", func(context.Context) { <-free })
		err := g.Stop(time.Second)
		if err == nil || !strings.Contains(err.Error(), "stubborn did not stop") {
			t.Errorf("got %v", err)
		}
		close(free)
	})
}

func TestAPartThatPanicsRunsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(slog.New(slog.DiscardHandler))
		runs := 0
		up := make(chan struct{})
		g.Go("clumsy", func(ctx context.Context) {
			if runs++; runs < 3 {
				panic("no")
			}
			close(up)
			<-ctx.Done()
		})
		<-up
		if err := g.Stop(time.Second); err != nil || runs != 3 {
			t.Errorf("%d runs, %v", runs, err)
		}
	})
}
