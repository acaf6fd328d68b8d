package identity

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// Person is the pseudo namespace of a person's own id, for server keys and our own feedback events: person_id:UUID.
const Person = "person_id"

// Namespace says how identifiers of one kind behave.
type Namespace struct {
	// Limit is how many of them one person may have before further ones are not linked. user_id is always 1.
	Limit int `json:"limit"`
	// Priority orders them: the lowest of an event's identifiers says whose event it is.
	Priority int `json:"priority"`
	// Anonymous ones name a thing (a browser, a device), not somebody we know.
	Anonymous bool `json:"anonymous"`
}

// Config is what identity takes from the brand spec. It is not changed once made.
type Config struct {
	region     string
	namespaces map[string]Namespace
	blocked    map[string]bool
	public     map[string]bool
}

// shared is from how many different user ids on an anonymous id is called a kiosk.
const shared = 5

// maxLinks bounds how many others one anonymous or contact identifier may be linked to; more evidence is not kept.
const maxLinks = 64

// maxValue is the longest identifier, in bytes; longer ones are no identifiers.
const maxValue = 256

func defaults() *Config {
	return &Config{
		region: "US",
		namespaces: map[string]Namespace{
			heed.UserID:      {Limit: 1, Priority: 0},
			heed.Email:       {Limit: 5, Priority: 20},
			heed.Phone:       {Limit: 5, Priority: 30},
			heed.AnonymousID: {Limit: 100, Priority: 80, Anonymous: true},
			heed.Device:      {Limit: 50, Priority: 90, Anonymous: true},
		},
		blocked: map[string]bool{
			"": true, "null": true, "undefined": true, "anonymous": true, "none": true, "nan": true, "nil": true,
			"0": true, "true": true, "false": true, "unknown": true, "guest": true, "n/a": true, "na": true, "-": true,
			"(null)": true, "[object object]": true, "not_set": true, "(not set)": true, "test": true,
			"default": true, "empty": true, "id": true, "user_id": true, "userid": true, "anonymous_id": true, "visitor": true,
		},
		public: map[string]bool{heed.UserID: true, heed.AnonymousID: true, heed.Device: true},
	}
}

// custom is how a namespace behaves that the brand does not configure.
var custom = Namespace{Limit: 10, Priority: 50}

// Default is the configuration of a brand that says nothing about identity.
func Default() *Config { return defaults() }

// brandPart is the part of the brand spec that identity reads.
type brandPart struct {
	Country  string `json:"country"`
	Identity struct {
		Region     string               `json:"region"`     // default region of phone numbers, ISO 3166: PT
		Namespaces map[string]Namespace `json:"namespaces"` // further ones, or other limits
		Blocked    []string             `json:"blocked"`    // further values that name nobody
		Allowed    []string             `json:"allowed"`    // values to take off the built-in list
		Public     []string             `json:"public"`     // namespaces that a public write key may use
	} `json:"identity"`
}

var namespaceName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// FromBrand reads the configuration from a brand spec's body. A brand without the part gets the defaults.
func FromBrand(body heed.RawJSON) (*Config, error) {
	c := defaults()
	var p brandPart
	if len(body) > 0 {
		if err := json.Unmarshal(body, &p); err != nil {
			return nil, heed.FieldErrorf("identity", "%v", err)
		}
	}
	if r := p.Identity.Region; r != "" {
		c.region = strings.ToUpper(r)
	} else if len(p.Country) == 2 {
		c.region = strings.ToUpper(p.Country)
	}
	if len(c.region) != 2 {
		return nil, heed.FieldErrorf("identity.region", "want the two letters of a country, such as PT, not %q", c.region)
	}
	for name, n := range p.Identity.Namespaces {
		if !namespaceName.MatchString(name) || name == Person {
			return nil, heed.FieldErrorf("identity.namespaces", "%q is no name for a namespace: small letters, digits and _, at most 40, and not %q", name, Person)
		}
		was, known := c.namespaces[name]
		if !known {
			was = custom
		} else {
			n.Anonymous = was.Anonymous
		}
		if n.Limit == 0 {
			n.Limit = was.Limit
		}
		if n.Priority == 0 {
			n.Priority = was.Priority
		}
		if n.Limit < 1 || n.Limit > 1000 {
			return nil, heed.FieldErrorf("identity.namespaces."+name+".limit", "want 1 to 1000, got %d", n.Limit)
		}
		if name == heed.UserID && (n.Limit != 1 || n.Priority != 0) {
			return nil, heed.FieldErrorf("identity.namespaces.user_id", "a person has one user id, and it goes first; leave limit and priority out")
		}
		c.namespaces[name] = n
	}
	for _, v := range p.Identity.Blocked {
		c.blocked[strings.ToLower(strings.TrimSpace(v))] = true
	}
	for _, v := range p.Identity.Allowed {
		delete(c.blocked, strings.ToLower(strings.TrimSpace(v)))
	}
	if p.Identity.Public != nil {
		c.public = map[string]bool{}
		for _, ns := range p.Identity.Public {
			c.public[ns] = true
		}
	}
	return c, nil
}

// CheckSpec checks what the brand spec says about identity. See [spec.Set] for all.
func CheckSpec(kind string, s spec.Spec, _ spec.Set) []error {
	if kind != spec.Brand {
		return nil
	}
	if _, err := FromBrand(s.Body); err != nil {
		return []error{fmt.Errorf("brand %s: %w", s.Name, err)}
	}
	return nil
}

func (c *Config) namespace(name string) Namespace {
	if n, ok := c.namespaces[name]; ok {
		return n
	}
	return custom
}
