package logs

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/rs/zerolog"
)

// A Field is a value with a name, kept as it is until a logger writes it.
type Field struct {
	key  string
	kind kind
	num  uint64
	str  string
	val  any
}

type kind uint8

const (
	isString kind = iota
	isInt
	isUint
	isBool
	isDuration
	isError
	isStringer
	isAny
)

// Str is a string.
func Str(key, v string) Field { return Field{key: key, kind: isString, str: v} }

// Int is a number.
func Int(key string, v int) Field { return Field{key: key, kind: isInt, num: uint64(v)} }

// Uint is a number that is not negative.
func Uint(key string, v uint64) Field { return Field{key: key, kind: isUint, num: v} }

// Bool is true or false.
func Bool(key string, v bool) Field {
	f := Field{key: key, kind: isBool}
	if v {
		f.num = 1
	}
	return f
}

// Dur is a duration.
func Dur(key string, v time.Duration) Field { return Field{key: key, kind: isDuration, num: uint64(v)} }

// Err is an error under the name "error". A nil error writes nothing.
func Err(err error) Field { return Field{key: "error", kind: isError, val: err} }

// Stringer is the text of v, which is asked for only if the line is written.
func Stringer(key string, v fmt.Stringer) Field { return Field{key: key, kind: isStringer, val: v} }

// Any is whatever the logger makes of v.
func Any(key string, v any) Field { return Field{key: key, kind: isAny, val: v} }

// text is the string of a Stringer field.
func (f Field) text() string {
	if v, ok := f.val.(fmt.Stringer); ok {
		return v.String()
	}
	return "<nil>"
}

// zerolog writes the field.
func (f Field) zerolog(e *zerolog.Event) {
	switch f.kind {
	case isString:
		e.Str(f.key, f.str)
	case isInt:
		e.Int64(f.key, int64(f.num))
	case isUint:
		e.Uint64(f.key, f.num)
	case isBool:
		e.Bool(f.key, f.num == 1)
	case isDuration:
		e.Dur(f.key, time.Duration(f.num))
	case isError:
		if err, ok := f.val.(error); ok {
			e.Err(err)
		}
	case isStringer:
		e.Str(f.key, f.text())
	default:
		e.Any(f.key, f.val)
	}
}

// context adds the field to all that a logger writes.
func (f Field) context(c zerolog.Context) zerolog.Context {
	switch f.kind {
	case isString:
		return c.Str(f.key, f.str)
	case isInt:
		return c.Int64(f.key, int64(f.num))
	case isUint:
		return c.Uint64(f.key, f.num)
	case isBool:
		return c.Bool(f.key, f.num == 1)
	case isDuration:
		return c.Dur(f.key, time.Duration(f.num))
	case isError:
		if err, ok := f.val.(error); ok {
			return c.Err(err)
		}
		return c
	case isStringer:
		return c.Str(f.key, f.text())
	}
	return c.Any(f.key, f.val)
}

// attr is the field in the form of log/slog; without a key it is to be left out.
func (f Field) attr() slog.Attr {
	switch f.kind {
	case isString:
		return slog.String(f.key, f.str)
	case isInt:
		return slog.Int64(f.key, int64(f.num))
	case isUint:
		return slog.Uint64(f.key, f.num)
	case isBool:
		return slog.Bool(f.key, f.num == 1)
	case isDuration:
		return slog.Duration(f.key, time.Duration(f.num))
	case isError:
		if f.val == nil {
			return slog.Attr{}
		}
	case isStringer:
		return slog.String(f.key, f.text())
	}
	return slog.Any(f.key, f.val)
}
