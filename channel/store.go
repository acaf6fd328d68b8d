package channel

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// Secret returns the 32 random bytes that this installation keeps under the name, and makes them the first time.
func Secret(ctx context.Context, d db.DB, name string, now heed.Time) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails since Go 1.24
	var value []byte
	err := d.WriteDurable(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "channel.put_secret", name, fresh, now); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "channel.secret", name).Scan(&value)
	})
	if err == nil && len(value) < 32 {
		err = fmt.Errorf("channel: secret %q is damaged: %d bytes", name, len(value))
	}
	return value, err
}

// Brand is what channels need of the brand's spec.
type Brand struct {
	Name   string `json:"-"`
	Title  string `json:"title"`
	Locale string `json:"locale"`
	Zone   string `json:"zone"`
	// Address is the postal address that many laws want at the foot of a mail.
	Address string `json:"address"`
	Website string `json:"website"`
	// Topics are what people may choose to hear about, or not.
	Topics []string `json:"topics"`
	Sender From     `json:"sender"`
}

// From is who a message comes from.
type From struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	ReplyTo string `json:"reply_to"`
}

// Purpose is what channels need of a purpose's spec.
type Purpose struct {
	Name    string     `json:"-"`
	Title   string     `json:"title"`
	Text    string     `json:"text"` // what the person reads on the preference page
	Class   heed.Class `json:"class"`
	Consent string     `json:"consent"` // opt_in, opt_out, none
	Topics  []string   `json:"topics"`
	// Channels on which the purpose may speak; empty is every channel.
	Channels []string `json:"channels"`
}

// Specs are the brand's documents as of one revision. They are shared: read only.
type Specs struct {
	Revision  int64
	Brand     Brand
	Purposes  map[string]Purpose
	Order     []string // the purposes' names, in order
	Templates map[string]spec.Spec
	Channels  map[string]spec.Spec
}

// Catalog keeps the specs that channels read and loads them again when the brand has changed something.
type Catalog struct {
	DB db.DB

	mu  sync.Mutex
	now *Specs
}

// Get returns the specs as they are.
func (c *Catalog) Get(ctx context.Context) (*Specs, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.DB.Read(ctx, func(q db.Querier) error {
		rev, err := spec.Revision(ctx, q)
		if err != nil || c.now != nil && c.now.Revision == rev {
			return err
		}
		s := &Specs{Revision: rev, Purposes: map[string]Purpose{}}
		if s.Templates, err = byName(ctx, q, spec.Template); err != nil {
			return err
		}
		if s.Channels, err = byName(ctx, q, spec.Channel); err != nil {
			return err
		}
		brands, err := spec.Latest(ctx, q, spec.Brand)
		if err != nil {
			return err
		}
		for _, b := range brands {
			if err := json.Unmarshal(b.Body, &s.Brand); err != nil {
				return fmt.Errorf("brand %s: %w", b.Name, err)
			}
			s.Brand.Name = b.Name
		}
		purposes, err := spec.Latest(ctx, q, spec.Purpose)
		if err != nil {
			return err
		}
		for _, b := range purposes {
			p := Purpose{Name: b.Name}
			if err := json.Unmarshal(b.Body, &p); err != nil {
				return fmt.Errorf("purpose %s: %w", b.Name, err)
			}
			if p.Title == "" {
				p.Title = p.Name
			}
			s.Purposes[p.Name] = p
			s.Order = append(s.Order, p.Name)
		}
		c.now = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("channel: read the brand's specs: %w", err)
	}
	return c.now, nil
}

func byName(ctx context.Context, q db.Querier, kind string) (map[string]spec.Spec, error) {
	list, err := spec.Latest(ctx, q, kind)
	m := make(map[string]spec.Spec, len(list))
	for _, s := range list {
		m[s.Name] = s
	}
	return m, err
}
