//go:build !linux

package transport

import "net"

// Unsent is how many bytes written to c the other side has not taken yet. It
// is false here, because the system does not tell.
func Unsent(net.Conn) (int, bool) { return 0, false }
