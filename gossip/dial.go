package gossip

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/gossip/internal/mesh"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// dialled is the DEALER of one Connect.
type dialled struct {
	endpoint string
	sock     *zmq.Socket
}

// Connect links the node to another one, and keeps it linked until Close or
// Disconnect. It returns at once; the other may come later.
//
// Errors: ErrClosed, and those of zmq's Connect; ErrInvalidOption if only one of
// WithCurve and WithServerKey is there.
func (n *Node) Connect(endpoint string, opts ...ConnectOption) error {
	var to dialling
	for _, opt := range opts {
		if err := opt(&to); err != nil {
			return err
		}
	}
	if (to.key == "") != (n.config.own == nil) {
		return options.Invalid("connect %s: CURVE needs both a certificate and the server's key", endpoint)
	}
	d, err := n.open(endpoint, to)
	if err != nil {
		return n.orClosed(fmt.Errorf("gossip: connect %s: %w", endpoint, err))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		d.sock.Close()
		return ErrClosed
	}
	n.last++
	id := n.last
	n.dialled[id] = d
	n.core.Dial(id)
	events := d.sock.Events(n.ctx, hubEvents)
	n.guard.Go(&n.running, "gossip: follow a hub", func() { n.follow(id, d.endpoint, events) }, func() { n.drop(id) })
	n.guard.Go(&n.running, "gossip: listen to a hub", func() { n.listen(id, d.sock) }, func() { n.drop(id) })
	if err := d.sock.Connect(endpoint); err != nil {
		delete(n.dialled, id)
		n.core.Hangup(id)
		d.sock.Close()
		return fmt.Errorf("gossip: connect %s: %w", endpoint, err)
	}
	return nil
}

// open makes the socket, which is not connected yet.
func (n *Node) open(endpoint string, to dialling) (*dialled, error) {
	opts := n.socketOptions()
	if to.key != "" {
		opts = append(opts, zmq.WithCurveClient(n.config.own, to.key))
	}
	sock, err := zmq.NewDealer(n.parent, opts...)
	return &dialled{endpoint, sock}, err
}

// Disconnect ends all links that Connect has made to an endpoint. What came from there
// stays.
//
// Errors: ErrClosed; ErrNotConnected if there are none.
func (n *Node) Disconnect(endpoint string) error {
	found := false
	err := n.try(func(time.Time) error {
		for id, d := range n.dialled {
			if d.endpoint == endpoint {
				found = true
				n.core.Hangup(id)
				delete(n.dialled, id)
				n.notices.Forget(endpoint)
				n.guard.Go(&n.running, "gossip: close", func() { n.shut(d.sock) }, func() { d.sock.Close() })
			}
		}
		return nil
	})
	if err == nil && !found {
		return fmt.Errorf("%w: disconnect %s", ErrNotConnected, endpoint)
	}
	return err
}

// follow tells the state machine of a link's connections.
func (n *Node) follow(id mesh.Link, endpoint string, events func(func(zmq.Event) bool)) {
	for e := range events {
		n.config.log.Debug("gossip", logs.Stringer("event", e.Kind), logs.Str("endpoint", e.Endpoint), logs.Err(e.Err))
		returned := n.do("gossip: event of a hub", func(now time.Time) {
			if n.dialled[id] != nil {
				n.tellHub(endpoint, e)
			}
			switch e.Kind {
			case zmq.EventHandshakeSucceeded:
				n.core.Linked(now, id)
			case zmq.EventDisconnected:
				n.core.Lost(id)
			}
		})
		if !returned {
			n.do("gossip: redial", func(time.Time) { host{n}.Redial(id, redialAfterPanic) })
		}
	}
}

// drop ends a link that lacks one of its goroutines.
func (n *Node) drop(id mesh.Link) {
	n.mu.Lock()
	d := n.dialled[id]
	delete(n.dialled, id)
	if d != nil {
		n.core.Hangup(id)
	}
	n.mu.Unlock()
	if d != nil {
		n.shut(d.sock)
	}
}

// redialAfterPanic is how long a hub is left alone whose message has made us panic.
const redialAfterPanic = time.Second

// listen takes what a hub sends.
func (n *Node) listen(id mesh.Link, sock *zmq.Socket) {
	ms := make([]msg.Msg, batch)
	for {
		count, err := sock.RecvBatch(n.ctx, ms)
		if err != nil {
			return
		}
		n.each("gossip: message of a hub", ms[:count],
			func(now time.Time, m msg.Msg) { n.core.Receive(now, id, m.Frames) },
			func(msg.Msg) { host{n}.Redial(id, redialAfterPanic) })
		for i := range ms[:count] {
			ms[i].Release()
		}
		clear(ms[:count])
	}
}

// host is what the state machine acts through. Its methods are called with the
// node's lock held.
type host struct{ *Node }

// Send implements mesh.Host.
func (h host) Send(id mesh.Link, b []byte) bool {
	if d := h.dialled[id]; d != nil {
		return d.sock.TrySend(msg.New(b)) == nil
	}
	name, ok := h.names[id]
	if !ok {
		return false
	}
	err := h.inbox.TrySend(msg.New([]byte(name), b))
	// A client that is gone needs nothing; that it is will be heard in a moment.
	return err == nil || errors.Is(err, zmq.ErrHostUnreachable)
}

// Redial implements mesh.Host.
func (h host) Redial(id mesh.Link, wait time.Duration) {
	d := h.dialled[id]
	if d == nil {
		return
	}
	h.config.log.Debug("gossip: dials again", logs.Str("endpoint", d.endpoint), logs.Dur("after", wait))
	h.guard.Go(&h.running, "gossip: redial", func() {
		_ = d.sock.Disconnect(d.endpoint)
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
			_ = d.sock.Connect(d.endpoint)
		case <-h.ctx.Done():
		}
	}, func() { h.drop(id) })
}

// Changed implements mesh.Host.
func (h host) Changed(key string) {
	if t, ok := h.core.Get(key); ok {
		h.feed.Set(key, Tuple{t.Key, t.Value, t.Until})
	} else {
		h.feed.Delete(key)
	}
}
