// Package proportion says how sure one can be of a share, and of the difference between two shares, from counts alone.
package proportion

import "math"

// z95 is the 97.5% point of the normal distribution: what a two-sided interval of 95% takes.
const z95 = 1.959963984540054

// Interval is a share, or a difference of shares, with the bounds of its 95% confidence interval.
type Interval struct {
	Value, Low, High float64
}

// Wilson is the share of hits among n with Wilson's score interval at 95%, without continuity correction. Of nobody
// nothing is known: 0, between 0 and 1.
//
// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
// Statistical Association 22 (1927), 209-212; method 3 in R. G. Newcombe, "Two-sided confidence intervals for the single
// proportion: comparison of seven methods", Statistics in Medicine 17 (1998), 857-872.
func Wilson(hits, n int64) Interval {
	if n <= 0 {
		return Interval{0, 0, 1}
	}
	p, m := float64(hits)/float64(n), float64(n)
	const zz = z95 * z95
	mid := 2*m*p + zz
	half := z95 * math.Sqrt(zz+4*m*p*(1-p))
	return Interval{p, max(0, (mid-half)/(2*(m+zz))), min(1, (mid+half)/(2*(m+zz)))}
}

// Difference is how much larger the share a of na is than the share b of nb, with Newcombe's hybrid score interval at 95%:
// method 10, without continuity correction, which combines the Wilson intervals of both shares.
//
// R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods",
// Statistics in Medicine 17 (1998), 873-890.
func Difference(a, na, b, nb int64) Interval {
	x, y := Wilson(a, na), Wilson(b, nb)
	d := x.Value - y.Value
	return Interval{d, d - math.Hypot(x.Value-x.Low, y.High-y.Value), d + math.Hypot(x.High-x.Value, y.Value-y.Low)}
}
