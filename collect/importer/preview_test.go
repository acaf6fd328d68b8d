package importer

import (
	"strings"
	"testing"

	"github.com/heedcx/heed"
)

func TestPreview(t *testing.T) {
	m, err := ParseMapping("m", []byte(`kind: import
name: orders
source: shop
delimiter: ";"
event: Order Completed
timestamp: when
ids: {email: mail}
properties: {total: {column: total, type: number}}
`))
	if err != nil {
		t.Fatal(err)
	}
	sample := "mail;when;total\nann@example.com;2026-01-02T10:00:00Z;12.5\nbob@example.com;yesterday;3\n"
	got, err := Preview(m, "orders.csv", sample, heed.Time(1.9e15), 10)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	e := got[0].Event
	if got[0].Line != 2 || e.Name != "Order Completed" || len(e.IDs) != 1 || e.IDs[0].Value != "ann@example.com" || string(e.Properties) != `{"total":12.5}` || e.Timestamp.String() != "2026-01-02T10:00:00Z" {
		t.Errorf("%+v %s", got[0], e.Properties)
	}
	if got[1].Refused == nil || !strings.Contains(got[1].Refused.Error(), "yesterday") {
		t.Errorf("%+v", got[1])
	}
	if d := DelimiterOf(sample); d != ';' {
		t.Errorf("delimiter %c", d)
	}
	header, rows, err := Table(sample, ';', 1)
	if err != nil || len(header) != 3 || len(rows) != 1 || rows[0][2] != "12.5" {
		t.Errorf("%v %v %v", header, rows, err)
	}
}

func TestSuggestedMappingFits(t *testing.T) {
	for name, c := range map[string]struct {
		sample string
		as     string
		first  string
	}{
		"orders.csv": {"InvoiceNo,CustomerID,InvoiceDate,Amount,Note\n536365,17850.0,2010-12-01 08:26:00,2.55,\n536366,17851.0,2010-12-01 08:28:00,1,\n",
			"property user_id timestamp property skip", `{"amount":2.55,"invoice_no":"536365"}`},
		"german.csv": {"Kunden-Nr;E-Mail;Datum\nk1;ann@example.com;02.01.2026\n", "user_id email timestamp", ""},
		"broken.csv": {"Email;Plan\nann@example.com;pro\nnonsense\nbob@example.com;free\n", "email property", `{"plan":"pro"}`},
		"lines.ndjson": {"{\"email\":\"a@x.example\",\"event\":\"Signed Up\",\"at\":\"2026-01-02T10:00:00Z\",\"plan\":\"free\"}\n{\"email\":\"b@x.exa",
			"email event timestamp property", `{"plan":"free"}`},
	} {
		header, rows := TableOf(c.sample, 5)
		delimiter := byte(',')
		if FormatOf(name) == CSV {
			delimiter = DelimiterOf(c.sample)
			var err error
			if header, rows, err = Table(c.sample, delimiter, 5); err != nil {
				t.Fatal(err)
			}
		}
		columns := Columns(header, rows)
		var as []string
		for _, col := range columns {
			as = append(as, col.As)
		}
		if got := strings.Join(as, " "); got != c.as {
			t.Errorf("%s: %s", name, got)
		}
		text := Suggest("try", "shop", "Imported", FormatOf(name), delimiter, columns)
		m, err := ParseMapping("m", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		got, err := Preview(m, name, c.sample, heed.Time(1.9e15), 1)
		if err != nil || len(got) != 1 || got[0].Refused != nil || string(got[0].Event.Properties) != c.first {
			t.Errorf("%s: %+v %v\n%s", name, got, err, text)
		}
		if name == "orders.csv" && got[0].Event.UserID != "17850" {
			t.Errorf("the customer is called %q", got[0].Event.UserID)
		}
	}
}
