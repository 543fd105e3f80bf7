package zmq4

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-zactor/zactor/zmq"
)

// Errors of this package. Others are those of package zmq, and context's: a Send
// that has run out of time returns context.DeadlineExceeded itself, and calls on a
// closed socket return context.Canceled or the error of the socket's context.
var (
	// ErrBadProperty is returned for an option that the socket does not have, or a
	// value that is not of its type.
	ErrBadProperty = errors.New("zmq4: bad property")

	// ErrClosedConn is returned by Send, with WithAutomaticReconnect(false), when every
	// peer that was dialled is lost.
	ErrClosedConn = errors.New("zmq4: read/write on closed connection")

	// ErrSecurity is returned by every call on a socket whose security mechanism
	// can't be used, or not over that transport.
	ErrSecurity = errors.New("zmq4: unusable security mechanism")

	// ErrForeign is returned for a Socket that this package has not made.
	ErrForeign = errors.New("zmq4: not a socket of this package")
)

// UnknownTransportError is returned for an endpoint of a transport that there is
// not.
type UnknownTransportError struct{ Name string }

func (e UnknownTransportError) Error() string {
	return fmt.Sprintf("zmq4: unknown transport %q", e.Name)
}

// translated turns an error of the core into the one that programs compare with.
func (s *socket) translated(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, zmq.ErrPeerGone):
		return io.EOF
	case errors.Is(err, zmq.ErrAgain):
		return context.DeadlineExceeded
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	case errors.Is(err, zmq.ErrClosed):
		return context.Canceled
	}
	return err
}
