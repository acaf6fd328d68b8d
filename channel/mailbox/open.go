package mailbox

// Summarise reads what a list shows of a mail.
func Summarise(m Mail) Summary { return summary(m, header(m.Data)) }

// Bodies returns the text and the HTML of a mail; "" for what it does not have. The HTML is as it came: show it in a
// sandbox only.
func Bodies(m Mail) (text, html string) { return bodies(m.Data) }

// Headers returns a mail's headers, decoded, one value each.
func Headers(m Mail) map[string]string {
	out := map[string]string{}
	for name, values := range header(m.Data) {
		if len(values) > 0 {
			out[name] = decode(values[0])
		}
	}
	return out
}
