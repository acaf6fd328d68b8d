package changes_test

import (
	"fmt"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/changes"
	"github.com/heedcx/heed/internal/testx"
)

// BenchmarkChanged is what a transaction pays: one that ran twenty statements.
func BenchmarkChanged(b *testing.B) {
	kinds := map[string][]string{}
	var ran []string
	for i := range 20 {
		ran = append(ran, fmt.Sprint("stage.statement_", i))
		kinds[ran[i]] = []string{fmt.Sprint("kind", i%8)}
	}
	h := changes.New(changes.Options{Kinds: func(s string) []string { return kinds[s] }})
	b.ReportAllocs()
	for b.Loop() {
		h.Changed(ran)
	}
}

// BenchmarkTurn is what a second costs while things change and 1,000 people look, each at another customer.
func BenchmarkTurn(b *testing.B) {
	d := testx.SQLite(b, changes.Queries)
	p := newProcess(b, "a", &clock{now: 1}, d, false)
	for i := range 1000 {
		p.watch(b.Context(), heed.NewID(heed.Time(i+1)))
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Changed([]string{"journey.put_run", "segment.enter", "people.update"})
		p.turn()
	}
}
