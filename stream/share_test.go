package stream

import (
	"fmt"
	"slices"
	"testing"
)

func TestDivide(t *testing.T) {
	for _, c := range []struct {
		owner   string
		members []string
		held    map[int]string
		parts   int
		want    []int
	}{
		{"a", []string{"a"}, nil, 4, []int{0, 1, 2, 3}},
		{"a", []string{"a", "b"}, map[int]string{0: "a", 1: "a", 2: "a", 3: "a"}, 4, []int{0, 1}}, // b has come
		{"b", []string{"a", "b"}, map[int]string{0: "a", 1: "a", 2: "a", 3: "a"}, 4, nil},         // and waits
		{"b", []string{"a", "b"}, map[int]string{0: "a", 1: "a"}, 4, []int{2, 3}},
		{"a", []string{"a", "b"}, map[int]string{0: "b", 1: "b", 2: "a"}, 3, []int{2}}, // the odd one stays where it is
		{"b", []string{"a", "b"}, map[int]string{0: "b", 1: "b", 2: "a"}, 3, []int{0, 1}},
		{"c", []string{"a", "b", "c"}, map[int]string{0: "a", 1: "b"}, 2, nil},                 // more processes than partitions
		{"a", []string{"a"}, map[int]string{0: "a", 1: "rebuild/1"}, 3, []int{0, 2}},           // somebody who takes no part holds one
		{"b", []string{"a", "b"}, map[int]string{}, 4, []int{2, 3}},                            // not those that a reaches for first
		{"gone", []string{"a", "b"}, map[int]string{0: "gone"}, 2, nil},                        // we are not known yet
		{"b", []string{"a", "b", "c"}, map[int]string{0: "a", 1: "a", 2: "a"}, 4, []int{3}},    // while a still has too much
		{"a", []string{"a", "b", "c"}, map[int]string{0: "a", 1: "a", 2: "a"}, 4, []int{0, 1}}, // which it gives up
	} {
		if got := divide(c.owner, c.members, c.held, c.parts); !slices.Equal(got, c.want) {
			t.Errorf("%s of %v, held %v of %d: %v, want %v", c.owner, c.members, c.held, c.parts, got, c.want)
		}
	}
}

// From wherever it starts, everybody doing what divide says comes to rest with even shares, and each partition with one.
func TestDivisionComesToRest(t *testing.T) {
	for parts := range 9 {
		for n := 1; n <= 5; n++ {
			var members []string
			for i := range n {
				members = append(members, fmt.Sprint("p", i))
			}
			held := map[int]string{}
			for p := range parts {
				if p%3 != 0 {
					held[p] = members[p*p%n]
				}
			}
			for round := 0; ; round++ {
				changed := false
				for _, who := range members {
					ours := divide(who, members, held, parts)
					for p := range parts {
						switch has := held[p] == who; {
						case has && !slices.Contains(ours, p):
							delete(held, p)
							changed = true
						case !has && slices.Contains(ours, p):
							if held[p] != "" {
								t.Fatalf("%s takes %d from %s", who, p, held[p])
							}
							held[p], changed = who, true
						}
					}
				}
				if !changed {
					break
				}
				if round > 5 {
					t.Fatalf("%d partitions, %d processes: no rest, %v", parts, n, held)
				}
			}
			count := map[string]int{}
			for _, who := range held {
				count[who]++
			}
			for _, who := range members {
				if count[who] < parts/n || count[who] > (parts+n-1)/n {
					t.Errorf("%d partitions, %d processes: %v", parts, n, held)
				}
			}
			if len(held) != parts {
				t.Errorf("%d partitions, %d processes: %v", parts, n, held)
			}
		}
	}
}
