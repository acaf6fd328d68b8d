package decide

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/heedcx/heed"
)

// maxAvoid bounds the sentences of Avoid, and maxNamed what one of them names.
const (
	maxAvoid = 8
	maxNamed = 4
)

// Avoid says in plain words what the brand must not do to p now although p would hear it: its relationship rules,
// quiet hours and caps, by purpose and channel, until when and why. What the memory shows by itself is not repeated:
// open cases, bad moments, refusals, muted topics, blocked channels.
func (o *Policy) Avoid(p *heed.Person, now heed.Time) []string {
	v := &view{o: o, p: p, now: now}
	var found []avoidance
	for _, name := range slices.Sorted(maps.Keys(o.purposes)) {
		pu := o.purposes[name]
		if pu == nil || pu.Class == heed.Critical {
			continue
		}
		for _, channel := range o.channels() {
			in := &heed.Intent{Person: p.ID, Channel: channel, Purpose: name, Asked: now}
			if _, _, stop := o.may(in, p, v); stop {
				continue
			}
			found = append(found, o.against(in, pu, p, v)...)
		}
	}
	return sentences(found)
}

// avoidance is one reason for which one purpose must not use one channel now.
type avoidance struct {
	step             int
	purpose, channel string
	until, why       string
}

// against asks each step by itself, because the first that says no would hide the others.
func (o *Policy) against(in *heed.Intent, pu *Purpose, p *heed.Person, v *view) (out []avoidance) {
	note := func(step int, d heed.Decision) {
		head, why, _ := strings.Cut(d.Text, ": ")
		until, ok := strings.CutPrefix(head, "held until ")
		if !ok {
			until = ""
		}
		out = append(out, avoidance{step, first(pu.Title, pu.Name), in.Channel, until, why})
	}
	if d, stop := o.relations(in, pu, p, v.now, v); stop && d.Reason != OpenCase && d.Reason != Recovery {
		note(0, d)
	}
	if d, stop := o.hours(in, pu, v); stop {
		note(1, d)
	}
	if d, stop := o.often(in, pu, p, v); stop {
		note(2, d)
	}
	return out
}

// channels are those on which people write or call, and the brand's own.
func (o *Policy) channels() []string {
	out := []string{"email", "sms", "push", "phone"}
	for _, c := range slices.Sorted(maps.Keys(o.brand.Addresses)) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// sentences says once what holds for several channels, and then once what holds for several purposes.
func sentences(found []avoidance) (out []string) {
	type reason struct {
		step       int
		until, why string
	}
	type line struct {
		reason
		purposes, channels []string
	}
	var lines []line
	for _, a := range found {
		r := reason{a.step, a.until, a.why}
		i := slices.IndexFunc(lines, func(l line) bool { return l.reason == r && l.purposes[0] == a.purpose })
		if i < 0 {
			lines = append(lines, line{r, []string{a.purpose}, nil})
			i = len(lines) - 1
		}
		lines[i].channels = append(lines[i].channels, a.channel)
	}
	var joined []line
	for _, l := range lines {
		i := slices.IndexFunc(joined, func(x line) bool { return x.reason == l.reason && slices.Equal(x.channels, l.channels) })
		if i < 0 {
			joined = append(joined, l)
			continue
		}
		joined[i].purposes = append(joined[i].purposes, l.purposes...)
	}
	slices.SortStableFunc(joined, func(a, b line) int { return cmp.Compare(a.step, b.step) })
	for _, l := range joined[:min(len(joined), maxAvoid)] {
		purposes, channels, why := or(l.purposes), or(l.channels), strings.TrimSuffix(l.why, ".")
		if l.until != "" {
			out = append(out, fmt.Sprintf("Until %s no %s by %s: %s.", l.until, purposes, channels, why))
		} else {
			out = append(out, fmt.Sprintf("No %s by %s: %s.", purposes, channels, why))
		}
	}
	return out
}

// or joins words as people do.
func or(words []string) string {
	if n := len(words); n > maxNamed {
		words = append(slices.Clone(words[:maxNamed-1]), "anything like it")
	}
	n := len(words)
	if n == 1 {
		return words[0]
	}
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
}
