package broadcast_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/rule"
)

// counted answers as history does.
type counted [][4]any

func (counted) Dialect() rule.Dialect { return rule.DuckDB }

func (c counted) Query(_ context.Context, _ string, args []any, row func(scan func(dest ...any) error) error) error {
	for _, r := range c {
		err := row(func(dest ...any) error {
			*dest[0].(*string), *dest[1].(*int64), *dest[2].(*int64), *dest[3].(*int64) = r[0].(string), int64(r[1].(int)), int64(r[2].(int)), int64(r[3].(int))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// TestMeasure compares with the published example of Newcombe (1998), table II: 56 of 70 against 48 of 80, method 10, is
// a difference of 0.2 between 0.0524 and 0.3339. Those held out are one group, whichever variant they would have had.
func TestMeasure(t *testing.T) {
	m, err := broadcast.Measure(t.Context(), counted{
		{`{"held_out":false,"variant":"a"}`, 40, 30, 1_000_000}, {`{"held_out":false,"variant":"b"}`, 30, 26, 2_000_000},
		{`{"held_out":true,"variant":"a"}`, 50, 28, 1_500_000}, {`{"held_out":true,"variant":"b"}`, 30, 20, 1_000_000},
	}, "spring", broadcast.Goal{Event: "Bought", Within: heed.Time(time.Hour / time.Microsecond)})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Groups) != 3 || !m.Groups[2].HeldOut || m.Groups[2].People != 80 || m.Groups[2].Reached != 48 || m.Groups[2].Share.Value != 0.6 {
		t.Errorf("%+v", m.Groups)
	}
	if len(m.Effects) != 3 || m.Effects[0].Variant != "" || m.Effects[1].Variant != "a" {
		t.Fatalf("%+v", m.Effects)
	}
	for what, d := range map[string]float64{"difference": m.Effects[0].More.Value - 0.2, "low": m.Effects[0].More.Low - 0.0524, "high": m.Effects[0].More.High - 0.3339} {
		if math.Abs(d) > 0.00005 {
			t.Errorf("%s is off by %v", what, d)
		}
	}
	if m.Open != 2_000_000+heed.Time(time.Hour/time.Microsecond) {
		t.Errorf("open until %s", m.Open)
	}
	nobody, err := broadcast.Measure(t.Context(), counted{{`{"held_out":false,"variant":""}`, 5, 1, 1}}, "spring", broadcast.Goal{Event: "Bought"})
	if err != nil || len(nobody.Effects) != 0 || nobody.Goal.Within == 0 {
		t.Errorf("%+v, %v", nobody, err)
	}
}
