package importer

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed"
)

// BenchmarkPeople reads 20,000 people through a mapping with ten columns.
func BenchmarkPeople(b *testing.B) {
	var s strings.Builder
	s.WriteString("id,mail,tel,card,since,first,age,vip,balance,plan,born\n")
	const n = 20_000
	for i := range n {
		fmt.Fprintf(&s, "u%d,user%d@lumen.example,+3519%08d,%d.0,%02d/05/2024 12:00,\"Inês %d\",%d,yes,%d.456,plus,1985-02-03\n", i, i, i, i, i%28+1, i, 20+i%60, i)
	}
	file := write(b, "people.csv", s.String())
	m := mapping(b, people)
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		mem := newMemory()
		mem.keep = func(*heed.Event) {}
		res, err := mem.importer(0).Run(context.Background(), m, file, filepath.Join(b.TempDir(), "r"))
		if err != nil || res.Accepted != n {
			b.Fatal(res, err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "people/s")
}
