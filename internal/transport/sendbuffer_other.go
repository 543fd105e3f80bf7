//go:build !unix

package transport

import "net"

// SendBuffer is how many bytes the kernel takes for c before it has a writer wait. It is 0
// here: buffers are left to the system, which does not say.
func SendBuffer(net.Conn) int { return 0 }
