package transport

import (
	"errors"
	"fmt"
)

var (
	// ErrAddrInUse says that a living process has the address.
	ErrAddrInUse = errors.New("address already in use")

	// ErrSelf says that a connection had two equal ends: the kernel joins a socket with
	// itself when it dials the port that it has, and nobody else listens there.
	ErrSelf = errors.New("the connection was to itself")

	// ErrOccupied says that an ipc path exists and is not ours to remove.
	ErrOccupied = errors.New("path is occupied")

	// ErrIPv6Off says that an IPv6 address was given while the IPv6 option is
	// off.
	ErrIPv6Off = errors.New("an IPv6 address needs the IPv6 option")

	// ErrNoTransport says that this package, or this operating system, cannot
	// carry the scheme. It is also errors.ErrUnsupported.
	ErrNoTransport = fmt.Errorf("no such transport here: %w", errors.ErrUnsupported)
)

// bindError gives a failed bind its sentinel and its address.
func bindError(what fmt.Stringer, err error) error {
	if isAddrInUse(err) {
		return fmt.Errorf("%w: %s: %w", ErrAddrInUse, what, err)
	}
	return fmt.Errorf("bind %s: %w", what, err)
}
