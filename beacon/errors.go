package beacon

import (
	"errors"
	"fmt"
	"net"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

// The errors of this package. Those that name a bad argument wrap one of them
// together with the argument and the rule that it broke.
var (
	// ErrClosed is returned by the methods of what is closed. It matches net.ErrClosed.
	ErrClosed = fmt.Errorf("beacon: closed: %w", net.ErrClosed)
	// ErrInvalidOption says that an argument of an option, or an interval, is
	// out of its range.
	ErrInvalidOption = errors.New("beacon: invalid option")
	// ErrNoInterface is in what Problem returns: there is no interface to send and hear on.
	ErrNoInterface = lan.ErrNoInterface
	// ErrTooLarge says that a payload is longer than WithMaxSize allows.
	ErrTooLarge = errors.New("beacon: too large")
	// ErrInvalidPeer says that a Peer breaks a rule of the Discoverer.
	ErrInvalidPeer = errors.New("beacon: invalid peer")
	// ErrMalformedPeer says that bytes are not a beacon of PeerFormat.
	ErrMalformedPeer = errors.New("beacon: malformed peer beacon")
	// ErrMalformed says that bytes are not a ZRE beacon.
	ErrMalformed = errors.New("beacon: malformed ZRE beacon")
)
