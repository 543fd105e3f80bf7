package transport

import (
	"context"
	"fmt"
	"net"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// Listener takes connections at one endpoint.
type Listener interface {
	// Accept waits for a connection. After Close it returns net.ErrClosed.
	Accept() (net.Conn, error)

	// Close ends a waiting Accept and removes what Listen made. Connections
	// already accepted stay. Further calls do nothing.
	Close() error

	// Endpoint is the real endpoint, with the port or path that was chosen. A
	// wildcard host stays "0.0.0.0" or "[::]".
	Endpoint() string
}

// Listen binds to a tcp or ipc endpoint. ctx bounds the call, not the
// listener.
func Listen(ctx context.Context, ep endpoint.Endpoint, o Options) (Listener, error) {
	if err := ep.ForBind(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.FD > 0 {
		return adopt(ep, o)
	}
	switch ep.Scheme {
	case endpoint.TCP:
		return listenTCP(ctx, ep, o)
	case endpoint.IPC:
		return listenIPC(ctx, ep, o)
	}
	return nil, fmt.Errorf("%w: %s", ErrNoTransport, ep)
}

// Dial connects to a tcp or ipc endpoint, once. ctx bounds the call, not the
// connection, which is a *net.TCPConn or a *net.UnixConn.
func Dial(ctx context.Context, ep endpoint.Endpoint, o Options) (net.Conn, error) {
	if err := ep.ForConnect(); err != nil {
		return nil, err
	}
	if o.ConnectTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.ConnectTimeout)
		defer cancel()
	}
	switch ep.Scheme {
	case endpoint.TCP:
		return dialTCP(ctx, ep, o)
	case endpoint.IPC:
		return dialIPC(ctx, ep, o)
	}
	return nil, fmt.Errorf("%w: %s", ErrNoTransport, ep)
}
