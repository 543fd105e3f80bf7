package zmq

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/pgm"
	"github.com/go-zactor/zactor/internal/pgm/stream"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// Errors of this package. Every error that a method returns matches one of them,
// or the caller's context error, with errors.Is.
var (
	// ErrClosed is returned by every call on a closed socket or an interrupted
	// context, also by calls that were blocked when it closed. It matches
	// net.ErrClosed.
	ErrClosed = fmt.Errorf("zmq: socket closed: %w", net.ErrClosed)

	// ErrTerm is the form of ErrClosed that calls return because their Context was
	// interrupted or closed. It matches ErrClosed. (libzmq: ETERM)
	ErrTerm = fmt.Errorf("zmq: context terminated: %w", ErrClosed)

	// ErrAgain says that a call would have to wait: the Try methods return it, and
	// blocking ones whose send or receive timeout has passed. It matches
	// os.ErrDeadlineExceeded. (libzmq: EAGAIN)
	ErrAgain = fmt.Errorf("zmq: try again: %w", os.ErrDeadlineExceeded)

	// ErrState is returned when the call is not legal in the socket's state, as
	// when a REQ socket sends twice. (libzmq: EFSM)
	ErrState = errors.New("zmq: not legal in this state")

	// ErrPeerGone is returned by Recv on a REQ with WithReqFailFast or WithReqRelaxed
	// when the peer that had the request is gone and did not answer. It is returned
	// once; the socket may then send.
	ErrPeerGone = errors.New("zmq: the peer that had the request is gone, and has not answered: send it again")

	// ErrHostUnreachable is returned when a message is addressed to a peer that is
	// not connected. (libzmq: EHOSTUNREACH)
	ErrHostUnreachable = errors.New("zmq: host unreachable")

	// ErrNotSupported is returned by an operation that the socket type does not
	// have, as Send on a PULL. (libzmq: ENOTSUP)
	ErrNotSupported = errors.New("zmq: not supported")

	// ErrInvalidEndpoint is returned for an endpoint that can't be understood or
	// used that way. (libzmq: EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO)
	ErrInvalidEndpoint = errors.New("zmq: invalid endpoint")

	// ErrNoEndpoint is returned by Unbind and Disconnect for an endpoint that is
	// not in use by the socket. (libzmq: ENOENT)
	ErrNoEndpoint = errors.New("zmq: no such endpoint")

	// ErrInvalidOption is returned for an option that does not exist, has a value
	// outside its rule, or does not apply to the socket. (libzmq: EINVAL)
	ErrInvalidOption = errors.New("zmq: invalid option")

	// ErrInvalidMessage is returned for a message that this socket type can't send,
	// as a ROUTER message without a routing id.
	ErrInvalidMessage = errors.New("zmq: invalid message")

	// ErrInvalidGroup is returned by Join and Leave, and by Send on a RADIO, for a
	// group that has too long a name, was joined already or was not joined.
	// (libzmq: EINVAL)
	ErrInvalidGroup = errors.New("zmq: invalid group")

	// ErrAddrInUse is returned by Bind when another socket has the address. It
	// matches syscall.EADDRINUSE.
	ErrAddrInUse = fmt.Errorf("zmq: %w", syscall.EADDRINUSE)

	// ErrMsgTooLarge is returned for a message over a configured limit.
	ErrMsgTooLarge = errors.New("zmq: message too large")

	// ErrSwap is the disk's error, where WithSwap lets messages wait there.
	ErrSwap = errors.New("zmq: swap")

	// ErrTooManySockets is returned by New when the Context has as many sockets as
	// it allows. (libzmq: EMFILE)
	ErrTooManySockets = errors.New("zmq: too many sockets")

	// ErrAuth is returned by Send, Recv and the Wait methods while every endpoint is a
	// connected one whose last attempt ended because the peer refused this socket's
	// credentials; the text has the peer's status. The attempts go on, as seldom as
	// WithReconnectInterval allows, and what was sent before waits; Connect makes one at
	// once. In the Err of an Event it says that either side refused the other.
	ErrAuth = errors.New("zmq: authentication refused")

	// ErrRoutingIDInUse is in the Err of events and of EndpointInfo, and in the text of
	// calls that wait: a ROUTER has turned a peer away, before anything was sent to it,
	// because another one has its routing id. The peer's messages wait; it tries again,
	// ever more seldom, and is let in when the id is free. The same way ErrPeerBusy is of
	// a PAIR or CHANNEL that has its one peer.
	ErrRoutingIDInUse = errors.New("zmq: routing id in use")
	ErrPeerBusy       = errors.New("zmq: the socket has its one peer")

	// ErrTopicRefused is in the Err of an EventTopicRefused.
	ErrTopicRefused = errors.New("zmq: subscription over the publisher's limits")

	// ErrServerKey is in the Err of a CURVE client's events when the server hung up
	// on its first command, as a server does whose public key is another one than
	// WithCurveClient was told. The client goes on trying.
	ErrServerKey = errors.New("zmq: not the expected server key")

	// ErrNoVerdict is in the Err of a CURVE or PLAIN client's events when the server hung
	// up after it had the client's credentials, and said nothing about them: it has no
	// authenticator, or that does not answer. (A CURVE server's own key was right, then.)
	// The client goes on trying.
	ErrNoVerdict = errors.New("zmq: no verdict on our credentials")
)

// ProtocolError says what a peer did wrong. It is found with errors.As in the
// Err of an Event.
type ProtocolError struct {
	Code   uint32 // as in libzmq's ZMQ_PROTOCOL_ERROR_*
	Reason string
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("zmq: protocol error %#x: %s", e.Code, e.Reason)
}

// publicError makes an error of the lower rooms one of this package.
func publicError(err error) error {
	var contained *contain.Panic
	var proto *wire.ProtocolError
	var auth *wire.AuthError
	var refused *wire.RefusedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &contained):
		return panicError(contained)
	case errors.As(err, &proto):
		return &ProtocolError{Code: proto.Code, Reason: proto.Reason}
	case errors.As(err, &auth), errors.As(err, &refused):
		return fmt.Errorf("%w: %v", ErrAuth, err)
	case errors.Is(err, session.ErrServerKey):
		return fmt.Errorf("%w: %w", ErrServerKey, err)
	case errors.Is(err, session.ErrNoVerdict):
		return fmt.Errorf("%w: %w", ErrNoVerdict, err)
	case errors.Is(err, wire.ErrRoutingIDInUse):
		return sameText(ErrRoutingIDInUse, wire.ErrRoutingIDInUse, err)
	case errors.Is(err, wire.ErrPeerBusy):
		return sameText(ErrPeerBusy, wire.ErrPeerBusy, err)
	case errors.Is(err, session.ErrTooLarge):
		return fmt.Errorf("%w: %v", ErrMsgTooLarge, err)
	case errors.Is(err, stream.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrMsgTooLarge, err)
	case errors.Is(err, session.ErrClosed), errors.Is(err, pgm.ErrClosed):
		return ErrClosed
	}
	return err
}

// sameText is err with a public sentinel in the place of an inner one, whose text is the
// same but for "zmq: ".
func sameText(public, inner, err error) error {
	if more, ok := strings.CutPrefix(err.Error(), inner.Error()); ok {
		return fmt.Errorf("%w%s", public, more)
	}
	return fmt.Errorf("%w: %v", public, err)
}
