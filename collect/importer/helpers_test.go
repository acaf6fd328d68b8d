package importer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

const now = heed.Time(1772100002000000) // 2026-02-26T10:00:02Z

// memory is a sink and a job store. fail, if set, is asked before each Write.
type memory struct {
	mu     sync.Mutex
	events []heed.Event
	jobs   map[heed.ID]Job
	fail   func(written int) error
	keep   func(*heed.Event) // instead of events
}

func newMemory() *memory { return &memory{jobs: map[heed.ID]Job{}} }

var errDown = errors.New("the stream is down")

func (m *memory) Write(_ context.Context, events []heed.Event) (stream.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(len(m.events)); err != nil {
			return nil, err
		}
	}
	for i := range events {
		if m.keep != nil {
			m.keep(&events[i])
		} else {
			m.events = append(m.events, events[i])
		}
	}
	return nil, nil
}

func (m *memory) Load(_ context.Context, id heed.ID) (Job, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	j, ok := m.jobs[id]
	return j, ok, nil
}

func (m *memory) Save(_ context.Context, j Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.jobs[j.ID] = j
	return nil
}

func (m *memory) importer(batch int) *Importer {
	return &Importer{Sink: m, Jobs: m, Clock: clock.NewVirtual(now), BatchSize: batch}
}

func mapping(t testing.TB, text string) *Mapping {
	t.Helper()
	m, err := ParseMapping("mapping.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeTo(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
