package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

type summary struct {
	ID, Name, Stage string
}

// found is a page of people, as their names.
func (w *world) found(query url.Values) (names, next string) {
	w.t.Helper()
	var page struct {
		Items []summary
		Next  string
	}
	w.call(http.MethodGet, "/api/v1/people?"+query.Encode(), nil, &page)
	var list []string
	for _, p := range page.Items {
		list = append(list, p.Name)
	}
	slices.Sort(list) // who came in one request has no order
	return strings.Join(list, ","), page.Next
}

func TestPeopleByRuleSegmentStageAndBeginning(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		w.apply(`
kind: segment
name: gold
rule: trait plan = "gold"
---
kind: segment
name: buyers
rule: did "Order Completed" at least 1 times
---
kind: lifecycle
name: ladder
stages:
  - {name: known, rule: everyone}
  - {name: loyal, rule: 'trait plan = "gold"'}
`)
		var list []map[string]any
		for i := range 6 {
			plan := "basic"
			if i%2 == 0 {
				plan = "gold"
			}
			list = append(list, person(fmt.Sprint("u", i), map[string]any{"first_name": fmt.Sprint("Ada", i), "email": mail(i), "plan": plan}))
		}
		w.events(append(list, map[string]any{"type": "track", "userId": "u3", "event": "Order Completed", "properties": map[string]any{"order_id": "X-77"}})...)
		for query, want := range map[string]string{
			"rule=" + url.QueryEscape(`trait plan = "basic"`): "Ada1,Ada3,Ada5",
			"segment=gold": "Ada0,Ada2,Ada4",
			"segment=gold&rule=" + url.QueryEscape(`trait email = "p2@example.org"`): "Ada2",
			"rule=" + url.QueryEscape(`did "Order Completed" at least 1 times`):      "Ada3",
			"stage=loyal":              "Ada0,Ada2,Ada4",
			"stage=known&segment=gold": "",
			"q=ada4":                   "Ada4",
			"q=P5@exam":                "Ada5",
			"q=x-7":                    "Ada3",
			"q=u1":                     "Ada1",
		} {
			values, _ := url.ParseQuery(query)
			w.until(query+" finds "+want, func() bool { got, _ := w.found(values); return got == want }) // segments are built in the background
		}
		for _, query := range []url.Values{{"stage": {"loyal"}}, {"segment": {"gold"}}, {"rule": {`trait plan = "gold"`}}, {"rule": {`trait plan = "gold"`}, "segment": {"gold"}, "stage": {"loyal"}}} {
			query.Set("limit", "2")
			first, next := w.found(query)
			query.Set("after", next)
			rest, end := w.found(query)
			if all := strings.Split(first+","+rest, ","); len(all) != 3 || end != "" || !strings.Contains(first, ",") ||
				!slices.Equal(slices.Sorted(slices.Values(all)), []string{"Ada0", "Ada2", "Ada4"}) {
				t.Errorf("%v: pages %s | %s, then %q", query, first, rest, end)
			}
		}
		for rule, status := range map[string]int{"trait plan = ": 422, `did "Never Counted" at least 1 times`: 503} {
			if got, text := w.do(http.MethodGet, "/api/v1/people?rule="+url.QueryEscape(rule), nil); got != status {
				t.Errorf("rule %s: %d %s", rule, got, text)
			}
		}
	})
}

// A merge is taken back whichever of the two is named: the memory of each goes with whom it is of.
func TestASplitGivesEachTheirMemoryBack(t *testing.T) {
	for _, named := range []string{"ann", "ben"} {
		t.Run(named, func(t *testing.T) {
			each(t, nil, func(t *testing.T, w *world) {
				bought := func(who, order string) map[string]any {
					return map[string]any{"type": "track", "userId": who, "event": "Order Completed", "properties": map[string]any{"order_id": order, "total": 10}}
				}
				w.events(person("ann", map[string]any{"first_name": "Ann", "name": "Ann A", "email": "ann@example.com"}), bought("ann", "a1"), bought("ann", "a2"), person("ben", map[string]any{"first_name": "Ben", "name": "Ben B", "email": "ben@example.com"}), bought("ben", "b1"))
				type one struct {
					ID     string
					Orders struct{ Count int }
					Traits map[string]string
				}
				find := func(who string) (p one) {
					w.call(http.MethodGet, "/api/v1/people?identifier=user_id:"+who, nil, &p)
					return p
				}
				ann, ben := find("ann"), find("ben")
				var merged struct{ Person string }
				w.call(http.MethodPost, "/api/v1/people/"+ann.ID+"/merge", map[string]any{"with": ben.ID}, &merged)
				w.settled()
				if both := find("ben"); both.ID != find("ann").ID || both.Orders.Count != 3 {
					t.Fatalf("merged: %+v", both)
				}
				var split struct{ Person, Other string }
				w.call(http.MethodPost, "/api/v1/people/"+merged.Person+"/split", map[string]any{"identifiers": []string{"user_id:" + named}}, &split)
				if other := map[string]one{"ann": ann, "ben": ben}[named]; split.Other != other.ID || split.Person == other.ID {
					t.Errorf("%+v, but %s is %s", split, named, other.ID)
				}
				w.settled()
				for who, was := range map[string]one{"ann": ann, "ben": ben} {
					if now := find(who); now.ID != was.ID || now.Orders.Count != was.Orders.Count || !maps.Equal(now.Traits, was.Traits) {
						t.Errorf("%s is %+v, was %+v", who, now, was)
					}
				}
			})
		})
	}
}
