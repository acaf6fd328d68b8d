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

// Crowd is the brand's customers. Its methods are called one after the other.
type Crowd struct {
	URL       string            // of Heed
	WriteKeys map[string]string // source -> write key
	People    int
	Every     time.Duration // between two customers' acts
	Seed      uint64        // of what they do; who they are stays the same
	Logger    *slog.Logger
	// Mail, if any, is called now and then for customers to look at their mail.
	Mail func(ctx context.Context, rnd *rand.Rand)

	rnd    *rand.Rand
	people []*customer
	client *http.Client
}

func (c *Crowd) gather() {
	if c.people != nil {
		return
	}
	c.rnd, c.client = rand.New(rand.NewPCG(c.Seed, 1)), &http.Client{Timeout: 30 * time.Second}
	who := rand.New(rand.NewPCG(8686, 1))
	for n := range c.People {
		c.people = append(c.people, newCustomer(n, who, c.rnd))
	}
}

// Run lets one customer after the other act until ctx is done.
func (c *Crowd) Run(ctx context.Context) {
	c.gather()
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// A few come often and many now and then.
		who := c.people[int(float64(len(c.people))*c.rnd.Float64()*c.rnd.Float64())]
		for _, one := range who.act(time.Now()) {
			if err := c.send(ctx, one.Source, []map[string]any{one.Event}); err != nil && ctx.Err() == nil {
				c.Logger.Warn("a customer's event was not taken", "source", one.Source, "error", err)
			}
		}
		if c.Mail != nil && n%5 == 0 {
			c.Mail(ctx, c.rnd)
		}
	}
}

// send hands events of one source over, as its system would.
func (c *Crowd) send(ctx context.Context, source string, events []map[string]any) error {
	body, err := json.Marshal(map[string]any{"batch": events, "sentAt": time.Now().UTC()})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/v1/batch", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth(c.WriteKeys[source], "")
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(req)
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
