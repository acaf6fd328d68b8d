package stream_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed/stream"
)

func TestManyLettersShareARecord(t *testing.T) {
	l := embedded(t, t.TempDir(), stream.Options{})
	out := stream.NewLetters(l)
	const callers, each = 20, 500
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			var list []stream.DeadLetter
			for i := range each {
				list = append(list, stream.DeadLetter{ID: fmt.Sprintf("%d-%d", c, i), Source: "shop", Reason: "wrong", Event: `{"event":"x"}`})
			}
			if err := out.Put(within(t), list); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	last, err := l.Last(context.Background(), stream.Dead, 0)
	if err != nil || last > 100 {
		t.Fatalf("%d letters took %d records (%v)", callers*each, last, err)
	}
	r, err := l.Read(context.Background(), stream.Dead, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	seen := map[string]int{}
	for read := uint64(0); read < last; {
		recs, err := r.Next(context.Background(), 100, 5*time.Second)
		if err != nil || len(recs) == 0 {
			t.Fatal("records are missing", err)
		}
		for _, rec := range recs {
			list, err := stream.ReadLetters(rec.Data)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range list {
				seen[one.ID]++
			}
			read = rec.Seq
		}
	}
	if len(seen) != callers*each || out.Count() != callers*each {
		t.Errorf("%d different letters came back, %d were counted, want %d", len(seen), out.Count(), callers*each)
	}
	if one, err := stream.ReadLetters([]byte(`{"id":"a","reason":"alone"}`)); err != nil || len(one) != 1 || one[0].ID != "a" {
		t.Errorf("a letter of its own is read as %+v, %v", one, err)
	}
	if _, err := stream.ReadLetters([]byte(`[{"id":`)); err == nil {
		t.Error("a damaged record was read")
	}
}
