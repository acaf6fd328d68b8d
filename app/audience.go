package app

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/segment"
)

// vocabulary answers api.Audience.
type vocabulary struct{ app *App }

// Bounds of what is looked at for suggestions.
const (
	sampledPeople = 1000
	commonValue   = 3 // so many must have a value before it is suggested
	valuesTime    = 5 * time.Second
	overlapTime   = 10 * time.Second
	// overlapPatience is for how long everybody in the segments is counted; then some are drawn.
	overlapPatience = 300 * time.Millisecond
)

// Vocabulary implements api.Audience.
func (a vocabulary) Vocabulary(ctx context.Context) (v api.Vocabulary, err error) {
	if a.app.history != nil {
		known, err := questions{a.app.history.store, a.app.catalogue}.Catalogue(ctx)
		if err != nil {
			return v, err
		}
		for _, k := range known {
			if t := heed.ParseType(k.Type); t != 0 && (t <= heed.Group || t == heed.Feedback) {
				v.Events = append(v.Events, k)
			}
		}
	}
	var set spec.Set
	var people []*heed.Person
	err = a.app.DB.Read(ctx, func(q db.Querier) (err error) {
		if set, err = spec.Current(ctx, q); err != nil {
			return err
		}
		people, err = a.app.reading.store.Newest(ctx, q, sampledPeople)
		return err
	})
	for _, x := range set.Of(spec.Segment) {
		v.Segments = append(v.Segments, x.Name)
	}
	for _, x := range set.Of(spec.Purpose) {
		v.Purposes = append(v.Purposes, x.Name)
	}
	v.Stages, v.Channels, v.Traits = stagesOf(set), a.app.channelNames(), traitsOf(people)
	return v, err
}

// channelNames are the channels that messages can take.
func (a *App) channelNames() []string {
	return []string{"email", "webhook", "sms", "push", "inapp", "phone"}
}

// stagesOf are the stages of the brand's lifecycle, in their order.
func stagesOf(set spec.Set) (out []string) {
	for _, x := range set.Of(spec.Lifecycle) {
		for _, name := range gjson.GetBytes(x.Body, "stages.#.name").Array() {
			out = append(out, name.Str)
		}
	}
	if out == nil {
		for _, s := range segment.DefaultLadder().Stages {
			out = append(out, s.Name)
		}
	}
	return out
}

// traitsOf lists the traits that people have, one level of objects taken apart.
func traitsOf(people []*heed.Person) []api.KnownTrait {
	kinds := map[string]map[string]int{}
	see := func(name string, v gjson.Result) {
		if kinds[name] == nil {
			kinds[name] = map[string]int{}
		}
		kinds[name][kindOf(v)]++
	}
	for _, p := range people {
		for name, t := range p.Traits {
			v := gjson.Parse(string(t.Value))
			if !v.IsObject() {
				see(name, v)
				continue
			}
			v.ForEach(func(k, inner gjson.Result) bool {
				if !inner.IsObject() {
					see(name+"."+k.Str, inner)
				}
				return true
			})
		}
	}
	var out []api.KnownTrait
	for name, seen := range kinds {
		n := 0
		for _, times := range seen {
			n += times
		}
		one := api.KnownTrait{Name: name, Kind: "mixed", Share: float64(n) / float64(len(people))}
		if len(seen) == 1 {
			for one.Kind = range seen {
			}
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(x, y api.KnownTrait) int {
		return cmp.Or(cmp.Compare(y.Share, x.Share), strings.Compare(x.Name, y.Name))
	})
	return out[:min(len(out), 500)]
}

func kindOf(v gjson.Result) string {
	switch {
	case v.IsArray():
		return "list"
	case v.Type == gjson.Number:
		return "number"
	case v.IsBool():
		return "boolean"
	case v.Type == gjson.String:
		if _, err := time.Parse(time.RFC3339, v.Str); err == nil {
			return "time"
		}
		if _, err := time.Parse(time.DateOnly, v.Str); err == nil {
			return "time"
		}
		return "text"
	}
	return "mixed"
}

// Values implements api.Audience.
func (a vocabulary) Values(ctx context.Context, q api.ValueQuery) ([]api.KnownValue, error) {
	if q.Trait != "" {
		return a.traitValues(ctx, q)
	}
	if a.app.history == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, valuesTime)
	defer cancel()
	list, err := a.app.history.store.Values(ctx, insight.ValueQuery{Type: q.Type, Name: q.Event, Property: strings.Split(q.Property, "."), AtLeast: commonValue, Limit: q.Limit})
	var out []api.KnownValue
	for _, v := range list {
		out = append(out, api.KnownValue{Value: api.JSON(v.JSON), Count: v.Count})
	}
	return out, err
}

