package profile

import (
	"strconv"

	"golang.org/x/text/currency"
)

// signs are those that nobody mistakes for another currency's; the others are written with their code.
var signs = map[string]string{"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}

// price writes an amount of money as English does: €5,064.50, CHF 80.00, ¥1,200; 5,064.50 in a currency that is not known.
func price(amount float64, code string) string {
	digits := 2
	if unit, err := currency.ParseISO(code); err == nil {
		digits, _ = currency.Standard.Rounding(unit)
	}
	number := strconv.FormatFloat(amount, 'f', digits, 64)
	minus := ""
	if amount < 0 {
		minus, number = "-", number[1:]
	}
	whole := len(number)
	if digits > 0 {
		whole -= digits + 1
	}
	for at := whole - 3; at > 0; at -= 3 {
		number = number[:at] + "," + number[at:]
	}
	if sign, known := signs[code]; known {
		return minus + sign + number
	}
	if code != "" {
		return minus + code + " " + number
	}
	return minus + number
}
