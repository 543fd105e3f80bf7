package zyre

import (
	"errors"
	"fmt"
	"net"
)

var (
	// ErrClosed is returned by calls on a node that has been closed, also by those
	// that were waiting. It matches net.ErrClosed.
	ErrClosed = fmt.Errorf("zyre: node closed: %w", net.ErrClosed)
	// ErrUnknownPeer is returned by Whisper for a peer that is not there.
	ErrUnknownPeer = errors.New("zyre: no such peer")
	// ErrRefused is in the Err of a Refused event: a node does not become a peer, and who
	// has refused whom is in the event.
	ErrRefused = errors.New("zyre: refused")
	// ErrInvalidOption says that an option is out of its bounds.
	ErrInvalidOption = errors.New("zyre: invalid option")
	// ErrTooLarge is returned by Whisper and Shout for a message that a node with the same
	// options would not take: see WithMaxMessage.
	ErrTooLarge = errors.New("zyre: message too large")
	// ErrInvalidName says that a node's, header's or group's name can't be used, or
	// that all headers and groups together are too long for one HELLO.
	ErrInvalidName = errors.New("zyre: invalid name")
)
