package zmq

import (
	"fmt"
	"math"
	"time"
)

// rule says which values an option may have, in words and in code.
type rule[T any] struct {
	text string       // what stands after "must be"
	ok   func(T) bool // nil: any will do
	norm func(T) T    // the form in which a value is kept; nil: as it is
}

// The rules that many options share. Each other one stands beside its option.
var (
	count     = rule[int]{text: "0 (no limit) or more", ok: func(n int) bool { return n >= 0 }}
	natural   = rule[int]{text: "0 or more", ok: func(n int) bool { return n >= 0 }}
	positive  = rule[int]{text: "1 or more", ok: func(n int) bool { return n > 0 }}
	orSystem  = rule[int]{text: "-1 (the system's default) or more", ok: func(n int) bool { return n >= -1 }}
	tristate  = rule[int]{text: "-1 (the system's default), 0 or 1", ok: func(n int) bool { return n >= -1 && n <= 1 }}
	anyNumber = rule[int]{text: ""}
	anyMask   = rule[uint64]{text: ""}
	sizeLimit = rule[int64]{text: "-1 or 0 (no limit) or more", ok: func(n int64) bool { return n >= -1 }}
	onOff     = rule[bool]{text: ""}
	anyTime   = rule[time.Duration]{text: "", norm: endless}
	forward   = rule[time.Duration]{text: "not negative", ok: func(d time.Duration) bool { return d >= 0 }}
	anyText   = rule[string]{text: ""}
	anyBytes  = rule[[]byte]{text: "", ok: nil}
)

// atMost is the rule for a name of the given number of bytes at most.
func atMost(n int) rule[string] {
	return rule[string]{text: fmt.Sprintf("of %d bytes at most", n), ok: func(s string) bool { return len(s) <= n }}
}

// mask is the rule for a set of flags.
func mask[T ~int](all T) rule[T] {
	return rule[T]{text: fmt.Sprintf("a sum of flags, 0 to %d", int(all)), ok: func(n T) bool { return n >= 0 && n <= all }}
}

// check is nil for a value that keeps the rule.
func (r rule[T]) check(v T) error {
	if r.ok == nil || r.ok(v) {
		return nil
	}
	return fmt.Errorf("must be %s", r.text)
}

// endless makes one value of all times that have no end.
func endless(d time.Duration) time.Duration { return max(d, Forever) }

// as makes the Go value of an option's type from what the caller gave, which
// through WithOption may be what libzmq would have got: 0 and 1 for flags,
// milliseconds for times, text for bytes.
func as[T any](v any) (T, error) {
	var want T
	if t, ok := v.(T); ok {
		return t, nil
	}
	got, err := converted(any(want), v)
	if err != nil {
		return want, err
	}
	return got.(T), nil
}

func converted(want, v any) (any, error) {
	n, whole := integer(v)
	text, isText := v.(string)
	if b, ok := v.([]byte); ok {
		text, isText = string(b), true
	}
	switch want.(type) {
	case ReconnectStop:
		if whole && n >= 0 && n <= math.MaxInt32 {
			return ReconnectStop(n), nil
		}
	case RouterNotify:
		if whole && n >= 0 && n <= math.MaxInt32 {
			return RouterNotify(n), nil
		}
	case int:
		if whole && n >= math.MinInt32 && n <= math.MaxInt32 {
			return int(n), nil
		}
	case int64:
		if whole {
			return n, nil
		}
	case uint64:
		if whole && n >= 0 {
			return uint64(n), nil
		}
	case bool:
		if whole && (n == 0 || n == 1) {
			return n == 1, nil
		}
	case time.Duration:
		if whole && n >= -1 && n <= math.MaxInt32 {
			return time.Duration(n) * time.Millisecond, nil
		}
	case string:
		if isText {
			return text, nil
		}
	case []byte:
		if isText {
			return []byte(text), nil
		}
	}
	return nil, fmt.Errorf("must be of type %T, is of %T", want, v)
}

// integer is the number in any of Go's types that libzmq's numbers may come as.
func integer(v any) (n int64, ok bool) {
	switch x := v.(type) {
	case int:
		return int64(x), true
	case int32:
		return int64(x), true
	case int64:
		return x, true
	case uint32:
		return int64(x), true
	case uint64:
		return int64(x), x <= math.MaxInt64
	}
	return 0, false
}
