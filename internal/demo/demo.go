package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/heedcx/heed/examples/lumen"
)

// Brand is the folder of specs of the demo brand.
func Brand() fs.FS { return lumen.Brand() }

// Sources of the demo, in the order of their write keys.
var Sources = []string{"web", "app", "till", "callcentre", "community", "delivery"}

// Crowd keeps customers busy until ctx is done.
type Crowd struct {
	URL       string            // of Heed
	WriteKeys map[string]string // source -> write key
	People    int
	Every     time.Duration // between two customers' acts
	Seed      uint64
	Logger    *slog.Logger
	// Mail, if any, is called now and then for customers to look at their mail.
	Mail func(ctx context.Context, rnd *rand.Rand)
}

// Run lets one customer after the other act.
func (c *Crowd) Run(ctx context.Context) {
	rnd := rand.New(rand.NewPCG(c.Seed, 1))
	people := make([]*customer, c.People)
	for i := range people {
		people[i] = newCustomer(i, rnd)
	}
	client := &http.Client{Timeout: 10 * time.Second}
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// A few come often and many now and then.
		who := people[int(float64(len(people))*rnd.Float64()*rnd.Float64())]
		for _, one := range who.act(time.Now()) {
			if err := c.send(ctx, client, one); err != nil && ctx.Err() == nil {
				c.Logger.Warn("a customer's event was not taken", "source", one.Source, "error", err)
			}
		}
		if c.Mail != nil && n%5 == 0 {
			c.Mail(ctx, rnd)
		}
	}
}

func (c *Crowd) send(ctx context.Context, client *http.Client, one call) error {
	body, err := json.Marshal(map[string]any{"batch": []any{one.Event}, "sentAt": time.Now().UTC()})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/v1/batch", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth(c.WriteKeys[one.Source], "")
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 300))
		return fmt.Errorf("%s: %s", res.Status, text)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
