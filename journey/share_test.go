package journey

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"testing"

	"github.com/heedcx/heed"
)

func someone(i int) heed.ID {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(i))
	sum := sha256.Sum256(n[:])
	return heed.MakeID(heed.Time(i)*1e6, [10]byte(sum[:10]))
}

// TestShareIsEven holds the shares of 100,000 people against a uniform distribution: chi-squared with 99 degrees of
// freedom stays below 148.2 in 999 of 1,000 cases (NIST/SEMATECH e-Handbook, table 1.3.6.7.4), also for ids that differ
// in their time only.
func TestShareIsEven(t *testing.T) {
	const people, bins = 100_000, 100
	for _, kind := range []struct {
		name string
		id   func(i int) heed.ID
	}{
		{"random ids", someone},
		{"ids that differ in time only", func(i int) heed.ID { return heed.MakeID(heed.Time(i)*1000, [10]byte{}) }},
	} {
		var counts [bins]int
		for i := range people {
			s := share(kind.id(i), "welcome", "test")
			if s < 0 || s >= 1 {
				t.Fatalf("share %v is out of range", s)
			}
			counts[int(s*bins)]++
		}
		chi := 0.0
		for _, n := range counts {
			d := float64(n) - people/bins
			chi += d * d / (people / bins)
		}
		if chi > 148.2 {
			t.Errorf("%s: chi-squared %.1f, want below 148.2", kind.name, chi)
		}
	}
}

// TestSharesAreIndependent looks for a connection between two nodes, two journeys, and holdout and split: who is in the
// lower half of one is in the lower half of another no more often than chance allows.
func TestSharesAreIndependent(t *testing.T) {
	const people = 100_000
	for _, pair := range [][2][2]string{{{"a", "x"}, {"a", "y"}}, {{"a", "x"}, {"b", "x"}}, {{"a", "holdout"}, {"a", "x"}}, {{"ab", "c"}, {"a", "bc"}}} {
		both := 0
		for i := range people {
			id := someone(i)
			if share(id, pair[0][0], pair[0][1]) < 0.5 && share(id, pair[1][0], pair[1][1]) < 0.5 {
				both++
			}
		}
		if got := float64(both) / people; math.Abs(got-0.25) > 0.006 { // more than four standard deviations
			t.Errorf("%v: %.4f of people are in both lower halves, want 0.25", pair, got)
		}
	}
}

func TestSplitKeepsItsWeightsAndSticks(t *testing.T) {
	const people = 100_000
	n := &split{at: &place{id: "s"}, arms: []splitDoc{{70, "a"}, {0, "never"}, {20, "b"}, {10, "c"}}, sum: 100}
	got := map[string]int{}
	for i := range people {
		s := share(someone(i), "j", "s")
		got[n.arm(s)]++
		if n.arm(s) != n.arm(share(someone(i), "j", "s")) {
			t.Fatal("the same person went two ways")
		}
	}
	for arm, want := range map[string]float64{"a": 0.7, "b": 0.2, "c": 0.1, "never": 0} {
		if d := math.Abs(float64(got[arm])/people - want); d > 0.006 {
			t.Errorf("arm %s got %.4f, want %.2f", arm, float64(got[arm])/people, want)
		}
	}
	if n.arm(math.Nextafter(1, 0)) != "c" {
		t.Error("the very last share falls off the end")
	}
}

func TestHoldoutHoldsItsShare(t *testing.T) {
	const people = 100_000
	n, other := 0, 0
	for i := range people {
		if held(someone(i), "j", 0.1) {
			n++
			if held(someone(i), "k", 0.1) {
				other++
			}
		}
	}
	if math.Abs(float64(n)/people-0.1) > 0.004 {
		t.Errorf("held out %.4f, want 0.1", float64(n)/people)
	}
	if math.Abs(float64(other)/float64(n)-0.1) > 0.013 {
		t.Errorf("of those, %.4f are held out of another journey too, want 0.1", float64(other)/float64(n))
	}
}
