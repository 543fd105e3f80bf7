//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package transport

import (
	"fmt"
	"net"
)

// Pass is not possible here.
func Pass(_ *net.UnixConn, l Listener) error {
	return fmt.Errorf("%w: the listener of %s can't go to another process on this system", ErrNoTransport, l.Endpoint())
}

// Passed is not possible here.
func Passed(*net.UnixConn) (fd int, endpoint string, err error) {
	return -1, "", fmt.Errorf("%w: no listener comes from another process on this system", ErrNoTransport)
}

// CloseFD does nothing: there is no descriptor.
func CloseFD(int) {}
