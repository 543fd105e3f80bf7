package zyre

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// link is the DEALER on which a peer gets what this node sends. It is the Network of
// its own Context, so that every attempt to connect passes through it: until the
// peer has proved to be one there is a single attempt.
type link struct {
	n       *Node
	id      node.Link
	sock    *zmq.Socket
	cancel  context.CancelCauseFunc // of the wait for its connection
	trusted atomic.Bool
	tried   atomic.Bool
}

var errUntrusted = errors.New("zyre: not dialled twice before it has said HELLO")

// host is what the state machine acts through. Its methods are called with the
// node's lock held, and start only what Close waits for.
type host struct{ *Node }

// Dial implements node.Host.
func (h host) Dial(id node.Link, to node.Target) {
	ctx, cancel := context.WithCancelCause(h.sockets)
	k := &link{n: h.Node, id: id, cancel: cancel}
	h.links[id] = k
	err := k.open(to)
	h.tasks.Go(&h.running, "zyre: dial", func() {
		if err == nil {
			if err = k.sock.WaitConnected(ctx, 1); err != nil && ctx.Err() != nil {
				err = context.Cause(ctx)
			}
		}
		k.n.do("zyre: end of a dial", func(now time.Time) {
			if err == nil {
				k.n.core.Linked(now, id)
			} else {
				k.n.dialRefused(to, err)
				k.n.core.DialFailed(now, id)
			}
		})
		cancel(nil)
	}, func() {
		cancel(nil)
		k.n.do("zyre: dial that failed", func(now time.Time) { k.n.core.DialFailed(now, id) })
	})
}

// open makes the socket. It returns at once.
func (k *link) open(to node.Target) (err error) {
	c := k.n.config
	opts := []zmq.Option{
		zmq.WithName("zyre"), zmq.WithRoutingID(c.ID.RoutingID()), zmq.WithSendHWM(c.hwm), zmq.WithIPv6(c.ipv6),
		zmq.WithReconnectInterval(100*time.Millisecond, 2*time.Second),
	}
	opts = append(opts, c.socket...)
	if to.Key != "" {
		opts = append(opts, zmq.WithCurveClient(c.own, to.Key))
	}
	zc := zmq.NewContext(k.n.sockets, zmq.WithNetwork(k))
	if k.sock, err = zmq.NewDealer(zc, opts...); err != nil {
		return err
	}
	return k.sock.Connect("tcp://" + to.At.String())
}

// Dial implements zmq.Network.
func (k *link) Dial(ctx context.Context, text string) (net.Conn, error) {
	if !k.trusted.Load() && k.tried.Swap(true) {
		why := errUntrusted
		if last := k.sock.Endpoint(text).Err; last != nil { // why the first attempt has failed
			why = last
		}
		k.cancel(why)
		k.n.do("zyre: second dial", func(now time.Time) { k.n.core.DialFailed(now, k.id) })
		return nil, errUntrusted
	}
	c, err := k.n.dial(ctx, text)
	switch {
	case err == nil:
	case k.trusted.Load():
		k.n.do("zyre: lost link", func(now time.Time) { k.n.core.LinkLost(now, k.id, errors.Is(err, syscall.ECONNREFUSED)) })
	default:
		k.cancel(err)
	}
	return c, err
}

// Listen implements zmq.Network. A DEALER of a peer does not listen.
func (k *link) Listen(context.Context, string) (net.Listener, string, error) {
	return nil, "", errors.ErrUnsupported
}

func (n *Node) dial(ctx context.Context, text string) (net.Conn, error) {
	if n.config.network != nil {
		return n.config.network.Dial(ctx, text)
	}
	ep, err := endpoint.Parse(text)
	if err != nil {
		return nil, err
	}
	o := transport.Defaults()
	o.IPv6 = n.config.ipv6
	c, err := transport.Dial(ctx, ep, o)
	if err == nil {
		retransmit(c, 2*n.config.Expired)
	}
	return c, err
}

// Trust implements node.Host.
func (h host) Trust(id node.Link) {
	if k := h.links[id]; k != nil {
		k.trusted.Store(true)
	}
}

// Send implements node.Host.
func (h host) Send(id node.Link, frames [][]byte) bool {
	k := h.links[id]
	return k != nil && k.sock != nil && k.sock.TrySend(msg.New(frames...)) == nil
}

// Hangup implements node.Host.
func (h host) Hangup(id node.Link, flush bool) {
	k := h.links[id]
	if k == nil {
		return
	}
	delete(h.links, id)
	k.cancel(context.Canceled)
	if k.sock == nil {
		return
	}
	linger := time.Duration(0)
	if flush {
		linger = h.config.linger
	}
	h.tasks.Go(&h.running, "zyre: hang up", func() {
		_ = k.sock.Set(zmq.WithLinger(linger))
		err := k.sock.Close()
		if err == nil || !flush {
			return // a peer that is gone gets nothing any more
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.unsent = append(h.unsent, err)
	}, func() { k.sock.Close() })
}

// Local implements node.Host: the address from which the system would send to a host.
func (h host) Local(to netip.Addr) netip.Addr {
	if a := h.listens.Addr(); !a.IsUnspecified() {
		return a
	}
	c, err := net.Dial("udp", netip.AddrPortFrom(to, 9).String()) // sends nothing
	if err != nil {
		return h.listens.Addr()
	}
	defer c.Close()
	if a, ok := c.LocalAddr().(*net.UDPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return h.listens.Addr()
}

// Event implements node.Host.
func (h host) Event(e node.Event) {
	switch e.Kind {
	case node.Enter:
		h.crowd.Add(1)
	case node.Exit:
		h.crowd.Add(-1)
	}
	if e.Kind != node.Whisper && e.Kind != node.Shout {
		h.config.log.Debug("zyre", logs.Stringer("event", EventKind(e.Kind)), logs.Stringer("peer", e.Peer), logs.Str("name", quote(e.Name)), logs.Str("group", quote(e.Group)))
	}
	h.publish(newEvent(e))
}
