//go:build !linux

package zyre

import (
	"net"
	"time"
)

// retransmit is for kernels that can be told when to send again; this one can't.
func retransmit(net.Conn, time.Duration) {}
