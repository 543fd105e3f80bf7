package transport

import (
	"errors"

	"golang.org/x/sys/windows"
)

// The constants of package syscall are inventions on Windows; these are what
// the system returns.
func isAddrInUse(err error) bool { return errors.Is(err, windows.WSAEADDRINUSE) }
func isRefused(err error) bool   { return errors.Is(err, windows.WSAECONNREFUSED) }
