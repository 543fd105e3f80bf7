package beacon

import "errors"

// The errors of this package. Those that name a bad argument wrap one of them
// together with the argument and the rule that it broke.
var (
	// ErrClosed is returned by the methods of a closed Beacon.
	ErrClosed = errors.New("beacon is closed")
	// ErrInvalidOption says that an argument of an option, or an interval, is
	// out of its range.
	ErrInvalidOption = errors.New("invalid option")
	// ErrTooLarge says that a payload is longer than WithMaxSize allows.
	ErrTooLarge = errors.New("beacon too large")
	// ErrMalformed says that bytes are not a ZRE beacon.
	ErrMalformed = errors.New("malformed ZRE beacon")
)
