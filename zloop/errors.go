package zloop

import (
	"errors"
	"fmt"
	"net"
)

var (
	// ErrStop, returned by a handler, ends Run with nil.
	ErrStop = errors.New("zloop: stop")

	// ErrClosed is the reason why the handle of a closed channel or loop has ended,
	// and what a closed loop returns. It matches net.ErrClosed, as do the errors of
	// closed sockets and actors.
	ErrClosed = fmt.Errorf("zloop: closed: %w", net.ErrClosed)

	// ErrOption is returned by New for an option with an invalid value.
	ErrOption = errors.New("zloop: invalid option")

	// ErrHandler is the reason why Run ends, or Post refuses, when a handler or its
	// source is nil.
	ErrHandler = errors.New("zloop: a handler and a source must not be nil")

	// ErrTooMany is the reason why Run ends when more channels were registered than
	// one goroutine can wait for.
	ErrTooMany = errors.New("zloop: too many channels")

	// ErrFrame is why the handle of a Stream ends whose peer sends what is no
	// message, or one that is too large; and what Send returns for one that is.
	ErrFrame = errors.New("zloop: invalid frame")

	// ErrPanic is why the handle of a connection or a sequence ends when that panicked on
	// the goroutine that reads or writes it. The text has the value.
	ErrPanic = errors.New("zloop: panic contained")

	// ErrFull is returned by a Stream's Send when as many bytes wait to be written
	// as its buffer holds.
	ErrFull = errors.New("zloop: too many bytes wait to be written")

	// ErrRunning is returned by Run when the loop is running already.
	ErrRunning = errors.New("zloop: already running")

	// ErrPostFull is returned by Post when as many functions wait as WithPostLimit
	// allows.
	ErrPostFull = errors.New("zloop: too many posted functions wait")
)

// panicked is the error of a handle whose source panicked with p.
func panicked(p error) error { return fmt.Errorf("%w: %w", ErrPanic, p) }
