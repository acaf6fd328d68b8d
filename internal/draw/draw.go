// Package draw draws lots that stay drawn: the same person always draws the same for the same purpose.
package draw

import "github.com/heedcx/heed"

// Share places a person in [0,1) for one purpose, named by two words such as a journey and its node. It is FNV-1a with
// the finisher of splitmix64, whose high bits are even enough for splits (see journey's TestShareIsEven).
func Share(p heed.ID, what, where string) float64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for _, c := range p {
		h = (h ^ uint64(c)) * prime
	}
	for i := range len(what) {
		h = (h ^ uint64(what[i])) * prime
	}
	h *= prime // a zero byte between the words
	for i := range len(where) {
		h = (h ^ uint64(where[i])) * prime
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	h ^= h >> 31
	return float64(h>>11) / (1 << 53)
}
