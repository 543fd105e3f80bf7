//go:build !unix

package transport

import (
	"fmt"
	"net"
	"syscall"
)

// control has nothing to do before bind and connect here; buffers are left to
// the system, which sizes them well, and so are the backlog and the type of
// service.
func (o Options) control(string, syscall.RawConn, bool) error {
	if o.BindToDevice != "" {
		return fmt.Errorf("bind to device %q: %w", o.BindToDevice, ErrNoTransport)
	}
	return nil
}

func setBacklog(*net.TCPListener, int) error { return nil }

func (o Options) prioritize(int) error { return nil }
