package mdns

import (
	"errors"
	"fmt"
	"net"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

// The errors of this package. Those that name a bad argument wrap one of them together
// with the argument and the rule that it broke.
var (
	// ErrClosed is returned by the methods of what is closed. It matches net.ErrClosed.
	ErrClosed = fmt.Errorf("mdns: closed: %w", net.ErrClosed)
	// ErrInvalidOption says that an argument of an option is out of its range.
	ErrInvalidOption = errors.New("mdns: invalid option")
	// ErrNoInterface is in what Problem returns: there is no interface to send and hear on.
	ErrNoInterface = lan.ErrNoInterface
	// ErrInvalidService says that a Service or a type of service breaks a rule of DNS-SD.
	ErrInvalidService = errors.New("mdns: invalid service")
)
