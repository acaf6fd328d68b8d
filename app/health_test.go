package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whoever asks and goes away at once must not take the process out of its load balancer.
func TestReadinessDoesNotDependOnWhoAsks(t *testing.T) {
	h := &health{}
	h.add("state store", true, func(ctx context.Context) (string, error) { return "sqlite", ctx.Err() })
	ctx, gone := context.WithCancel(context.Background())
	gone()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusOK {
		t.Error(w.Body.String())
	}
}

func TestReadinessAnswersWhenAPartDoesNot(t *testing.T) {
	h := &health{}
	never := make(chan struct{})
	defer close(never)
	h.add("history", false, func(context.Context) (string, error) { <-never; return "", nil })
	h.add("state store", true, func(context.Context) (string, error) { return "sqlite", nil })
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "does not answer") {
		t.Error(w.Code, w.Body.String())
	}
}

func TestReadinessNamesNoPlaceInside(t *testing.T) {
	h := &health{}
	for _, text := range []string{
		"failed to connect to `user=heed database=crm`: 10.1.2.3:5432 (db.internal): dial error: dial tcp 10.1.2.3:5432: connect: connection refused",
		"stream: nats://heed:geheim@nats.internal:4222 does not answer", "stream: a stage panicked: no\n/src/secret.go:12",
		"less than 128 MiB left at /var/lib/heed/stream",
	} {
		h.add("x", true, func(context.Context) (string, error) { return "", errors.New(text) })
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	for _, secret := range []string{"user=", "10.1.2.3", "5432", "geheim", "nats.internal", "secret.go", "/var/lib"} {
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("it says %s: %s", secret, w.Body)
		}
	}
	for _, said := range []string{"connection refused", "does not answer", "panicked", "128 MiB left"} {
		if !strings.Contains(w.Body.String(), said) {
			t.Errorf("it does not say %s: %s", said, w.Body)
		}
	}
}
