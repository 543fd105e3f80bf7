package zmq

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// effect is when a change of an option is felt.
type effect uint8

const (
	atOnce    effect = iota // also by peers that are there
	atNext                  // by endpoints that are bound or connected afterwards
	isKept                  // never: accepted and read back, it has no meaning here
	isState                 // it can only be read
	isRefused               // never: libzmq has it, and here it is an error
)

func (e effect) String() string {
	return [...]string{"at once", "next endpoint", "kept", "read only", "refused"}[e]
}

// optionRow is one option: everything there is to know of it.
type optionRow struct {
	name   string // libzmq's, without ZMQ_
	with   string // the Go function that sets it; "" when nothing but WithOption does
	form   string // its Go type
	def    any    // its default
	rule   string // what a value must be; "" when any is right
	types  []Type // that have it; nil: all
	effect effect
	says   string // what it is for, in a few words
	secret bool   // its value is never read back and never stands in an error

	init func(o *options)              // sets the default
	set  func(o *options, v any) error // nil: it can't be set by one value
	get  func(s *Socket, o *options) any
}

// field makes a row for an option that is one field of options.
func field[T any](name, with string, at func(*options) *T, def T, r rule[T], types []Type, e effect, says string) optionRow {
	return optionRow{
		name: name, with: with, form: fmt.Sprintf("%T", def), def: def, rule: r.text, types: types, effect: e, says: says,
		init: func(o *options) { *at(o) = def },
		set: func(o *options, v any) error {
			value, err := as[T](v)
			if err == nil {
				err = r.check(value)
			}
			if err == nil && r.norm != nil {
				value = r.norm(value)
			}
			if err == nil {
				*at(o) = value
			}
			return err
		},
		get: func(_ *Socket, o *options) any { return *at(o) },
	}
}

// noting is the row with a note, in a field, that its option was set.
func (r optionRow) noting(noted func(*options) *bool) optionRow {
	set := r.set
	r.set = func(o *options, v any) error {
		err := set(o, v)
		if err == nil {
			*noted(o) = true
		}
		return err
	}
	return r
}

// setBy is the row with a setter that changes other options as well.
func (r optionRow) setBy(set func(o *options, on bool)) optionRow {
	r.set = func(o *options, v any) error {
		on, err := as[bool](v)
		if err == nil {
			set(o, on)
		}
		return err
	}
	return r
}

// rawField is field for bytes, which are read back as text.
func rawField(name, with string, at func(*options) *[]byte, r rule[[]byte], types []Type, e effect, says string) optionRow {
	row := field(name, with, at, nil, r, types, e, says)
	row.form, row.def = "bytes", ""
	row.get = func(_ *Socket, o *options) any { return string(*at(o)) }
	set := row.set
	row.set = func(o *options, v any) error {
		err := set(o, v)
		if err == nil {
			*at(o) = bytes.Clone(*at(o))
		}
		return err
	}
	return row
}

// state makes a row for what can only be read.
func state(name, form string, types []Type, says string, get func(s *Socket, o *options) any) optionRow {
	return optionRow{name: name, form: form, types: types, effect: isState, says: says, get: get}
}

// keptNumber makes a row for a number of libzmq's that nothing here depends on. Programs
// that set it go on as if it had been obeyed, since what it tunes can't be seen
// from outside.
func keptNumber(name string, def int, r rule[int], says string) optionRow {
	return optionRow{
		name: name, form: "int", def: def, rule: r.text, effect: isKept, says: says,
		init: func(*options) {},
		set: func(o *options, v any) error {
			n, err := as[int](v)
			if err == nil {
				err = r.check(n)
			}
			if err == nil {
				o.keep(name, n)
			}
			return err
		},
		get: func(_ *Socket, o *options) any {
			if n, ok := o.kept[name]; ok {
				return n
			}
			return def
		},
	}
}

// keep replaces the map: others may see the old one.
func (o *options) keep(name string, n int) {
	m := make(map[string]int, len(o.kept)+1)
	for k, v := range o.kept {
		m[k] = v
	}
	m[name] = n
	o.kept = m
}

// optionAliases are older names of options.
var optionAliases = map[string]string{
	"IDENTITY": "ROUTING_ID", "CONNECT_RID": "CONNECT_ROUTING_ID", "ROUTER_BEHAVIOR": "ROUTER_MANDATORY",
	"FAIL_UNROUTABLE": "ROUTER_MANDATORY", "DELAY_ATTACH_ON_CONNECT": "IMMEDIATE",
}

// optionByName finds a row by libzmq's name, with or without ZMQ_; nil when there
// is none.
func optionByName(name string) *optionRow {
	name = strings.TrimPrefix(name, "ZMQ_")
	if now, ok := optionAliases[name]; ok {
		name = now
	}
	return optionIndex[name]
}

// optionIndex has the rows by name. It is not made where it is declared: what reads
// some options depends on what sets others.
var optionIndex map[string]*optionRow

func init() {
	optionIndex = make(map[string]*optionRow, len(optionTable))
	for i := range optionTable {
		optionIndex[optionTable[i].name] = &optionTable[i]
	}
}

