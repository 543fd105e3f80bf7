package session

import (
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/wire"
)

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
func failure(err error) (kind link.EventKind, value uint32, ok bool) {
	var proto *wire.ProtocolError
	var auth *wire.AuthError
	var refused *wire.RefusedError
	switch {
	case errors.Is(err, wire.ErrIncompatible):
		return 0, 0, false
	case errors.As(err, &auth):
		return link.HandshakeFailedAuth, status(auth.Status), true
	case errors.As(err, &refused):
		return link.HandshakeFailedAuth, status(refused.Status), true
	case errors.As(err, &proto):
		return link.HandshakeFailedProtocol, proto.Code, true
	}
	return link.HandshakeFailedNoDetail, Errno(err), true
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
