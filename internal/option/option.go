// Package option has what the options of packages are alike in: how they are applied,
// what an error of one says, and those that every constructor has.
//
// A package has a Family, and the functions that its users call are made with it:
//
//	type Option func(*config) error
//
//	var options = option.Of[config](ErrInvalidOption)
//
//	func WithQueue(n int) Option {
//		return option.AtLeast(options, "queue", n, 1, func(c *config) *int { return &c.queue })
//	}
package option

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/logs"
)

// A Family is the options of one package. They change a C.
type Family[C any] struct{ sentinel error }

// Of makes a Family. The errors of its options match sentinel.
func Of[C any](sentinel error) Family[C] { return Family[C]{sentinel} }

// Apply changes c by the options, in their order, until one fails.
func Apply[C any, O ~func(*C) error](c *C, opts []O) error {
	for _, opt := range opts {
		if err := opt(c); err != nil {
			return err
		}
	}
	return nil
}

// Invalid is the error for a value that breaks a rule. Its text is to name both.
func (f Family[C]) Invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", f.sentinel, fmt.Sprintf(format, args...))
}

// Try is an option that does what set does; its error becomes one of the family.
func (f Family[C]) Try(set func(*C) error) func(*C) error {
	return func(c *C) error {
		if err := set(c); err != nil {
			return fmt.Errorf("%w: %w", f.sentinel, err)
		}
		return nil
	}
}

// Set is an option that takes any value of a field.
func Set[C, T any](value T, at func(*C) *T) func(*C) error {
	return func(c *C) error {
		*at(c) = value
		return nil
	}
}

// AtLeast is an option for a field that has a least value.
func AtLeast[C any, T cmp.Ordered](f Family[C], name string, value, least T, at func(*C) *T) func(*C) error {
	return func(c *C) error {
		if value < least {
			return f.Invalid("%s %s: must be at least %s", name, text(value), text(least))
		}
		*at(c) = value
		return nil
	}
}

// Above is an option for a field whose value has to be above a bound.
func Above[C any, T cmp.Ordered](f Family[C], name string, value, bound T, at func(*C) *T) func(*C) error {
	return func(c *C) error {
		if value <= bound {
			return f.Invalid("%s %s: must be above %s", name, text(value), text(bound))
		}
		*at(c) = value
		return nil
	}
}

// Between is an option for a field that has a least and a greatest value.
func Between[C any, T cmp.Ordered](f Family[C], name string, value, least, most T, at func(*C) *T) func(*C) error {
	return func(c *C) error {
		if value < least || value > most {
			return f.Invalid("%s %s: must be %s to %s", name, text(value), text(least), text(most))
		}
		*at(c) = value
		return nil
	}
}

// text is a value as people write it: of times without the zeros behind.
func text(v any) string {
	s := fmt.Sprint(v)
	if _, isTime := v.(time.Duration); isTime && strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
		if strings.HasSuffix(s, "h0m") {
			s = strings.TrimSuffix(s, "0m")
		}
	}
	return s
}

// Zerolog is WithLogger: lines go to l.
func Zerolog[C any](l zerolog.Logger, at func(*C) *logs.Logger) func(*C) error {
	return func(c *C) error {
		*at(c) = at(c).Zerolog(l)
		return nil
	}
}

// Slog is WithSlog: lines go to l as well, which must not be nil.
func Slog[C any](f Family[C], l *slog.Logger, at func(*C) *logs.Logger) func(*C) error {
	return func(c *C) error {
		if l == nil {
			return f.Invalid("nil logger")
		}
		*at(c) = at(c).Slog(l)
		return nil
	}
}
