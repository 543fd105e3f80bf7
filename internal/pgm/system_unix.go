//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package pgm

import (
	"errors"
	"net/netip"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// prepare lets several sockets of the host, ours and libzmq's, use one port: with
// multicast each of them hears everything.
func (p *place) prepare(network, _ string, c syscall.RawConn) error {
	var errs error
	err := c.Control(func(fd uintptr) {
		onlyOwnGroups(int(fd))
		if !strings.HasPrefix(network, "udp") {
			return
		}
		errs = errors.Join(
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1),
		)
	})
	return errors.Join(err, errs)
}

// hearAt is what a socket is bound to that hears a group: the group itself, so that
// it gets nothing else, above all no NAK that is meant for a source of this host.
func hearAt(group netip.Addr) netip.Addr { return group }
