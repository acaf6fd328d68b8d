package proportion_test

import (
	"math"
	"testing"

	"github.com/heedcx/heed/internal/proportion"
)

// TestWilson holds the interval to table I of Newcombe's paper on single proportions (method 3).
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		hits, n   int64
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		got := proportion.Wilson(c.hits, c.n)
		near(t, got.Value, float64(c.hits)/float64(c.n))
		near(t, got.Low, c.low)
		near(t, got.High, c.high)
	}
	if got := proportion.Wilson(0, 0); got != (proportion.Interval{Value: 0, Low: 0, High: 1}) {
		t.Errorf("of nobody: %v", got)
	}
}

// TestDifference holds the interval to table II of Newcombe's paper on differences (method 10).
func TestDifference(t *testing.T) {
	for _, c := range []struct {
		a, na, b, nb int64
		low, high    float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090}, {6, 7, 2, 7, 0.0582, 0.8062}, {5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775}, {0, 10, 0, 10, -0.2775, 0.2775}, {10, 10, 0, 20, 0.6791, 1}, {10, 10, 0, 10, 0.6075, 1},
	} {
		got := proportion.Difference(c.a, c.na, c.b, c.nb)
		near(t, got.Value, float64(c.a)/float64(c.na)-float64(c.b)/float64(c.nb))
		near(t, got.Low, c.low)
		near(t, got.High, c.high)
	}
}

func near(t *testing.T, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.00005 {
		t.Errorf("got %.4f, want %.4f", got, want)
	}
}
