package zmq

import (
	"fmt"
	"math"
	"time"
)

// rule says which values an option may have, in words and in code.
type rule[T any] struct {
	text string // what stands after "must be"
	ok   func(T) bool
}

// The rules that many options share. Each other one stands beside its option.
var (
	count     = rule[int]{"0 (no limit) or more", func(n int) bool { return n >= 0 }}
	natural   = rule[int]{"0 or more", func(n int) bool { return n >= 0 }}
	positive  = rule[int]{"1 or more", func(n int) bool { return n > 0 }}
	orSystem  = rule[int]{"-1 (the system's default) or more", func(n int) bool { return n >= -1 }}
	tristate  = rule[int]{"-1 (the system's default), 0 or 1", func(n int) bool { return n >= -1 && n <= 1 }}
	anyNumber = rule[int]{"", nil}
	anyMask   = rule[uint64]{"", nil}
	sizeLimit = rule[int64]{"-1 or 0 (no limit) or more", func(n int64) bool { return n >= -1 }}
	onOff     = rule[bool]{"", nil}
	anyTime   = rule[time.Duration]{"", nil} // negative: without end
	forward   = rule[time.Duration]{"not negative", func(d time.Duration) bool { return d >= 0 }}
	anyText   = rule[string]{"", nil}
	anyBytes  = rule[[]byte]{"", nil}
)

// atMost is the rule for a name of the given number of bytes at most.
func atMost(n int) rule[string] {
	return rule[string]{fmt.Sprintf("of %d bytes at most", n), func(s string) bool { return len(s) <= n }}
}

// mask is the rule for a set of flags.
func mask(all int) rule[int] {
	return rule[int]{fmt.Sprintf("a sum of flags, 0 to %d", all), func(n int) bool { return n >= 0 && n <= all }}
}

// check is nil for a value that keeps the rule.
func (r rule[T]) check(v T) error {
	if r.ok == nil || r.ok(v) {
		return nil
	}
	return fmt.Errorf("must be %s", r.text)
}

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
