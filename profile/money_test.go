package profile

import "testing"

func TestPrice(t *testing.T) {
	for _, c := range []struct {
		amount float64
		code   string
		want   string
	}{
		{5064.5, "EUR", "€5,064.50"}, {59.9, "GBP", "£59.90"}, {1234567, "USD", "$1,234,567.00"}, {1200, "JPY", "¥1,200"},
		{80, "CHF", "CHF 80.00"}, {1234.567, "KWD", "KWD 1,234.567"}, {999.999, "EUR", "€1,000.00"}, {0, "EUR", "€0.00"},
		{-1500, "EUR", "-€1,500.00"}, {5064.5, "", "5,064.50"}, {1, "points", "points 1.00"},
	} {
		if got := price(c.amount, c.code); got != c.want {
			t.Errorf("%v %s: got %q, want %q", c.amount, c.code, got, c.want)
		}
	}
}
