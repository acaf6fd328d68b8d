package collect

import "fmt"

// CheckJSON checks that b is one JSON value as the door takes it (depth, UTF-8, numbers) and returns it, with what stops
// databases replaced: see scan.go. It may write to b.
func CheckJSON(b []byte) ([]byte, error) {
	n := len(b)
	s := scanner{b: append(b, make([]byte, pad)...)}
	i := space(s.b, 0)
	end := s.value(i, 0)
	if end >= 0 {
		if end = space(s.b, end); end == n {
			return s.b[:n], nil
		}
		s.fail(end, "has something after its end")
	}
	path := pathAt(s.b, i, s.err.at)
	if path != "" {
		path = path[1:] + ": "
	}
	return nil, fmt.Errorf("%s%s (at byte %d)", path, s.err.text, s.err.at+1)
}
