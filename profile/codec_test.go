package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/heedcx/heed"
)

// TestCodecKeepsEverything compares with Go's own encoding on a full document.
func TestCodecKeepsEverything(t *testing.T) {
	c := newCodec()
	_, p := ana(t)
	p.Counters = map[string]*heed.Counter{"c": {N: 3, First: 1, Last: 9, Recent: []heed.Time{9, 5, 1}}}
	p.Contacts = []heed.Contact{{At: 1, Message: heed.ID{1, 2, 3}, Channel: "email", Purpose: "x"}}
	p.Traits["odd"] = heed.Trait{Value: heed.RawValue(`{"a":"<\u2028é\\\"","n":1.0e3,"deep":[[{}]]}`), At: 4}
	p.Preferences.Topics = []string{"a\"b", "é\x00"}
	doc, err := c.encode(p)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(doc)) {
		t.Fatalf("no JSON: %s", doc)
	}
	var ours, theirs heed.Person
	if err := c.decode(doc, &ours); err != nil {
		t.Fatal(err)
	}
	std, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(std, &theirs); err != nil {
		t.Fatal(err)
	}
	if a, b := view(&ours), view(&theirs); a != b {
		t.Errorf("the codec and encoding/json differ:\n%s\n%s", a, b)
	}
	if fmt.Sprint(ours.Contacts) != fmt.Sprint(p.Contacts) {
		t.Errorf("contacts %v", ours.Contacts)
	}
}

// TestCodecKnowsEveryField fills every field of a person by reflection and compares with Go's own encoding, both ways: a
// field that is added to heed.Person and not to the codec fails here.
func TestCodecKnowsEveryField(t *testing.T) {
	var full heed.Person
	n := int64(1 << 40)
	fill(reflect.ValueOf(&full).Elem(), &n)
	std, err := json.Marshal(&full)
	if err != nil {
		t.Fatal(err)
	}
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, std, " ", "\t"); err != nil {
		t.Fatal(err)
	}
	c := newCodec()
	doc, err := c.encode(&full)
	if err != nil {
		t.Fatal(err)
	}
	var want, theirs heed.Person
	if err := json.Unmarshal(std, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(doc), &theirs); err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	if !reflect.DeepEqual(want, theirs) {
		t.Errorf("what we write is not what was there:\n%+v\n%+v", want, theirs)
	}
	for _, text := range []string{string(std), spaced.String(), doc} {
		var ours heed.Person
		if err := c.decode(text, &ours); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if !reflect.DeepEqual(want, ours) {
			t.Errorf("what we read is not what was written:\n%+v\n%+v", want, ours)
		}
	}
	var none heed.Person
	if doc, err := c.encode(&none); err != nil || doc != "{}" {
		t.Errorf("nobody is %s, %v", doc, err)
	}
}

// fill sets v and everything in it to something that is not zero, each number another one.
func fill(v reflect.Value, n *int64) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				fill(v.Field(i), n)
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, k := range []string{"k", "a\"\\\n<é>"} {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(e, n)
			v.SetMapIndex(reflect.ValueOf(k), e)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			fill(v.Index(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(*n+int64(i)) & 0xff)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.String:
		v.SetString(fmt.Sprintf(`"\u00e9 \"%d\" \\ \b"`, *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*n) / 7)
	case reflect.Uint64:
		v.SetUint(1<<63 + uint64(*n))
	default:
		v.SetInt(*n)
	}
}

// FuzzDecode holds the reader to its promises on any input: it ends, and what it takes it writes again.
func FuzzDecode(f *testing.F) {
	c := newCodec()
	_, p := ana(f)
	doc, err := c.encode(p)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{doc, "", "{", "{}", `{"t":{"a":{"v":[1,{"b":"}"}],"t":-5}}}`, `{"n":{"x":{"r":[3,2,1]}},"zz":[[]],"ls":1e3}`, `{"st":"\ud83d`, `{"t":null,"h":[null]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var first, second heed.Person
		if c.decode(s, &first) != nil || !json.Valid([]byte(s)) {
			return
		}
		again, err := c.encode(&first)
		if err != nil {
			return
		}
		if err := c.decode(again, &second); err != nil {
			t.Fatalf("%v: %s", err, again)
		}
		if a, b := view(&first), view(&second); a != b {
			t.Errorf("%s\n%s", a, b)
		}
	})
}
