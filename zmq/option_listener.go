package zmq

import (
	"fmt"
	"net"
)

// WithListener lets Bind take connections from l instead of listening itself: from a
// VPN or a test's network that is no part of the operating system, or from an HTTP
// server (package wshttp). Give it to Bind with a tcp, ipc, ws or wss endpoint; of tcp,
// ws and wss the real form then has l's address. The socket owns l from then on and
// closes it; Accept must return net.ErrClosed after Close.
func WithListener(l net.Listener) Option { return Option{"LISTENER", l} }

var listenerRow = optionRow{
	name: "LISTENER", with: "WithListener", form: "net.Listener", effect: atNext,
	says: "a listener that the next Bind takes connections from (ours)",
	set: func(o *options, v any) error {
		l, ok := v.(net.Listener)
		if !ok && v != nil {
			return fmt.Errorf("must be a net.Listener, is a %T", v)
		}
		o.listener = l
		return nil
	},
	get: func(_ *Socket, o *options) any { return o.listener },
}
