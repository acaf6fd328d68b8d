package collect

import "strconv"

// pathAt names the field of the value at start in which offset at lies, such as .properties.items[3].price. It runs
// only when something is wrong, so it judges by brackets and quotes alone and takes its time.
func pathAt(b []byte, start, at int) string {
	type level struct {
		array bool
		index int
		key   string
	}
	var stack []level
	end := min(len(b)-pad, at)
	wantKey := false
	for i := start; i <= end && i < len(b)-pad; i++ {
		switch b[i] {
		case '{', '[':
			if i == at {
				end = i // a value that is wrong itself is named by what holds it
				break
			}
			stack = append(stack, level{array: b[i] == '['})
			wantKey = b[i] == '{'
		case '}', ']':
			if len(stack) > 0 && i < at {
				stack = stack[:len(stack)-1]
			}
			wantKey = false
		case ',':
			if n := len(stack); n > 0 && i < at {
				if top := &stack[n-1]; top.array {
					top.index++
				} else {
					top.key, wantKey = "", true
				}
			}
		case '"':
			from := i + 1
			for i++; i < len(b)-pad && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if i = min(i, len(b)-pad); i > at && !wantKey {
				break
			}
			if n := len(stack); wantKey && n > 0 && !stack[n-1].array {
				stack[n-1].key, wantKey = string(b[from:i]), false
			}
		}
	}
	path := ""
	for _, l := range stack {
		switch {
		case l.array:
			path += "[" + strconv.Itoa(l.index) + "]"
		case l.key != "":
			path += "." + shortKey(l.key)
		}
	}
	return path
}

func shortKey(s string) string {
	if q := quoted(s); len(q) != len(s)+2 {
		return q
	}
	return s
}
