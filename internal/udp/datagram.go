package udp

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// MaxDatagram is the longest datagram, with all that is in it.
const MaxDatagram = 8192

// maxGroup is the longest name of a group: its length is one byte.
const maxGroup = 255

var (
	// ErrTooLarge: a message does not fit a datagram.
	ErrTooLarge = fmt.Errorf("does not fit a datagram of %d bytes", MaxDatagram)
	// ErrAddress: a frame is no address.
	ErrAddress = errors.New(`is not an address as "192.0.2.1:5555"`)
	errGroup   = errors.New("datagram that ends within its group")
)

// AppendGroup appends the datagram of a group and a body.
func AppendGroup(dst, group, body []byte) ([]byte, error) {
	if len(group) > maxGroup || 1+len(group)+len(body) > MaxDatagram {
		return dst, ErrTooLarge
	}
	dst = append(dst, byte(len(group)))
	return append(append(dst, group...), body...), nil
}

// ParseGroup cuts such a datagram. What it returns are parts of b.
func ParseGroup(b []byte) (group, body []byte, err error) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return nil, nil, errGroup
	}
	end := 1 + int(b[0])
	return b[1:end:end], b[end:], nil
}

// ParseAddress reads the frame of a DGRAM that says whom a datagram is for. libzmq
// has a zero byte at the end of those that it receives, and so this takes one.
func ParseAddress(frame []byte) (netip.AddrPort, error) {
	to, err := netip.ParseAddrPort(strings.TrimSuffix(string(frame), "\x00"))
	if err != nil || to.Port() == 0 {
		return netip.AddrPort{}, ErrAddress
	}
	return to, nil
}
