package collect

// resume returns the offset after the event that begins at i and went wrong at bad, so that the rest of the batch is
// kept; -1 when no end of it can be made out. It trusts brackets and quotes, unless a whole event lies within what they
// enclose, or they do not add up: then a quote or a bracket is missing, and the batch goes on at that event (an object
// behind a comma, with a type that exists and an id, followed by a comma or the end of the array).
func (t *text) resume(i, bad int) int {
	b := t.b
	end, until := lenient(b, i), len(b)-pad
	if end > i {
		if c := b[space(b, end)]; c == ',' || c == ']' {
			until = end
		} else {
			end = -1
		}
	}
	budget := 4 * MaxBatchBytes // bytes that may be looked at, whatever a sender thought up
	for at := bad; at < until && budget > 0; at++ {
		if b[at] != '}' && b[at] != '"' {
			continue
		}
		next := space(b, at+1)
		if b[next] != ',' {
			continue
		}
		if next = space(b, next+1); next < until && b[next] == '{' && t.event(next, &budget) {
			return at + 1
		}
	}
	return end
}

// event says whether a whole event begins at i.
func (t *text) event(i int, budget *int) bool {
	try := text{scanner: scanner{b: t.b}}
	var n note
	end := try.oneEvent(i, &n)
	if end < 0 {
		*budget -= try.err.at - i + 1
		return false
	}
	*budget -= end - i
	if c := t.b[space(t.b, end)]; c != ',' && c != ']' {
		return false
	}
	if n.kind.kind != isString || n.userID.kind == isNone && n.anonymousID.kind == isNone {
		return false
	}
	switch try.string(n.kind) {
	case "track", "identify", "page", "screen", "group", "alias":
		return true
	}
	return false
}

// lenient returns the offset after the value at i, judging by brackets and quotes alone, -1 when they do not match.
func lenient(b []byte, i int) int {
	var open []byte
	for end := len(b) - pad; i < end; i++ {
		switch c := b[i]; c {
		case '"':
			for i++; i < end && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			open = append(open, c+2) // the bracket that closes it
		case '}', ']':
			if len(open) == 0 {
				return i // the end of what is around a scalar
			}
			if open[len(open)-1] != c {
				return -1
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return i + 1
			}
		case ',':
			if len(open) == 0 {
				return i
			}
		}
	}
	return -1
}
