package load

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheLoadIsWhatItClaims(t *testing.T) {
	var mu sync.Mutex
	seen, people, identifies, size, n := map[string]bool{}, map[string]int{}, 0, 0, 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		var b struct {
			Batch []struct{ Type, MessageID, UserID, Timestamp string }
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Errorf("not JSON: %v", err)
		}
		if key, _, _ := r.BasicAuth(); key != "key" {
			t.Errorf("write key %q", key)
		}
		mu.Lock()
		defer mu.Unlock()
		size, n = size+len(raw), n+len(b.Batch)
		for _, e := range b.Batch {
			if seen[e.MessageID] {
				t.Errorf("message id %s twice", e.MessageID)
			}
			seen[e.MessageID] = true
			people[e.UserID]++
			if e.Type == "identify" {
				identifies++
			}
			if _, err := time.Parse(time.RFC3339, e.Timestamp); err != nil {
				t.Error(err)
			}
		}
	}))
	defer srv.Close()
	res, err := Run(context.Background(), Config{Addr: strings.TrimPrefix(srv.URL, "http://"), WriteKey: "key", Clients: 2, People: 60, EachPerson: true, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if res.Events != int64(n) || len(people) != 60 || identifies*5 != n {
		t.Errorf("%d of %d events, %d people, %d identifies", res.Events, n, len(people), identifies)
	}
	if per := size / n; per < 550 || per > 700 {
		t.Errorf("%d bytes an event, want about 600", per)
	}
}
