package session

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
)

// EventKind is libzmq's event number.
type EventKind uint32

// The events of a socket, with libzmq's values.
const (
	Connected               EventKind = 0x0001
	ConnectDelayed          EventKind = 0x0002
	ConnectRetried          EventKind = 0x0004
	Listening               EventKind = 0x0008
	BindFailed              EventKind = 0x0010
	Accepted                EventKind = 0x0020
	AcceptFailed            EventKind = 0x0040
	ClosedEvent             EventKind = 0x0080
	CloseFailed             EventKind = 0x0100
	Disconnected            EventKind = 0x0200
	HandshakeFailedNoDetail EventKind = 0x0800
	HandshakeSucceeded      EventKind = 0x1000
	HandshakeFailedProtocol EventKind = 0x2000
	HandshakeFailedAuth     EventKind = 0x4000
	// Gap is not of libzmq, which says nothing of it: packets of a multicast source
	// are lost, as many as the value says if that is known.
	Gap EventKind = 0x8000
)

// Event is something that happened to an endpoint or a connection.
type Event struct {
	Kind     EventKind
	Endpoint string
	Remote   string
	Local    string // our address of the connection, as Remote is the peer's
	Dialled  bool   // the endpoint was connected, not bound
	Value    uint32 // libzmq's: a descriptor, an errno, milliseconds, a code
	Err      error
	RetryIn  time.Duration
}

// FD is the descriptor of a connection or listener, 0 when it has none.
func FD(c any) uint32 {
	if nc, ok := c.(net.Conn); ok {
		c = bottom(nc)
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0
	}
	var fd uintptr
	if raw.Control(func(f uintptr) { fd = f }) != nil {
		return 0
	}
	return uint32(fd)
}

// Errno is the system's number for an error, for libzmq's event values.
func Errno(err error) uint32 {
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
		return uint32(no)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return uint32(syscall.EAGAIN)
	case err == nil:
		return 0
	}
	return uint32(syscall.EPIPE) // the peer went away
}

// failure is the event for a handshake that ended with err. ok is false where
// libzmq reports none: a socket type that does not fit.
func failure(err error) (kind EventKind, value uint32, ok bool) {
	var proto *wire.ProtocolError
	var auth *wire.AuthError
	var refused *wire.RefusedError
	switch {
	case errors.Is(err, wire.ErrIncompatible):
		return 0, 0, false
	case errors.As(err, &auth):
		return HandshakeFailedAuth, status(auth.Status), true
	case errors.As(err, &refused):
		return HandshakeFailedAuth, status(refused.Status), true
	case errors.As(err, &proto):
		return HandshakeFailedProtocol, proto.Code, true
	}
	return HandshakeFailedNoDetail, Errno(err), true
}

// status is the number in a three-digit status.
func status(s string) uint32 {
	n := uint32(0)
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + uint32(c-'0')
	}
	return n
}

func remoteOf(c net.Conn) string {
	if a := c.RemoteAddr(); a != nil {
		return a.String()
	}
	return ""
}

func localOf(c net.Conn) string {
	if a := c.LocalAddr(); a != nil {
		return a.String()
	}
	return ""
}
