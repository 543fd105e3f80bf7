// Package figures shows structs of counters with their names: as one line for people,
// for log/slog, as JSON, and as a list for whoever keeps them.
//
// The names are those of the fields, in lowerCamelCase, so that encoding/json reads
// back what it is given here. Fields that are structs are groups, unless they have a
// String method of their own.
package figures

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Text is one line, "sent=3 drops.hwm=1": what is zero is left out, and "nothing yet"
// stands for nothing but zeros.
func Text(stats any) string {
	var b strings.Builder
	walk(reflect.ValueOf(stats), "", func(name string, v reflect.Value) {
		if v.IsZero() {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s=%v", name, v.Interface())
	})
	if b.Len() == 0 {
		return "nothing yet"
	}
	return b.String()
}

// Value is the figures as a group for log/slog.
func Value(stats any) slog.Value { return value(reflect.ValueOf(stats)) }

func value(v reflect.Value) slog.Value {
	var attrs []slog.Attr
	for i, name := range namesOf(v.Type()) {
		switch f := v.Field(i); {
		case name == "":
		case group(f):
			attrs = append(attrs, slog.Attr{Key: name, Value: value(f)})
		default:
			attrs = append(attrs, slog.Any(name, f.Interface()))
		}
	}
	return slog.GroupValue(attrs...)
}

// JSON is an object with all figures, in the order of the fields.
func JSON(stats any) ([]byte, error) { return appendJSON(nil, reflect.ValueOf(stats)) }

func appendJSON(b []byte, v reflect.Value) (_ []byte, err error) {
	b = append(b, '{')
	first := true
	for i, name := range namesOf(v.Type()) {
		if name == "" {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '"')
		b = append(b, name...) // an identifier: nothing to escape
		b = append(b, `":`...)
		f := v.Field(i)
		if group(f) {
			if b, err = appendJSON(b, f); err != nil {
				return nil, err
			}
			continue
		}
		text, err := json.Marshal(f.Interface())
		if err != nil {
			return nil, err
		}
		b = append(b, text...)
	}
	return append(b, '}'), nil
}

// A Figure is one number. Names of fields in groups are joined by a dot.
type Figure struct {
	Name  string
	Value float64
	Total bool // it only grows: a counter; the others say how things stand
}

// List is the figures that are numbers, in the order of the fields. Unsigned ones are
// totals, all others are levels. Durations are in seconds.
func List(stats any) (list []Figure) {
	walk(reflect.ValueOf(stats), "", func(name string, v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[time.Duration]():
			list = append(list, Figure{Name: name, Value: time.Duration(v.Int()).Seconds()})
		case v.CanUint():
			list = append(list, Figure{name, float64(v.Uint()), true})
		case v.CanInt():
			list = append(list, Figure{Name: name, Value: float64(v.Int())})
		}
	})
	return list
}

// walk calls fn with each figure and its name.
func walk(v reflect.Value, prefix string, fn func(name string, v reflect.Value)) {
	for i, name := range namesOf(v.Type()) {
		switch f := v.Field(i); {
		case name == "":
		case group(f):
			walk(f, prefix+name+".", fn)
		default:
			fn(prefix+name, f)
		}
	}
}

// group reports whether a field is a struct of figures, and not a value of its own, as
// a time is.
func group(v reflect.Value) bool {
	return v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]()
}

var names sync.Map // of a reflect.Type: []string, one a field, "" for one that is not exported

func namesOf(t reflect.Type) []string {
	if list, ok := names.Load(t); ok {
		return list.([]string)
	}
	list := make([]string, t.NumField())
	for i := range list {
		if f := t.Field(i); f.IsExported() {
			list[i] = Name(f.Name)
		}
	}
	names.Store(t, list)
	return list
}

// Name is the name of a field as it is shown: sentBytes for SentBytes, hwm for HWM,
// hwmDrops for HWMDrops.
func Name(field string) string {
	r := []rune(field)
	for i := range r {
		if i > 0 && i+1 < len(r) && unicode.IsLower(r[i+1]) {
			break
		}
		if unicode.IsLower(r[i]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}

// Title is what a thing that is at work shows of itself: its type, its name if it has one,
// and its state. Its inside would be read while others write it, and may hold secrets.
func Title(typ, name, state string) string {
	if name != "" {
		typ += " " + strconv.Quote(name)
	}
	if state != "" {
		typ += " (" + state + ")"
	}
	return typ
}
