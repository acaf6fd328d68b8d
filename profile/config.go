package profile

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
)

// Config is what memory takes from the brand spec.
type Config struct {
	Currency string
	orders   orderNames
	moments  map[string][]momentRule // by event name
	recovery heed.Time
	scale    rfmScale
}

type orderNames struct {
	Event   string `json:"event"`
	ID      string `json:"id"`
	Revenue string `json:"revenue"`
}

type momentRule struct {
	good  bool
	where *rule.CounterSpec // nil: always
	topic string            // the property that says what it was about
}

type brandPart struct {
	Currency string     `json:"currency"`
	Orders   orderNames `json:"orders"`
	Moments  struct {
		Good []momentSpec `json:"good"`
		Bad  []momentSpec `json:"bad"`
	} `json:"moments"`
	Recovery string    `json:"recovery_window"`
	RFM      *rfmScale `json:"rfm"`
}

type momentSpec struct {
	Event string `json:"event"`
	Where string `json:"where"`
	Topic string `json:"topic"` // a property; default "topic"
}

// FromBrand reads the configuration from a brand spec's body; an empty one gives the defaults.
func FromBrand(body heed.RawJSON) (*Config, error) {
	var p brandPart
	if len(body) > 0 {
		if err := json.Unmarshal(body, &p); err != nil {
			return nil, heed.FieldErrorf("brand", "%v", err)
		}
	}
	c := &Config{Currency: p.Currency, orders: p.Orders, moments: map[string][]momentRule{}, recovery: heed.Time(7 * 24 * 3600 * 1e6)}
	c.scale = rfmScale{Recency: [4]float64{30, 90, 180, 365}, Frequency: [4]float64{2, 3, 5, 10}, Money: [4]float64{50, 150, 500, 1500}}
	if p.RFM != nil {
		c.scale = *p.RFM
		if err := c.scale.check(); err != nil {
			return nil, err
		}
	}
	if c.orders.Event == "" {
		c.orders.Event = "Order Completed"
	}
	if c.orders.ID == "" {
		c.orders.ID = "order_id"
	}
	if p.Recovery != "" {
		d, err := rule.ParseDuration(p.Recovery)
		if err != nil {
			return nil, heed.FieldErrorf("recovery_window", "%v", err)
		}
		c.recovery = heed.Time(d)
	}
	for good, list := range map[bool][]momentSpec{true: p.Moments.Good, false: p.Moments.Bad} {
		for i, m := range list {
			r, err := m.compile(good)
			if err != nil {
				return nil, heed.FieldErrorf(fmt.Sprintf("moments.%s[%d]", map[bool]string{true: "good", false: "bad"}[good], i), "%v", err)
			}
			c.moments[m.Event] = append(c.moments[m.Event], r)
		}
	}
	return c, nil
}

func (m momentSpec) compile(good bool) (momentRule, error) {
	r := momentRule{good: good, topic: m.Topic}
	if m.Event == "" {
		return r, heed.FieldErrorf("event", "say which event is the experience")
	}
	if r.topic == "" {
		r.topic = "topic"
	}
	if m.Where == "" {
		return r, nil
	}
	// The same words as in a segment: did "Review Posted" where properties.rating >= 4.
	asked, err := rule.Parse(fmt.Sprintf("did %q where %s", m.Event, m.Where))
	if err != nil {
		return r, err
	}
	counters := asked.Counters()
	if len(counters) != 1 || asked.Expr().Kind != rule.Did {
		return r, heed.FieldErrorf("where", "it may look at the event only, as in 'properties.rating >= 4'")
	}
	r.where = &counters[0]
	return r, nil
}

// LoadConfig reads the brand's configuration.
func LoadConfig(ctx context.Context, q db.Querier) (*Config, error) {
	brands, err := spec.Latest(ctx, q, spec.Brand)
	if err != nil {
		return nil, err
	}
	if len(brands) == 0 {
		return FromBrand(nil)
	}
	return FromBrand(brands[0].Body)
}

// CheckSpec checks what the brand spec says about orders and moments.
func CheckSpec(kind string, s spec.Spec, _ spec.Set) []error {
	if kind != spec.Brand {
		return nil
	}
	if _, err := FromBrand(s.Body); err != nil {
		return []error{fmt.Errorf("brand %s: %w", s.Name, err)}
	}
	return nil
}
