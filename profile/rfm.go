package profile

import (
	"math"
	"time"

	"github.com/heedcx/heed"
)

// RFM is recency, frequency and monetary value, each as it is and as a score from 1 to 5 (5 is best).
type RFM struct {
	RecencyDays float64 `json:"recency_days"` // whole days since the last order
	Frequency   int64   `json:"frequency"`    // orders
	Monetary    float64 `json:"monetary"`     // revenue in the brand's currency, to the cent
	R           int     `json:"r"`
	F           int     `json:"f"`
	M           int     `json:"m"`
	Label       string  `json:"label"` // champion, loyal, promising, new, needs_attention, at_risk, cannot_lose, hibernating
}

// rfmScale are the four thresholds between the five scores. The brand may set its own under `rfm:`.
type rfmScale struct {
	Recency   [4]float64 `json:"recency"`   // days: at most this for 5, 4, 3, 2
	Frequency [4]float64 `json:"frequency"` // orders: at least this for 2, 3, 4, 5
	Money     [4]float64 `json:"money"`     // revenue: at least this for 2, 3, 4, 5
}

func (s *rfmScale) check() error {
	for name, list := range map[string][4]float64{"recency": s.Recency, "frequency": s.Frequency, "money": s.Money} {
		for i, x := range list {
			if x < 0 || i > 0 && x <= list[i-1] {
				return heed.FieldErrorf("rfm."+name, "want four numbers, each larger than the one before")
			}
		}
	}
	return nil
}

func (c *Config) rfm(o *heed.Orders, now heed.Time) *RFM {
	r := &RFM{
		RecencyDays: max(0, math.Floor(now.Sub(o.Last).Hours()/24)), Frequency: o.Count,
		Monetary: math.Round(o.Revenue*100) / 100, R: 1, F: 1, M: 1,
	}
	for i := range 4 {
		if now.Sub(o.Last) <= time.Duration(c.scale.Recency[i]*24*float64(time.Hour)) && r.R == 1 {
			r.R = 5 - i
		}
		if float64(o.Count) >= c.scale.Frequency[i] {
			r.F = i + 2
		}
		if r.Monetary >= c.scale.Money[i] {
			r.M = i + 2
		}
	}
	r.Label = r.label()
	return r
}

// label names the usual cells of the recency and frequency grid.
func (r *RFM) label() string {
	fm := (r.F + r.M + 1) / 2
	switch {
	case r.R >= 4 && fm >= 4:
		return "champion"
	case r.R >= 4 && r.Frequency == 1:
		return "new"
	case r.R >= 4 && fm <= 2:
		return "promising"
	case r.R >= 3 && fm >= 3:
		return "loyal"
	case r.R == 3:
		return "needs_attention"
	case r.R == 1 && fm >= 4:
		return "cannot_lose"
	case fm >= 3:
		return "at_risk"
	}
	return "hibernating"
}
