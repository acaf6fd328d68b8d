package demo

import (
	"context"
	"fmt"
	"time"
)

// pastDays is how long the brand has been in business: long enough for customers to have come, stayed, and left.
const pastDays = 420

// Past hands over what the customers have done until now, day by day: two in three of them have come before, a few often
// and many now and then, and some have stayed away again. No more than a batch is kept in memory.
func (c *Crowd) Past(ctx context.Context, now time.Time) error {
	c.gather()
	waiting := map[string][]map[string]any{}
	hand := func(source string) error {
		err := c.send(ctx, source, waiting[source])
		if err != nil {
			err = fmt.Errorf("the past of source %s was not taken: %w", source, err)
		}
		waiting[source] = nil
		return err
	}
	for day := pastDays; day >= 0; day-- {
		for n, who := range c.people[:len(c.people)*2/3] {
			joined := pastDays - n*37%pastDays // days ago
			left := -1
			if n%5 == 4 { // one in five does not come back after a while
				left = joined * 3 / 4
			}
			often := 0.6 / (1 + float64(n)/40)
			if day > 60 { // business was slower then
				often /= 6
			}
			if day > joined || day < left || who.rnd.Float64() > often {
				continue
			}
			at := now.Add(-time.Duration(day)*24*time.Hour - time.Duration(who.rnd.IntN(14*3600))*time.Second)
			for range 1 + who.rnd.IntN(4) {
				for _, one := range who.act(at) {
					waiting[one.Source] = append(waiting[one.Source], one.Event)
					if len(waiting[one.Source]) == pastBatch {
						if err := hand(one.Source); err != nil {
							return err
						}
					}
				}
				at = at.Add(time.Duration(1+who.rnd.IntN(10)) * time.Minute)
			}
		}
	}
	for _, source := range Sources {
		if len(waiting[source]) > 0 {
			if err := hand(source); err != nil {
				return err
			}
		}
	}
	return nil
}

const pastBatch = 250 // events of about 500 bytes: well below what a request may carry
