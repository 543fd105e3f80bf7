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
	// ErrInvalidService says that a Service, a type of service or a Peer breaks a rule
	// of DNS-SD or of the Discoverer.
	ErrInvalidService = errors.New("invalid service")
	// ErrMalformedPeer says that bytes are not a beacon of PeerFormat.
	ErrMalformedPeer = errors.New("malformed peer beacon")
	// ErrMalformed says that bytes are not a ZRE beacon.
	ErrMalformed = errors.New("malformed ZRE beacon")
)