func (a vocabulary) traitValues(ctx context.Context, q api.ValueQuery) ([]api.KnownValue, error) {
	var people []*heed.Person
	err := a.app.DB.Read(ctx, func(d db.Querier) (err error) {
		people, err = a.app.reading.store.Newest(ctx, d, sampledPeople)
		return err
	})
	if err != nil {
		return nil, err
	}
	first, rest, deeper := strings.Cut(q.Trait, ".")
	counts := map[string]int64{}
	for _, p := range people {
		v := gjson.Parse(string(p.Traits[first].Value))
		if deeper {
			v = v.Get(gjson.Escape(rest))
		}
		for _, one := range v.Array() { // of a plain value: itself
			if one.Type != gjson.Null && !one.IsObject() && !one.IsArray() && len(one.Raw) <= 200 {
				counts[one.Raw]++
			}
		}
	}
	maps.DeleteFunc(counts, func(_ string, n int64) bool { return n < commonValue })
	var out []api.KnownValue
	for raw, n := range counts {
		if json.Valid([]byte(raw)) {
			out = append(out, api.KnownValue{Value: api.JSON(raw), Count: n})
		}
	}
	slices.SortFunc(out, func(x, y api.KnownValue) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), strings.Compare(string(x.Value), string(y.Value)))
	})
	return out[:min(len(out), q.Limit)], nil
}

// Sizes implements api.Audience.
func (a vocabulary) Sizes(ctx context.Context, name string, days int) ([]api.SizePoint, error) {
	now := a.app.clock.Now()
	var list []segment.Size
	err := a.app.DB.Read(ctx, func(q db.Querier) (err error) {
		if list, err = segment.Sizes(ctx, q, name, now.Add(-time.Duration(days)*24*time.Hour)); err != nil {
			return err
		}
		today := segment.Size{Day: heed.At(now.Std().Truncate(24 * time.Hour))} // as it is now, not as it was noted last
		today.People, err = segment.Count(ctx, q, name)
		if n := len(list); n > 0 && list[n-1].Day == today.Day {
			list = list[:n-1]
		}
		list = append(list, today)
		return err
	})
	out := make([]api.SizePoint, len(list))
	for i, s := range list {
		out[i] = api.SizePoint{Day: api.Time(s.Day), People: s.People}
	}
	return out, err
}

// Overlap implements api.Audience.
func (a vocabulary) Overlap(ctx context.Context, names []string) (api.Overlapping, error) {
	ctx, cancel := context.WithTimeout(ctx, overlapTime)
	defer cancel()
	out, err := segment.Overlap(ctx, a.app.DB, names, overlapPatience)
	if err != nil && ctx.Err() != nil {
		return api.Overlapping{}, heed.Errorf(heed.Unavailable, "Comparing these takes longer than %s. Take the largest segment away.", overlapTime)
	}
	return api.Overlapping(out), err
}

// sizesEvery is how often the sizes of segments are noted; the last note of a day is that day's.
const sizesEvery = 10 * time.Minute

// noteSizes notes the sizes of segments until ctx is done.
func (a *App) noteSizes(ctx context.Context) {
	for ctx.Err() == nil {
		if err := a.DB.Write(ctx, func(tx db.Tx) error { return segment.NoteSizes(ctx, tx, a.clock.Now()) }); err != nil && ctx.Err() == nil {
			a.log.Error("the sizes of segments are not noted; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(sizesEvery):
		}
	}
}
