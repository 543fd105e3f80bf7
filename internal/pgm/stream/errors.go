package stream

import "errors"

// Why a Joiner gave up what it had of a message.
var (
	// ErrMalformed: the bytes are not what a sender of ZeroMQ sends.
	ErrMalformed = errors.New("malformed pgm stream")
	// ErrTooLarge: a message goes over the limits on what is received.
	ErrTooLarge = errors.New("message over the limits")
)
