package load

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The shape of the load: batches of 100 events of about 600 bytes, ten sessions of ten events each, two of them
// identifies. Ids have a fixed width, so that a body is patched, not made.
const (
	batchEvents = 100
	personMark  = "PPPPPPPPP" // 9 digits
	messageMark = "MMMMMMMMMMMMMMMM"
	timeMark    = "TTTTTTTTTTTTTTTTTTTTTTTT" // 2006-01-02T15:04:05.000Z
)

const eventContext = `{"library":{"name":"analytics.js","version":"npm:next-1.70.0"},"locale":"en-GB","timezone":"Europe/Lisbon","page":{"path":"/p/linen-shirt","title":"Linen shirt","url":"https://shop.example/p/linen-shirt","referrer":"https://search.example/"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"}`

// events of one session, in order.
var session = []string{
	`"type":"page","name":"Home","properties":{"path":"/","title":"Home","width":1440}`,
	`"type":"identify","traits":{"email":"p` + personMark + `@load.example","first_name":"Person","plan":"basic","city":"Lisbon","score":17}`,
	`"type":"page","name":"Product","properties":{"path":"/p/linen-shirt","title":"Linen shirt","width":1440}`,
	`"type":"track","event":"Product Viewed","properties":{"sku":"LS-1","name":"Linen shirt","price":59.9,"category":"shirts","color":"sand"}`,
	`"type":"track","event":"Product Added","properties":{"sku":"LS-1","name":"Linen shirt","price":59.9,"category":"shirts","quantity":1}`,
	`"type":"page","name":"Cart","properties":{"path":"/cart","title":"Your cart","width":1440,"items":1}`,
	`"type":"identify","traits":{"email":"p` + personMark + `@load.example","phone":"+351912000000","country":"PT","zone":"Europe/Lisbon"}`,
	`"type":"track","event":"Checkout Started","properties":{"order_id":"o-` + messageMark + `","value":59.9,"currency":"EUR","step":1}`,
	`"type":"track","event":"Order Completed","properties":{"order_id":"o-` + messageMark + `","revenue":59.9,"currency":"EUR","products":[{"sku":"LS-1","quantity":1}]}`,
	`"type":"page","name":"Thanks","properties":{"path":"/thanks","title":"Thank you","width":1440}`,
}

// joining is a person who comes in: known at once, and on the way through a journey that waits until dueMark.
var joining = []string{
	`"type":"identify","traits":{"email":"p` + personMark + `@load.example","first_name":"Person","country":"PT","due_at":"` + dueMark + `"}`,
	`"type":"track","event":"Joined","properties":{"plan":"basic"}`,
}

const dueMark = "DDDDDDDDDDDDDDDDDDDD" // 2006-01-02T15:04:05Z

// body is a request body with the places to patch.
type body struct {
	bytes    []byte
	events   int     // in it
	each     int     // events a person
	persons  [][]int // per session
	messages [][]int // per event
	times    []int
}

// makeBody lays out a batch of n events that follow the script, or a single track call when n is 0. due replaces
// dueMark.
func makeBody(script []string, n int, due time.Time) *body {
	b := &body{events: max(n, 1), each: len(script)}
	var buf bytes.Buffer
	if n > 0 {
		buf.WriteString(`{"batch":[`)
	}
	for i := range b.events {
		if i%b.each == 0 {
			b.persons = append(b.persons, nil)
		}
		if i > 0 {
			buf.WriteByte(',')
		}
		from := buf.Len()
		kind := strings.ReplaceAll(script[i%b.each], dueMark, due.UTC().Format(time.RFC3339))
		if n == 0 {
			kind = session[3]
		}
		fmt.Fprintf(&buf, `{%s,"messageId":"heed-load-%s","userId":"u%s","anonymousId":"a%s","timestamp":"%s","context":%s}`,
			kind, messageMark, personMark, personMark, timeMark, eventContext)
		text := buf.Bytes()[from:]
		b.persons[i/b.each] = append(b.persons[i/b.each], find(text, personMark, from)...)
		b.messages = append(b.messages, find(text, messageMark, from))
		b.times = append(b.times, find(text, timeMark, from)...)
	}
	if n > 0 {
		buf.WriteString(`],"sentAt":"` + timeMark + `"}`)
	}
	b.bytes = buf.Bytes()
	b.times = find(b.bytes, timeMark, 0)
	return b
}

func find(text []byte, mark string, offset int) []int {
	var at []int
	for i := 0; ; {
		n := bytes.Index(text[i:], []byte(mark))
		if n < 0 {
			return at
		}
		at = append(at, offset+i+n)
		i += n + len(mark)
	}
}

// fill patches in fresh message ids from next on, the given person for each session, and the time.
func (b *body) fill(next uint64, person func(session int) int, now time.Time) {
	var digits [16]byte
	for s, places := range b.persons {
		text := pad(digits[:len(personMark)], uint64(person(s)), 10)
		for _, at := range places {
			copy(b.bytes[at:], text)
		}
	}
	for i, places := range b.messages {
		text := pad(digits[:len(messageMark)], next+uint64(i), 16)
		for _, at := range places {
			copy(b.bytes[at:], text)
		}
	}
	text := now.UTC().Format("2006-01-02T15:04:05.000Z")
	for _, at := range b.times {
		copy(b.bytes[at:], text)
	}
}

func pad(into []byte, n uint64, base int) []byte {
	var buf [20]byte
	text := strconv.AppendUint(buf[:0], n, base)
	for i := range into {
		into[i] = '0'
	}
	copy(into[max(0, len(into)-len(text)):], text[max(0, len(text)-len(into)):])
	return into
}
