package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/heedcx/heed/app"
)

// restored is the configuration of a folder into which a backup goes.
func restored(t *testing.T) app.Config {
	return config(t, "", func(c *app.Config) { c.Data = filepath.Join(t.TempDir(), "restored") })
}

func (w *world) bought() (n int64) {
	var out struct {
		Items []struct {
			Key   string
			Count int64
		}
	}
	w.call(http.MethodGet, "/api/v1/counts?by=name", nil, &out)
	for _, one := range out.Items {
		if one.Key == "Order Completed" {
			n = one.Count
		}
	}
	return n
}

func TestABackupUnderLoadHoldsWhatWasAcknowledgedBefore(t *testing.T) {
	w := boot(t, config(t, "", nil))
	w.apply(rebuildSpecs)
	w.traffic()

	// Load goes on while the backup is made.
	ctx, cancel := context.WithCancel(context.Background())
	var busy sync.WaitGroup
	acked := make(chan int, 1<<16)
	busy.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			status, text := w.do(http.MethodPost, "/api/v1/events", map[string]any{"events": []map[string]any{track(fmt.Sprint("late", i), "Order Completed")}})
			if status/100 != 2 {
				t.Errorf("%d %s", status, text)
				return
			}
			acked <- i
		}
	})
	for range 50 {
		<-acked
	}
	last := <-acked // answered before the backup begins
	var file bytes.Buffer
	status, body := w.do(http.MethodGet, "/api/v1/backup", nil)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	file.Write(body)
	cancel()
	busy.Wait()
	w.stop()

	path := filepath.Join(t.TempDir(), "heed.backup")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := app.CheckBackup(path); err != nil {
		t.Fatal(err)
	}
	c := restored(t)
	if _, err := app.Restore(context.Background(), c, path, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	r := boot(t, c)
	r.settled()
	for i := range last + 1 {
		r.call(http.MethodGet, fmt.Sprintf("/api/v1/people?identifier=user_id:late%d", i), nil, nil) // 404 if it is lost
	}
	if n, want := r.bought(), int64(80+last+1); n < want {
		t.Errorf("history has %d orders, %d were acknowledged before", n, want)
	}
	if len(r.messages("limit=200")) == 0 {
		t.Error("no message came over")
	}
	r.events(track("late0", "Order Completed")) // and it goes on
}

func TestARestoreOfAnIdleHeedIsTheSame(t *testing.T) {
	c := config(t, "", nil)
	w := boot(t, c)
	w.apply(rebuildSpecs)
	w.traffic()
	path := filepath.Join(t.TempDir(), "heed.backup")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Backup(context.Background(), f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	w.stop()
	to := restored(t)
	if _, err := app.Restore(context.Background(), to, path, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if before, after := memory(t, c), memory(t, to); !maps.Equal(before, after) || len(before) == 0 {
		t.Errorf("%d rows before, %d after", len(before), len(after))
	}
	if _, err := app.Restore(context.Background(), to, path, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a folder with data was restored into")
	}

	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 1
	for name, text := range map[string][]byte{"cut": whole[:len(whole)*2/3], "damaged": damaged, "another file": []byte("hello"), "empty": nil} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c := restored(t)
		if _, err := app.Restore(context.Background(), c, path, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: it was restored", name)
		}
		if list, err := os.ReadDir(c.Data); err != nil || len(list) > 0 {
			t.Errorf("%s: something is left: %v %v", name, list, err)
		}
	}
}
