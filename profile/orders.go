package profile

import (
	"math"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// recentOrders is how many order ids a person's memory knows again, so that the lines of one order count once.
const recentOrders = 32

// order folds a purchase, or one line of it. Orders are counted by their id, revenue is the sum of all lines. A line that
// brings nothing (a gift) or takes back (a cancellation, as a negative amount) is no purchase: it counts as revenue only.
func (s *Stage) order(p *heed.Person, e *heed.Event) string {
	o := orders{&p.Orders}
	n := &s.config.orders
	var id, revenue gjson.Result
	if n.Revenue != "" {
		r := gjson.GetManyBytes(e.Properties, n.ID, n.Revenue)
		id, revenue = r[0], r[1]
	} else {
		r := gjson.GetManyBytes(e.Properties, n.ID, "revenue", "total")
		if id, revenue = r[0], r[1]; !revenue.Exists() {
			revenue = r[2]
		}
	}
	amount := revenue.Float()
	if math.IsNaN(amount) || math.Abs(amount) > 1e12 {
		s.reject(p, e, "event_rejected", e.Name, "its revenue is no amount of money: "+cutText(revenue.Raw, 40))
		amount = 0
	}
	if amount > 0 || !revenue.Exists() {
		key := text(id)
		if key == "" {
			key = e.MessageID // an order without an id is one of its own
		}
		if h := hashText(key); o.see(h, e.Timestamp) && key != e.MessageID {
			s.orders = append(s.orders, order{p.ID, key, h, e.Timestamp})
		}
	}
	o.Revenue = money(o.Revenue + amount)
	line := strconv.FormatFloat(money(amount), 'f', 2, 64)
	if s.config.Currency != "" {
		line += " " + s.config.Currency
	}
	return line
}

type orders struct{ *heed.Orders }

// see counts an order unless it is one of the latest that were counted, and says whether it did.
func (o orders) see(h uint64, at heed.Time) bool {
	fresh := !slices.Contains(o.Recent, h)
	if fresh {
		o.Count++
		if len(o.Recent) >= recentOrders {
			copy(o.Recent, o.Recent[1:])
			o.Recent = o.Recent[:recentOrders-1]
		}
		o.Recent = append(o.Recent, h)
	}
	o.First, o.Last = earlier(o.First, at), max(o.Last, at)
	return fresh
}

// money rounds to a hundredth of a cent after every addition, so that sums come out the same in whatever order.
func money(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// hashText is FNV-1a, cut to 53 bits so that every JSON reader gets it right.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h >> 11
}
