package clickhouse

import (
	"fmt"
	"strconv"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/heedcx/heed"
)

// bind turns $1, $2, ... into the server's own typed parameters, so that no value ever becomes text of a statement.
// Quoted texts, quoted names and comments stay as they are.
func bind(text string, args []any) (string, driver.Parameters, error) {
	params, types := driver.Parameters{}, make([]string, len(args))
	for i, a := range args {
		value, typ, err := parameter(a)
		if err != nil {
			return "", nil, err
		}
		params["p"+strconv.Itoa(i+1)], types[i] = value, typ
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		end := i + 1
		switch c := text[i]; {
		case c == '\'' || c == '"' || c == '`':
			end = quoted(text, i)
		case strings.HasPrefix(text[i:], "--"):
			end = after(text, i, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			end = after(text, i+2, "*/")
		case c == '$':
			for end < len(text) && '0' <= text[end] && text[end] <= '9' {
				end++
			}
			if n, err := strconv.Atoi(text[i+1 : end]); err == nil {
				if n < 1 || n > len(args) {
					return "", nil, heed.Errorf(heed.Invalid, "The query names $%d, but %d values came with it.", n, len(args))
				}
				fmt.Fprintf(&b, "{p%d:%s}", n, types[n-1])
				i = end
				continue
			}
		}
		b.WriteString(text[i:end])
		i = end
	}
	return b.String(), params, nil
}

// quoted is where the quoted stretch that begins at i ends.
func quoted(text string, i int) int {
	for end := i + 1; end < len(text); end++ {
		switch text[end] {
		case '\\':
			end++
		case text[i]:
			return end + 1
		}
	}
	return len(text)
}

// after is the place behind the next mark from i on.
func after(text string, i int, mark string) int {
	if n := strings.Index(text[min(i, len(text)):], mark); n >= 0 {
		return i + n + len(mark)
	}
	return len(text)
}

// parameter writes a value as a parameter travels, and names its type. Texts are escaped as the server reads them.
func parameter(v any) (value, typ string, err error) {
	switch v := v.(type) {
	case string:
		return escaper.Replace(v), "String", nil
	case heed.RawJSON:
		return escaper.Replace(string(v)), "String", nil
	case heed.RawValue:
		return escaper.Replace(string(v)), "String", nil
	case heed.Direction:
		return escaper.Replace(string(v)), "String", nil
	case heed.ID:
		return v.String(), "UUID", nil
	case heed.Time:
		return strconv.FormatInt(int64(v), 10), "Int64", nil
	case int64:
		return strconv.FormatInt(v, 10), "Int64", nil
	case int:
		return strconv.Itoa(v), "Int64", nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), "Float64", nil
	case bool:
		return strconv.FormatBool(v), "Bool", nil
	}
	return "", "", fmt.Errorf("insight/clickhouse: %T is no parameter", v)
}

var escaper = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\b", `\b`, "\f", `\f`)