// set changes o by one option.
func set(s *Socket, o *options, opt Option) error {
	if opt.value == nil {
		return fmt.Errorf("%w: the zero Option says nothing", ErrInvalidOption)
	}
	value := opt.value()
	switch v := value.(type) {
	case several:
		for _, one := range v {
			if err := set(s, o, one); err != nil {
				return err
			}
		}
		return nil
	case func(*options) error:
		return v(o)
	}
	row := optionByName(opt.name)
	switch {
	case row == nil:
		return unknownOption(opt.name)
	case row.set == nil && row.with != "":
		return fmt.Errorf("%w: %s is set by %s", ErrInvalidOption, row.name, row.with)
	case row.set == nil:
		return fmt.Errorf("%w: %s = %v: it can only be read", ErrInvalidOption, row.name, row.shown(value))
	case row.types != nil && !contains(row.types, s.typ):
		return fmt.Errorf("%w: %s is not for %s, only for %v", ErrInvalidOption, row.name, s.typ, row.types)
	}
	if err := row.set(o, value); err != nil {
		return fmt.Errorf("%w: %s = %v: %v", ErrInvalidOption, row.name, row.shown(value), err)
	}
	return nil
}

// unknownOption says that there is no option of a name, and which one may be meant.
func unknownOption(name string) error {
	if upper := strings.ToUpper(name); upper != name && optionByName(upper) != nil {
		return fmt.Errorf("%w: there is no option %s: names are in capitals, as %s", ErrInvalidOption, quoted(name), upper)
	}
	return fmt.Errorf("%w: there is no option %s: docs/options.md has them all", ErrInvalidOption, quoted(name))
}

// shown is a value as it may be printed. Only what is known to be harmless is: numbers,
// and text of options that are not secret.
func (r *optionRow) shown(v any) string {
	if r.secret {
		return "(secret)"
	}
	switch x := v.(type) {
	case string:
		return quoted(x)
	case []byte:
		return quoted(string(x))
	case []string, []int, fmt.Stringer:
		return fmt.Sprint(x)
	}
	switch reflect.ValueOf(v).Kind() {
	case reflect.Struct, reflect.Pointer, reflect.Func, reflect.Map, reflect.Interface, reflect.Slice, reflect.Array:
		return fmt.Sprintf("(%T)", v)
	}
	return fmt.Sprint(v)
}

// String is the option's name and value, as "SNDHWM = 10"; secrets are left out.
func (o Option) String() string {
	if o.value == nil {
		return "no option"
	}
	switch v := o.value().(type) {
	case several:
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = one.String()
		}
		return strings.Join(parts, ", ")
	case func(*options) error: // a mechanism, with its keys
		return o.name
	default:
		row := optionByName(o.name)
		if row == nil {
			return quoted(o.name) // and its value may be anything
		}
		return row.name + " = " + row.shown(v)
	}
}

// GoString is String: %#v shows no more than %v.
func (o Option) GoString() string { return "zmq.Option(" + o.String() + ")" }

// quoted is text cut to a length that an error can have.
func quoted(s string) string {
	const most = 64
	if len(s) > most {
		return fmt.Sprintf("%.*q... (%d bytes)", most, s, len(s))
	}
	return fmt.Sprintf("%q", s)
}

func contains(types []Type, t Type) bool {
	for _, x := range types {
		if x == t {
			return true
		}
	}
	return false
}

// several is the value of an Option that stands for more than one.
type several []Option

// WithOption sets an option by libzmq's name, with or without ZMQ_: for settings
// that come from a file, and for those that have no function of their own because
// they mean nothing here. value has the option's Go type, or what libzmq takes: 0 or
// 1 for a flag, milliseconds for a time, a string or bytes for either. The table of
// all options is docs/options.md.
//
// ErrInvalidOption says what is wrong, or which function sets an option that takes
// more than one value.
func WithOption(name string, value any) Option { return newOption(name, value) }

// readAnywhere are the options of some types that are read on every type, as in libzmq.
var readAnywhere = []string{"CONFLATE", "INVERT_MATCHING"}

// Option reads an option by libzmq's name, with or without ZMQ_, as "RCVHWM" or
// "LAST_ENDPOINT". Times are time.Duration, flags bool, sizes int or int64, bytes
// string. It may be called after Close.
//
// Errors: ErrInvalidOption when there is none of that name, or it can't be read.
func (s *Socket) Option(name string) (any, error) {
	row := optionByName(name)
	switch {
	case row == nil:
		return nil, unknownOption(name)
	case row.get == nil || row.secret:
		return nil, fmt.Errorf("%w: %s can't be read", ErrInvalidOption, row.name)
	case row.types != nil && !contains(row.types, s.typ) && !slices.Contains(readAnywhere, row.name):
		return nil, fmt.Errorf("%w: %s is not for %s, only for %v", ErrInvalidOption, row.name, s.typ, row.types)
	}
	return row.get(s, s.opts.get()), nil
}
