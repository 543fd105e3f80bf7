package zmq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/transport"
)

// handedOver is what the successor says once it has the listener.
const handedOver = 'k'

// handoverRetry is how often a successor looks whether there is a holder to succeed.
const handoverRetry = 10 * time.Millisecond

// Handover gives a bound tcp or ipc endpoint, in its real form, to another process
// without a moment in which nobody listens. It waits at path, a unix socket that only
// this user can open, until the successor calls TakeOver there. Then this socket
// accepts nobody any more, and tells each of its peers there that nothing more comes;
// those that connect to the endpoint come back to the successor. Handover returns
// when the last of them has gone: go on receiving meanwhile, and afterwards take what
// is left with TryRecv until ErrAgain; then Close.
//
// Nothing is lost of what peers send that are ours: a message that is being written is
// written to its end, the next one goes to the successor. A libzmq peer may lose what
// it had taken for the old connection and not written yet. Requests that have no reply
// yet when Handover begins get none: let them end before.
//
// The socket file of an ipc endpoint stays when the successor closes.
//
// Errors: ErrNoEndpoint, ErrNotSupported (inproc, udp, multicast, ws, or the system),
// ErrAddrInUse when another Handover waits at path already, ErrClosed, ctx's error. When ctx
// ends before the successor has come everything is as before; when it ends later the
// peers that are left are disconnected.
func (s *Socket) Handover(ctx context.Context, endpoint, path string) error {
	a, err := s.acceptor(endpoint)
	if err != nil {
		return err
	}
	if err := s.passListener(ctx, a, path); err != nil {
		return endpointError("hand over", endpoint, err)
	}
	s.ends.mu.Lock()
	mine := s.ends.bound[endpoint] == closer(a)
	if mine {
		delete(s.ends.bound, endpoint)
		s.ends.closings.Add(1)
	}
	s.ends.mu.Unlock()
	if !mine {
		return s.unknown("hand over", endpoint)
	}
	defer s.end(a)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ends.closing, cancel)()
	if err := a.Drain(ctx); err != nil {
		return endpointError("hand over", endpoint, err)
	}
	return nil
}

// TakeOver is the successor's part of Handover: it waits until a process hands an
// endpoint over at path, and binds it with opts. It returns the endpoint.
//
// Errors: those of Bind, and ctx's error.
func (s *Socket) TakeOver(ctx context.Context, path string, opts ...Option) (string, error) {
	c, err := dialHandover(ctx, path)
	if err != nil {
		return "", endpointError("take over", path, err)
	}
	defer c.Close()
	defer s.closeWith(ctx, c)()
	fd, bound, err := transport.Passed(c)
	if err != nil {
		return "", endpointError("take over", path, errors.Join(err, ctx.Err()))
	}
	real, err := s.Bind(bound, append(opts[:len(opts):len(opts)], WithUseFD(fd))...)
	if err != nil {
		transport.CloseFD(fd)
		return "", err
	}
	_, err = c.Write([]byte{handedOver})
	if err != nil { // it has given up: the listener is ours and its own
		_ = s.Unbind(real)
		return "", endpointError("take over", path, err)
	}
	return real, nil
}

// acceptor is what serves a bound endpoint that has a listener.
func (s *Socket) acceptor(endpoint string) (*session.Acceptor, error) {
	s.ends.mu.Lock()
	c := s.ends.bound[endpoint]
	s.ends.mu.Unlock()
	switch a := c.(type) {
	case nil:
		return nil, s.unknown("hand over", endpoint)
	case *session.Acceptor:
		return a, nil
	}
	return nil, fmt.Errorf("hand over %q: %w: only tcp and ipc have something to hand over", endpoint, ErrNotSupported)
}

// passListener waits for the successor and gives it the listener.
func (s *Socket) passListener(ctx context.Context, a *session.Acceptor, path string) error {
	l, err := transport.Listen(ctx, endpoint.Endpoint{Scheme: endpoint.IPC, Path: path}, transport.Defaults())
	if err != nil {
		return err
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ends.closing, cancel)()
	defer s.closeWith(ctx, l)()
	for {
		nc, err := l.Accept()
		if err != nil {
			return errors.Join(ctx.Err(), err)
		}
		if err = s.passTo(ctx, a, nc.(*net.UnixConn)); err == nil || errors.Is(err, transport.ErrNoTransport) || ctx.Err() != nil {
			return noDescriptor(err)
		}
	}
}

// closeWith closes c when ctx ends, which ends what waits for it.
func (s *Socket) closeWith(ctx context.Context, c io.Closer) (stop func() bool) {
	return contain.AfterFunc(ctx, "handover", func() { c.Close() }, s.failed)
}

// noDescriptor makes an error of package transport one of this package.
func noDescriptor(err error) error {
	if errors.Is(err, transport.ErrNoTransport) {
		return fmt.Errorf("%w: %v", ErrNotSupported, err)
	}
	return err
}

// passTo passes the listener to one who has come, and waits until it has bound it.
func (s *Socket) passTo(ctx context.Context, a *session.Acceptor, c *net.UnixConn) error {
	defer c.Close()
	defer s.closeWith(ctx, c)()
	if err := a.Pass(c); err != nil {
		return err
	}
	answer := []byte{0}
	if _, err := c.Read(answer); err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return nil
}

// dialHandover waits until a process is at path.
func dialHandover(ctx context.Context, path string) (*net.UnixConn, error) {
	tick := time.NewTicker(handoverRetry)
	defer tick.Stop()
	for {
		nc, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err == nil {
			return nc.(*net.UnixConn), nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		}
	}
}
