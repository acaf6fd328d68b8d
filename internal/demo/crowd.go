package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// call is one request to the collector: which source sends it, and what.
type call struct {
	Source string
	Event  map[string]any
}

// customer is one simulated person.
type customer struct {
	rnd       *rand.Rand
	n         int
	first     string
	last      string
	country   string
	zone      string
	known     bool // has logged in somewhere
	anonymous string
	taste     product
	basket    *product
	orders    int
	openCase  string
	optedIn   bool
	optedOut  bool
	toDeliver string
	satisfied bool
	sequence  int
}

type product struct {
	SKU, Name, Category string
	Price               float64
}

var (
	firstNames = strings.Fields("Ana Bruno Carla Diogo Elsa Filipe Greta Hugo Inês João Kaja Lena Marek Nora Otto Petra Quim Rosa Sven Tilda Ugo Vera Wim Xenia Yara Zoë")
	lastNames  = strings.Fields("Almeida Berg Costa Dias Eklund Ferreira Groot Holm Ivanova Jansen Kowalska Lima Meyer Novak Oliveira Pereira Quist Rocha Silva Torres Urban Vogel Weber Ziegler")
	places     = [][2]string{{"PT", "Europe/Lisbon"}, {"DE", "Europe/Berlin"}, {"SE", "Europe/Stockholm"}, {"GB", "Europe/London"}, {"US", "America/New_York"}, {"BR", "America/Sao_Paulo"}, {"JP", "Asia/Tokyo"}}
	shelf      = []product{
		{"LS-1", "Linen shirt, sand", "shirts", 59.90}, {"LS-2", "Linen shirt, ink", "shirts", 59.90}, {"LT-1", "Table runner", "home", 34.50},
		{"LB-1", "Bed set, moss", "home", 149.00}, {"LA-1", "Apron", "kitchen", 29.00}, {"LN-6", "Six napkins", "kitchen", 24.00}, {"LD-1", "Summer dress", "dresses", 89.00},
	}
	complaints = []string{"The seam came undone", "The parcel arrived wet", "Wrong colour", "Charged twice"}
	posts      = []string{"How I dye old linen", "Washing at 40 is fine", "A pattern for napkins", "Meet-up in Porto?"}
)

// newCustomer makes the n-th customer: who they are is drawn from who, what they will do from rnd.
func newCustomer(n int, who, rnd *rand.Rand) *customer {
	place := places[who.IntN(len(places))]
	return &customer{
		rnd: rnd, n: n, first: firstNames[who.IntN(len(firstNames))], last: lastNames[who.IntN(len(lastNames))],
		country: place[0], zone: place[1], anonymous: fmt.Sprintf("cookie-%d-%d", n, who.IntN(1e9)), taste: shelf[who.IntN(len(shelf))],
	}
}

func (c *customer) userID() string { return fmt.Sprintf("lumen-%05d", c.n) }

func (c *customer) email() string {
	return strings.ToLower(fmt.Sprintf("%s.%s.%d@mail.example", ascii(c.first), ascii(c.last), c.n))
}

func ascii(s string) string {
	return strings.NewReplacer("ê", "e", "ã", "a", "ë", "e", "ö", "o").Replace(s)
}

func (c *customer) phone() string { return fmt.Sprintf("+3519%08d", 10_000_000+c.n) }

// act does the next thing this customer does, possibly several at once.
func (c *customer) act(now time.Time) []call {
	switch p := c.rnd.Float64(); {
	case c.openCase != "" && p < 0.5:
		return c.resolved(now)
	case c.toDeliver != "" && p < 0.6:
		return c.delivered(now)
	case c.basket != nil && p < 0.55:
		return c.buy(now)
	case !c.known && p < 0.25:
		return c.signUp(now)
	case c.known && p < 0.05:
		return c.callIn(now)
	case c.known && p < 0.12:
		return c.atTheTill(now)
	case c.known && p < 0.18:
		return c.inTheCommunity(now)
	case c.known && !c.optedIn && !c.optedOut && p < 0.30:
		return c.raiseHand(now)
	}
	return c.browse(now)
}

func (c *customer) event(kind, name string, now time.Time, props map[string]any) map[string]any {
	c.sequence++
	e := map[string]any{
		"type": kind, "messageId": fmt.Sprintf("demo-%s-%d-%d", c.anonymous, c.sequence, now.UnixNano()),
		"timestamp": now.UTC().Format(time.RFC3339Nano),
		"context":   map[string]any{"timezone": c.zone, "locale": "en", "userAgent": "Mozilla/5.0 (demo)"},
	}
	switch kind {
	case "identify":
		e["traits"] = props
	default:
		e["properties"] = props
	}
	switch kind {
	case "track":
		e["event"] = name
	case "page", "screen":
		e["name"] = name
	}
	return e
}

// online sends from the web shop or the app, as the browser would: the cookie, and the user once logged in.
func (c *customer) online(kind, name string, now time.Time, props map[string]any) call {
	e := c.event(kind, name, now, props)
	e["anonymousId"] = c.anonymous
	if c.known {
		e["userId"] = c.userID()
	}
	source := "web"
	if c.n%3 == 0 {
		source = "app"
	}
	return call{source, e}
}

