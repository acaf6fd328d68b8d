package profile

import (
	"syscall"
	"testing"

	"github.com/heedcx/heed"
)

// session is ten events of one person: two identifies, the rest tracks, with the context that a browser sends.
func session() []*heed.Event {
	var out []*heed.Event
	for i := range 10 {
		e := ev(heed.Track, i, "Product Viewed", `{"product_id":"P-1029","category":"lamps","price":49.9,"currency":"EUR"}`)
		e.Touchpoint, e.Channel, e.Source = "Shop", "web", "web"
		if i%5 == 0 {
			e.Type, e.Name, e.Properties = heed.Identify, "", heed.RawJSON(`{"email":"someone@example.com","first_name":"Ana","plan":"gold","age":41}`)
		}
		e.Context = heed.RawJSON(`{"page":{"path":"/lamps/1029","referrer":"https://example.com/"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64)","locale":"pt-PT","timezone":"Europe/Lisbon","library":{"name":"analytics.js","version":"2.1.0"}}`)
		out = append(out, e)
	}
	return out
}

func BenchmarkFold(b *testing.B) {
	s, events := stage(b, ""), session()
	b.ReportAllocs()
	for b.Loop() {
		p := &heed.Person{}
		for _, e := range events {
			s.fold(p, e)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(events)), "ns/event")
}

// cpuPerOp reports the CPU time of an operation, which tells more than the clock on a busy machine.
func cpuPerOp(b *testing.B) func() {
	used := func() int64 {
		var u syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
			return 0
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	began := used()
	return func() { b.ReportMetric(float64(used()-began)/float64(b.N), "cpu-ns/op") }
}

func BenchmarkEncode(b *testing.B) {
	c := newCodec()
	_, p := ana(b)
	doc, err := c.encode(p)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	defer cpuPerOp(b)()
	for b.Loop() {
		if _, err := c.encode(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	c := newCodec()
	_, p := ana(b)
	doc, err := c.encode(p)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	defer cpuPerOp(b)()
	for b.Loop() {
		if err := c.decode(doc, &heed.Person{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBrief(b *testing.B) {
	s, p := ana(b)
	b.ReportAllocs()
	for b.Loop() {
		NewBrief(p, sec(86400), Extras{Config: s.config})
	}
}

// TestAllocations holds folding to its budget: a track that means nothing special to a known person allocates nothing.
func TestAllocations(t *testing.T) {
	s, events := stage(t, ""), session()
	p := foldAll(s, events...)
	track := events[9]
	if n := testing.AllocsPerRun(100, func() { s.fold(p, track) }); n > 0 {
		t.Errorf("a track costs %.0f allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		p := &heed.Person{}
		for _, e := range events {
			s.fold(p, e)
		}
	}); n > 8 {
		t.Errorf("a new person's session of ten events costs %.0f allocations, the budget is 8", n)
	}
}
