package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/internal/clock"
)

// A clock that was set back by an hour is named by /readyz, which stays ready, until it has caught up.
func TestReadinessNamesAClockThatWasSetBack(t *testing.T) {
	now := clock.Reading{Wall: time.Date(2026, 10, 25, 3, 0, 0, 0, time.UTC)}
	c := clock.FromReadings(func() clock.Reading { return now })
	ask := func() string {
		h := &health{}
		h.add("clock", false, clockCheck(c))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if w.Code != http.StatusOK {
			t.Error(w.Code)
		}
		return w.Body.String()
	}
	if got := ask(); strings.Contains(got, "set back") {
		t.Error(got)
	}
	now.Wall = now.Wall.Add(-time.Hour)
	if got := ask(); !strings.Contains(got, "the clock was set back by 1h0m0s") || !strings.Contains(got, `"ok":false`) {
		t.Error(got)
	}
	now.Wall, now.Elapsed = now.Wall.Add(time.Hour+time.Minute), now.Elapsed+time.Minute
	if got := ask(); strings.Contains(got, "set back") {
		t.Errorf("it has caught up: %s", got)
	}
}
