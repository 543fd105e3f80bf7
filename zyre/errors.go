package zyre

import (
	"errors"
	"fmt"
	"net"
)

var (
	// ErrStopped is returned by calls on a node that has been stopped, also by those
	// that were waiting. It matches net.ErrClosed.
	ErrStopped = fmt.Errorf("zyre: node stopped: %w", net.ErrClosed)
	// ErrNotStarted is returned by Whisper and Shout before Start.
	ErrNotStarted = errors.New("zyre: node not started")
	// ErrStarted is returned by what must come before Start, and by a second Start.
	ErrStarted = errors.New("zyre: node started already")
	// ErrUnknownPeer is returned by Whisper for a peer that is not there.
	ErrUnknownPeer = errors.New("zyre: no such peer")
	// ErrInvalidOption says that an option is out of its bounds.
	ErrInvalidOption = errors.New("zyre: invalid option")
	// ErrInvalidName says that a node's, header's or group's name can't be used, or
	// that all headers and groups together are too long for one HELLO.
	ErrInvalidName = errors.New("zyre: invalid name")
)
