package words

import "reflect"

// Answer says the sentences of an answer in the language: the texts of the fields that have the tag say:"sentence", or
// say:"parts" for a sentence of parts with commas between. What it is given is not changed: answers may be shared.
func (l *Language) Answer(answer any) any {
	v := reflect.ValueOf(answer)
	if !v.IsValid() || !l.speaks(v.Type()) {
		return answer
	}
	return l.answer(v, "").Interface()
}

func (l *Language) answer(v reflect.Value, tag string) reflect.Value {
	switch v.Kind() {
	case reflect.String:
		said := reflect.New(v.Type()).Elem()
		if tag == "parts" {
			said.SetString(l.parts(v.String()))
		} else {
			said.SetString(l.Say(v.String()))
		}
		return said
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		to := reflect.New(v.Type().Elem())
		to.Elem().Set(l.answer(v.Elem(), tag))
		return to
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			to.Index(i).Set(l.answer(v.Index(i), tag))
		}
		return to
	case reflect.Struct:
		to := reflect.New(v.Type()).Elem()
		to.Set(v)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if tag := f.Tag.Get("say"); f.IsExported() && (tag != "" || l.speaks(f.Type)) {
				to.Field(i).Set(l.answer(v.Field(i), tag))
			}
		}
		return to
	}
	return v
}

// speaks says whether there is a sentence anywhere in values of the type.
func (l *Language) speaks(t reflect.Type) bool {
	if is, ok := l.types.Load(t); ok {
		return is.(bool)
	}
	is := speaksUnless(t, map[reflect.Type]bool{})
	l.types.Store(t, is)
	return is
}

func speaksUnless(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return speaksUnless(t.Elem(), seen)
	case reflect.Struct:
		if seen[t] {
			return false
		}
		seen[t] = true
		for i := range t.NumField() {
			f := t.Field(i)
			if f.IsExported() && (f.Tag.Get("say") != "" || speaksUnless(f.Type, seen)) {
				return true
			}
		}
	}
	return false
}