// offline sends from a system of the brand, which knows the customer's number only.
func (c *customer) offline(source, name string, now time.Time, props map[string]any) call {
	e := c.event("track", name, now, props)
	e["userId"] = c.userID()
	return call{source, e}
}

func (c *customer) browse(now time.Time) []call {
	p := c.taste
	if c.rnd.IntN(3) == 0 {
		p = shelf[c.rnd.IntN(len(shelf))]
	}
	out := []call{
		c.online("page", p.Name, now, map[string]any{"path": "/p/" + strings.ToLower(p.SKU), "title": p.Name}),
		c.online("track", "Product Viewed", now.Add(time.Second), map[string]any{"sku": p.SKU, "name": p.Name, "category": p.Category, "price": p.Price}),
	}
	if c.basket == nil && c.rnd.IntN(3) == 0 {
		c.basket = &p
		out = append(out, c.online("track", "Product Added", now.Add(2*time.Second), map[string]any{"sku": p.SKU, "name": p.Name, "price": p.Price, "quantity": 1}))
	}
	return out
}

func (c *customer) signUp(now time.Time) []call {
	c.known = true
	return []call{
		c.online("identify", "", now, map[string]any{
			"email": c.email(), "first_name": c.first, "last_name": c.last, "country": c.country, "zone": c.zone, "phone": c.phone(),
		}),
		c.online("track", "Signed Up", now.Add(time.Second), map[string]any{"plan": "free"}),
	}
}

func (c *customer) raiseHand(now time.Time) []call {
	c.optedIn = true
	return []call{c.online("track", "Consent Granted", now, map[string]any{
		"purpose": "stories", "channel": "email", "where": "/checkout", "act": "ticked the box", "text": "Send me stories and offers, twice a week at most.",
	})}
}

func (c *customer) buy(now time.Time) []call {
	p := *c.basket
	c.basket, c.orders = nil, c.orders+1
	var out []call
	if !c.known {
		out = c.signUp(now)
	}
	order := fmt.Sprintf("W-%05d-%d", c.n, c.orders)
	c.toDeliver = order
	return append(out,
		c.online("track", "Checkout Started", now.Add(2*time.Second), map[string]any{"order_id": order, "value": p.Price}),
		c.online("track", "Order Completed", now.Add(3*time.Second), map[string]any{"order_id": order, "revenue": p.Price, "currency": "EUR", "sku": p.SKU, "name": p.Name}))
}

func (c *customer) delivered(now time.Time) []call {
	order := c.toDeliver
	c.toDeliver = ""
	if c.rnd.IntN(8) == 0 {
		c.openCase = "C-" + order
		return []call{
			c.offline("delivery", "Delivery Failed", now, map[string]any{"order_id": order}),
			c.offline("callcentre", "Case Opened", now.Add(time.Second), map[string]any{"case_id": c.openCase, "title": complaints[c.rnd.IntN(len(complaints))], "order_id": order}),
		}
	}
	c.satisfied = true
	return []call{c.offline("delivery", "Order Delivered", now, map[string]any{"order_id": order})}
}

func (c *customer) resolved(now time.Time) []call {
	id := c.openCase
	c.openCase = ""
	return []call{c.offline("callcentre", "Case Closed", now, map[string]any{"case_id": id, "outcome": "replaced"})}
}

func (c *customer) callIn(now time.Time) []call {
	out := []call{c.offline("callcentre", "Call Answered", now, map[string]any{"minutes": 1 + c.rnd.IntN(9), "topic": c.taste.Name})}
	if c.rnd.IntN(2) == 0 {
		out = append(out, c.offline("callcentre", "Promise Made", now.Add(time.Second), map[string]any{
			"promise_id": fmt.Sprintf("P-%d-%d", c.n, c.sequence), "text": "Send the care leaflet for " + c.taste.Name, "due": now.Add(48 * time.Hour).UTC().Format(time.RFC3339), "by": "Call centre",
		}))
	}
	return out
}

func (c *customer) atTheTill(now time.Time) []call {
	c.orders++
	p := shelf[c.rnd.IntN(len(shelf))]
	return []call{c.offline("till", "Order Completed", now, map[string]any{
		"order_id": fmt.Sprintf("S-%05d-%d", c.n, c.orders), "revenue": p.Price, "currency": "EUR", "sku": p.SKU, "name": p.Name, "store": "Porto",
	})}
}

func (c *customer) inTheCommunity(now time.Time) []call {
	if c.satisfied && c.rnd.IntN(2) == 0 {
		c.satisfied = false
		return []call{c.offline("community", "Review Posted", now, map[string]any{"rating": 3 + c.rnd.IntN(3), "sku": c.taste.SKU})}
	}
	return []call{c.offline("community", "Post Written", now, map[string]any{"title": posts[c.rnd.IntN(len(posts))]})}
}
