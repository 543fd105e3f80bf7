package members

import (
	"errors"
	"fmt"
	"net"
)

// The errors of this package; the others are those that beacon.Discoverer names.
var (
	// ErrClosed is returned by Announce on a member that is closed. It matches
	// net.ErrClosed.
	ErrClosed = fmt.Errorf("members: closed: %w", net.ErrClosed)
	// ErrInvalidOption says that an option is out of its bounds.
	ErrInvalidOption = errors.New("members: invalid option")
	// ErrRefused is in the Err of a notice: a member was not entered.
	ErrRefused = errors.New("members: refused")
)
