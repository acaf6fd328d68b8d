package profile

import "github.com/tidwall/gjson"

// unique takes keys out of a JSON value that come twice in one object: the first counts. PostgreSQL would keep the last
// one, and a trait would be another one after it was stored than before.
func unique(raw string) string {
	if raw == "" || raw[0] != '{' && raw[0] != '[' {
		return raw
	}
	v := gjson.Parse(raw)
	if !twice(v) {
		return raw
	}
	return string(appendUnique(make([]byte, 0, len(raw)), v))
}

func twice(v gjson.Result) (found bool) {
	var keys map[string]bool
	if v.IsObject() {
		keys = map[string]bool{}
	}
	v.ForEach(func(k, in gjson.Result) bool {
		if keys != nil {
			found = keys[k.Str]
			keys[k.Str] = true
		}
		found = found || (in.IsObject() || in.IsArray()) && twice(in)
		return !found
	})
	return found
}

func appendUnique(b []byte, v gjson.Result) []byte {
	if !v.IsObject() && !v.IsArray() {
		return append(b, v.Raw...)
	}
	keys := map[string]bool{}
	b = append(b, v.Raw[0])
	first := true
	v.ForEach(func(k, in gjson.Result) bool {
		if v.IsObject() {
			if keys[k.Str] {
				return true
			}
			keys[k.Str] = true
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		if v.IsObject() {
			b = append(append(b, k.Raw...), ':')
		}
		b = appendUnique(b, in)
		return true
	})
	return append(b, v.Raw[len(v.Raw)-1])
}
