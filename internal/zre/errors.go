package zre

import "errors"

var (
	// ErrMalformed says that frames are not a ZRE message.
	ErrMalformed = errors.New("malformed ZRE message")
	// ErrTooLong says that a value does not fit the field that it is for.
	ErrTooLong = errors.New("too long for a ZRE message")
)
