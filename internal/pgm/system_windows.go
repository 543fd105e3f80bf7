package pgm

import (
	"errors"
	"net/netip"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// prepare lets several sockets of the host use one port. On Windows SO_REUSEADDR
// alone does what SO_REUSEPORT does elsewhere.
func (p *place) prepare(network, _ string, c syscall.RawConn) error {
	if !strings.HasPrefix(network, "udp") {
		return nil
	}
	var err error
	controlErr := c.Control(func(fd uintptr) {
		err = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1)
	})
	return errors.Join(controlErr, err)
}

// hearAt is what a socket is bound to that hears a group. Windows binds no group.
func hearAt(netip.Addr) netip.Addr { return netip.IPv4Unspecified() }
