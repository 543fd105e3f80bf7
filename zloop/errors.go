package zloop

import (
	"errors"
	"fmt"
	"net"
)

var (
	// ErrStop, returned by a handler, ends Run with nil.
	ErrStop = errors.New("zloop: stop")

	// ErrClosed is the reason why the handle of a closed channel has ended. It
	// matches net.ErrClosed, as do the errors of closed sockets and actors.
	ErrClosed = fmt.Errorf("zloop: source closed: %w", net.ErrClosed)

	// ErrRunning is returned by Run when the loop is running already.
	ErrRunning = errors.New("zloop: already running")

	// ErrPostFull is returned by Post when as many functions wait as WithPostLimit
	// allows.
	ErrPostFull = errors.New("zloop: too many posted functions wait")
)
