package decide

import (
	"encoding/json"

	"github.com/heedcx/heed"
)

// Past is a decision that was made, to be made again under another policy.
type Past struct {
	// Inputs are what the ledger stored: see Inputs.
	Inputs []byte
	// Contacts are what caps count, oldest first, in place of the contacts on record: a record holds those only that a
	// cap of its time could count. Nil takes the record's.
	Contacts []heed.Contact
	// Today is the person as they are now, nil when nobody knows them any more. It is asked where the record is silent.
	Today *heed.Person
	// Holds says whether the answer on record of a relationship rule is an answer to the rule's text of today. Nil: none is.
	Holds func(rule string) bool
}

// Rehearse decides once more under o, which may be a draft. guessed says that the answer also rests on what is known of
// the person today, since the record does not hold what o asks: a rule that there was not, cases and moments of a purpose
// that did not sell. Its error is that of Replay.
func Rehearse(o *Policy, past Past) (d heed.Decision, guessed bool, err error) {
	var s inputs
	if err := json.Unmarshal(past.Inputs, &s); err != nil {
		return d, false, heed.Errorf(heed.Invalid, "These are not the inputs of a decision: %v", err)
	}
	v := &view{o: o, now: s.Now, recorded: map[string]ruled{}, today: past.Today}
	for _, r := range s.Rules {
		if past.Holds != nil && past.Holds(r.Name) {
			v.recorded[r.Name] = r
		}
	}
	if !s.Nobody {
		v.p = s.person(o)
		if past.Contacts != nil {
			v.p.Contacts = past.Contacts
		}
		if pu := o.purposes[s.Purpose]; pu != nil && pu.Selling && past.Today != nil && len(s.Cases)+len(s.Moments) == 0 {
			v.guessed = remember(v.p, past.Today, s.Now)
		}
	}
	d = o.decide(s.candidate(), v.p, v)
	return d, v.guessed, nil
}

// remember gives p the cases and moments of today that there were at t, and says whether there were any.
func remember(p, today *heed.Person, t heed.Time) bool {
	for _, k := range today.Cases {
		if k.Opened > t {
			continue
		}
		if k.Closed > t {
			k.Closed = 0
		}
		p.Cases = append(p.Cases, k)
	}
	for _, m := range today.Moments {
		if m.At <= t {
			p.Moments = append(p.Moments, m)
		}
	}
	return len(p.Cases)+len(p.Moments) > 0
}
