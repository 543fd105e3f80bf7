package gossip

import (
	"errors"
	"fmt"
	"net"

	"github.com/go-zactor/zactor/gossip/internal/frame"
	"github.com/go-zactor/zactor/gossip/internal/mesh"
)

var (
	// ErrRefused is in the Err of a notice: something of a peer was not taken.
	ErrRefused = errors.New("gossip: refused")
	// ErrSilent is in the Err of a notice: a hub does not answer any more.
	ErrSilent = errors.New("gossip: silent")
	// ErrClosed is returned by the methods of a closed node. It matches net.ErrClosed.
	ErrClosed = fmt.Errorf("gossip: node closed: %w", net.ErrClosed)
	// ErrInvalidOption says that an option is out of its bounds.
	ErrInvalidOption = errors.New("gossip: invalid option")
	// ErrInvalid says that a key or a value can't be said in zgossip: a key has 1 to 255
	// bytes, and neither has a byte of zero.
	ErrInvalid = frame.ErrInvalid
	// ErrTooLarge says that a value is longer than WithMaxValue allows.
	ErrTooLarge = errors.New("gossip: value too large")
	// ErrNotConnected says that Disconnect was asked to end what Connect has not made.
	ErrNotConnected = errors.New("gossip: not connected")
	// ErrFull says that there are as many keys as WithMaxKeys allows.
	ErrFull = mesh.ErrFull
)
