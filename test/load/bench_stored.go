package load

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func benchImport(ctx context.Context, b *Bench, s *Server) error {
	file, mapping, err := writePeople(s.Dir, importPeople)
	if err != nil {
		return err
	}
	took, _, err := b.runImport(ctx, s, file, mapping)
	if err != nil {
		return err
	}
	b.say("import", "%d people from a CSV file, folded and in history: %s, %.0f people/s", importPeople, took.Round(10*time.Millisecond), importPeople/took.Seconds())
	if b.Import == "" {
		b.say("import", "no other file: name one with --import and its mapping with --map")
		return nil
	}
	took, said, err := b.runImport(ctx, s, b.Import, b.Mapping)
	if err != nil {
		return err
	}
	b.say("import", "%s, folded and in history: %s (%s)", filepath.Base(b.Import), took.Round(10*time.Millisecond), said)
	return nil
}

// runImport imports a file into a data folder of its own and returns how long that took, start and stop included, and the
// last line that heed said.
func (b *Bench) runImport(ctx context.Context, s *Server, file, mapping string) (time.Duration, string, error) {
	dir, err := os.MkdirTemp(s.Dir, "import-")
	if err != nil {
		return 0, "", err
	}
	began := time.Now()
	out, err := s.Alone(ctx, "import", file, "--map", mapping, "--data", filepath.Join(dir, "data"), "--rejects", filepath.Join(dir, "rejects.csv"))
	if err != nil {
		return 0, "", err
	}
	said := strings.TrimSpace(out)
	return time.Since(began), strings.TrimSpace(said[strings.LastIndexAny(said, "\r\n")+1:]), nil
}

// benchLong compares the CPU cost of an event when many are stored with that when few are.
func benchLong(ctx context.Context, b *Bench, s *Server) error {
	if b.Long == 0 {
		b.say("long", "left out: name the number of stored events with --long 20000000")
		return nil
	}
	if err := b.start(ctx, s); err != nil {
		return err
	}
	var first Sustained
	c := Config{Addr: s.Addr, WriteKey: WriteKey, Clients: 16, People: b.People, Duration: 10 * time.Second}
	for seed := uint64(1); ; seed++ {
		c.Seed = seed
		r, err := WholePath(ctx, s, c)
		if err != nil {
			return err
		}
		m, err := s.Metrics()
		if err != nil {
			return err
		}
		stored := m.Sum("heed_worker_events_total")
		if first.CPU == 0 && stored >= float64(b.Long)/20 {
			first = r
			b.say("long", "at %.0f stored events: %s CPU an event", stored, r.CPU.Round(100*time.Nanosecond))
		}
		if stored >= float64(b.Long) {
			b.say("long", "at %.0f stored events: %s CPU an event, %.2f times as much", stored, r.CPU.Round(100*time.Nanosecond), float64(r.CPU)/float64(first.CPU))
			return nil
		}
	}
}
