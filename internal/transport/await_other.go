//go:build !unix

package transport

import "net"

// CanAwait reports whether Await waits.
const CanAwait = false

// Readable reports that a read of c would return at once. It is true here, because the
// system does not tell.
func Readable(net.Conn) bool { return true }

// Await returns at once here: the read waits.
func Await(net.Conn) {}
