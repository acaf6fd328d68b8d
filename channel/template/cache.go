package template

import (
	"sync"

	"github.com/heedcx/heed/internal/spec"
)

// maxCached bounds a Cache; a brand has hundreds of templates, not thousands.
const maxCached = 2000

// Cache keeps compiled templates, one per version of a spec. The zero value is ready.
type Cache struct {
	mu sync.RWMutex
	m  map[cacheKey]cached
}

type cacheKey struct {
	name    string
	version int
}

type cached struct {
	c   *Compiled
	err error
}

// Get returns the compiled template of a spec. A spec that does not compile is remembered too.
func (c *Cache) Get(s spec.Spec) (*Compiled, error) {
	key := cacheKey{s.Name, s.Version}
	c.mu.RLock()
	got, ok := c.m[key]
	c.mu.RUnlock()
	if ok {
		return got.c, got.err
	}
	t, err := Compile(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= maxCached {
		c.m = map[cacheKey]cached{}
	}
	c.m[key] = cached{t, err}
	return t, err
}
