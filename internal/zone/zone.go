// Package zone answers "what time is it for this person?": which IANA zone they live in, along the brand's declared
// chain, and wall-clock arithmetic in it. It reads no clock.
package zone

import (
	"encoding/json"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // so that zones are there on machines without a tz database

	"github.com/heedcx/heed"
)

// Cache loads time zones once. It is safe for concurrent use. The zero value is ready.
type Cache struct {
	zones sync.Map // name -> *time.Location
	once  sync.Once
	lands map[string]string
}

// Load returns the zone of an IANA name such as Europe/Lisbon, nil if there is none. "Local" is none: it would mean
// the machine's zone.
func (c *Cache) Load(name string) *time.Location {
	if z, ok := c.zones.Load(name); ok {
		return z.(*time.Location)
	}
	var loc *time.Location
	// Names come from customers: only what can be a name goes to the file system.
	if name != "" && name != "Local" && len(name) <= 64 && !strings.ContainsAny(name, ".\\ ") {
		if l, err := time.LoadLocation(name); err == nil {
			loc = l
		}
	}
	if loc != nil { // unknown names are not kept: anyone can send a million of them
		c.zones.Store(name, loc)
	}
	return loc
}

// Country returns the zone of a country by its ISO 3166 code, nil where the country has several.
func (c *Cache) Country(code string) *time.Location {
	if len(code) != 2 {
		return nil
	}
	c.once.Do(func() {
		c.lands = map[string]string{}
		for w := range strings.FieldsSeq(countries) {
			k, v, _ := strings.Cut(w, "=")
			c.lands[k] = v
		}
	})
	name, ok := c.lands[code]
	if !ok {
		if name, ok = c.lands[strings.ToUpper(code)]; !ok {
			return nil
		}
	}
	return c.Load(name)
}

// Chain says where a person's zone comes from: the brand's zone_chain and, for the word "brand", its zone.
type Chain struct {
	Words []string // person, country, brand, in the order in which they are asked
	Brand string   // the brand's zone
}

// Of walks the chain for p and returns the zone and the word that gave it; nil and "" when none did.
func (c *Cache) Of(p *heed.Person, chain Chain) (*time.Location, string) {
	for _, w := range chain.Words {
		var loc *time.Location
		switch w {
		case "person":
			if loc = c.Load(p.Preferences.Zone); loc == nil && p.Traits != nil {
				loc = c.Load(text(p.Traits["timezone"].Value))
			}
		case "country":
			loc = c.Country(text(p.Traits["country"].Value))
		case "brand":
			loc = c.Load(chain.Brand)
		}
		if loc != nil {
			return loc, w
		}
	}
	return nil, ""
}

// text reads a JSON string without escapes, the common case, without copying.
func text(v heed.RawValue) string {
	if len(v) < 2 || v[0] != '"' {
		return ""
	}
	s := string(v[1 : len(v)-1])
	if !strings.ContainsAny(s, `\"`) {
		return s
	}
	if json.Unmarshal([]byte(v), &s) != nil {
		return ""
	}
	return s
}
