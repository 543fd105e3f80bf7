package gossip

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/gossip/internal/frame"
	"github.com/go-zactor/zactor/gossip/internal/mesh"
	"github.com/go-zactor/zactor/internal/alarm"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Node is one node of the network. Its methods may be called from any goroutine.
type Node struct {
	listed registry.Entry
	config *config
	parent context.Context // of the sockets: the caller's *zmq.Context, or one of the default
	ctx    context.Context // ends with Close
	end    context.CancelFunc
	inbox  *zmq.Socket
	token  string // what the inbox says when a client is gone

	mu      sync.Mutex // guards what follows; held for no longer than it takes to think
	core    *mesh.Mesh
	last    mesh.Link
	dialled map[mesh.Link]*dialled
	clients map[string]client    // by routing id
	names   map[mesh.Link]string // the reverse
	unsent  []error              // what sockets could not send
	coming  string               // the address of the client that is being entered
	closed  bool

	guard   contain.Guard
	fail    context.CancelFunc // ends the node, and waits for nothing
	clock   *alarm.Clock       // of the state machine
	running sync.WaitGroup
	life    *lifetime.Life
	feed    *feed.Keyed[string, Tuple, Event]
	notices *beacon.NoticeBoard
}

// New makes a node that is linked to nobody. ctx is its life: when it ends the node
// is closed. It may be a *zmq.Context, which has the inproc names and, with CURVE,
// the authenticator.
//
// Errors: ErrInvalidOption, and those of zmq.NewRouter.
func New(ctx context.Context, opts ...Option) (*Node, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	n := &Node{
		config: c, parent: ctx, token: rand.Text(),
		dialled: map[mesh.Link]*dialled{}, clients: map[string]client{}, names: map[mesh.Link]string{},
		feed: newFeed(), notices: beacon.NewNoticeBoard().Log(c.log, "gossip"), clock: alarm.New(),
	}
	n.ctx, n.end = context.WithCancel(context.WithoutCancel(ctx)) // Close ends it
	n.core = mesh.New(c.Config, host{n})
	if n.inbox, err = zmq.NewRouter(ctx, n.hubOptions()...); err != nil {
		n.end()
		return nil, fmt.Errorf("gossip: %w", err)
	}
	lives, fail := context.WithCancel(ctx)
	n.fail = fail
	n.guard.Report = n.panicked
	n.guard.Go(&n.running, "gossip: receive", n.receive, n.fail)
	refusals := n.inbox.Events(n.ctx, clientEvents)
	n.guard.Go(&n.running, "gossip: follow clients", func() { n.heed(refusals) }, nil)
	n.guard.Go(&n.running, "gossip: clock", n.keepTime, n.fail)
	n.listed.Enter(registry.Gossip, (*subject)(n))
	n.life = lifetime.New(lives, "gossip", n.stop)
	return n, nil
}

func (n *Node) socketOptions() []zmq.Option {
	c := n.config
	opts := []zmq.Option{
		zmq.WithName("gossip"), zmq.WithLinger(c.linger), zmq.WithMaxMsgSize(int64(c.MaxValue + frame.Overhead)),
		zmq.WithHeartbeat(10*time.Second, 10*time.Second, 0),
	}
	return append(opts, c.socket...)
}

func (n *Node) hubOptions() []zmq.Option {
	opts := append(n.socketOptions(), zmq.WithRouterNotify(zmq.NotifyConnect), zmq.WithDisconnectMsg([]byte(n.token)), zmq.WithRouterMandatory(true))
	if n.config.own != nil {
		opts = append(opts, zmq.WithCurveServer(n.config.own), zmq.WithZAPDomain(n.config.domain))
	}
	return opts
}

// Bind lets others connect, and returns the real endpoint: "tcp://127.0.0.1:49153"
// for "tcp://127.0.0.1:*". It may be called several times.
//
// Errors: ErrClosed, and those of zmq's Bind.
func (n *Node) Bind(endpoint string) (string, error) {
	bound, err := n.inbox.Bind(endpoint)
	if err != nil {
		return "", n.orClosed(fmt.Errorf("gossip: bind %s: %w", endpoint, err))
	}
	return bound, nil
}

// orClosed is err, unless the node is closed.
func (n *Node) orClosed(err error) error {
	if n.ctx.Err() != nil {
		return ErrClosed
	}
	return err
}

// Publish gives a key a value, here and at all others, for a time or, with ttl 0, for
// ever. A tuple with a ttl has to be published again before it ends; times are rounded
// up to milliseconds. Nothing waits: peers that have no room are told later, and
// then the last value only.
//
// Errors: ErrInvalid (a key of 1 to 255 bytes, a value of at least one, no bytes of
// zero, a ttl of 0 to 2^32-1 ms), ErrTooLarge, ErrFull, ErrClosed.
func (n *Node) Publish(key, value string, ttl time.Duration) error {
	switch {
	case value == "":
		return fmt.Errorf("%w: key %.40q: an empty value is a deletion to zgossip", ErrInvalid, key)
	case len(value) > n.config.MaxValue:
		return fmt.Errorf("%w: key %.40q: value of %d bytes: at most %d", ErrTooLarge, key, len(value), n.config.MaxValue)
	case ttl < 0 || ttl.Milliseconds() > 1<<32-1:
		return fmt.Errorf("%w: key %.40q: ttl %v: must be 0 to 2^32-1 ms", ErrInvalid, key, ttl)
	}
	return n.try(func(now time.Time) error { return n.core.Put(now, key, value, ttl) })
}

// Delete removes a key, here and at all others. To delete what is not there does
// nothing.
//
// Errors: ErrClosed.
func (n *Node) Delete(key string) error {
	return n.try(func(now time.Time) error {
		n.core.Delete(now, key)
		return nil
	})
}

// Tuple is a key and what it has.
type Tuple struct {
	Key   string
	Value string
	Until time.Time // when it ends; zero: never
}

// Get returns a key's tuple.
func (n *Node) Get(key string) (Tuple, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	t, ok := n.core.Get(key)
	return Tuple{t.Key, t.Value, t.Until}, ok
}

// Snapshot returns all tuples, in the order of their keys.
func (n *Node) Snapshot() []Tuple {
	n.mu.Lock()
	defer n.mu.Unlock()
	keys := n.core.Keys()
	list := make([]Tuple, len(keys))
	for i, key := range keys {
		t, _ := n.core.Get(key)
		list[i] = Tuple{t.Key, t.Value, t.Until}
	}
	return list
}

// Close ends the node and all that belongs to it, and waits for that, at most a
// little longer than the linger time. Its tuples stay with the others: Delete those
// that should not. It may be called more than once.
//
// Errors: *zmq.UnsentError, for messages that could not be sent.
func (n *Node) Close() error { return n.life.Close() }

// Shutdown is Close with ctx instead of the linger time: what is on its way may take
// until ctx's deadline.
func (n *Node) Shutdown(ctx context.Context) error { return n.life.Shutdown(ctx) }

// panicked logs what the node does by itself and has panicked in.
func (n *Node) panicked(p *contain.Panic) {
	n.config.log.Limited(logs.Contained, p.Where, logs.Err(p), logs.Str("stack", string(p.Stack)))
}

// stop is what Close does.
func (n *Node) stop(ctx context.Context) error {
	defer n.listed.Leave()
	defer n.config.log.Flush()
	defer n.fail()
	n.end()
	n.mu.Lock()
	n.closed = true
	if deadline, ok := ctx.Deadline(); ok {
		n.config.linger = max(0, time.Until(deadline))
	}
	links := n.dialled
	n.dialled = nil
	n.mu.Unlock()
	var all sync.WaitGroup
	for _, d := range links {
		n.guard.Go(&all, "gossip: close", func() { n.shut(d.sock) }, func() { d.sock.Close() })
	}
	n.guard.Go(&all, "gossip: close", func() { n.shut(n.inbox) }, func() { n.inbox.Close() })
	all.Wait()
	n.running.Wait()
	n.feed.Close()
	n.notices.Close()
	return unsent(n.unsent)
}

// shut closes a socket, and keeps what it could not send.
func (n *Node) shut(s *zmq.Socket) {
	n.mu.Lock()
	linger := n.config.linger
	n.mu.Unlock()
	_ = s.Set(zmq.WithLinger(linger))
	if err := s.Close(); err != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.unsent = append(n.unsent, err)
	}
}

// unsent is one error for the messages of all sockets that could not be sent.
func unsent(errs []error) error {
	var all zmq.UnsentError
	for _, err := range errs {
		var one *zmq.UnsentError
		if errors.As(err, &one) {
			all.N += one.N
			all.For = append(all.For, one.For...)
		}
	}
	if all.N == 0 {
		return nil
	}
	return &all
}

// try gives the state machine something to do that can fail.
func (n *Node) try(f func(now time.Time) error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	err := f(time.Now())
	n.rearm()
	return err
}

// do is try for what can't, and needs not be done when the node is closed. It is for the
// node's own goroutines: what panics is over, with the lock given back.
func (n *Node) do(where string, f func(now time.Time)) (returned bool) {
	var p *contain.Panic
	_ = n.try(func(now time.Time) error {
		p = n.guard.Try(where, func() { f(now) })
		return nil
	})
	n.guard.Tell(p)
	return p == nil
}

// each is do for each of some messages. One that panics ends its sender's session, by
// spoilt.
func (n *Node) each(where string, ms []msg.Msg, take func(now time.Time, m msg.Msg), spoilt func(m msg.Msg)) {
	var panics []*contain.Panic
	_ = n.try(func(now time.Time) error {
		for _, m := range ms {
			if p := n.guard.Try(where, func() { take(now, m) }); p != nil {
				panics = append(panics, p, n.guard.Try(where+", end of its session", func() { spoilt(m) }))
			}
		}
		return nil
	})
	for _, p := range panics {
		n.guard.Tell(p)
	}
}

// rearm sets the clock if it has to ring sooner. The caller holds mu.
func (n *Node) rearm() { n.clock.Set(n.core.Next()) }

// keepTime ticks when the state machine asks for it.
func (n *Node) keepTime() {
	n.clock.Run(n.ctx, func(now time.Time) {
		next := now.Add(time.Second) // after a panic: what is due is due still
		n.guard.Step("gossip: tick", func() { next = n.tick(now) })
		n.clock.Set(next)
	})
}

// tick does what is due, and says when something will be.
func (n *Node) tick(now time.Time) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return time.Time{}
	}
	contain.Probe("gossip: tick with the lock held")
	if next := n.core.Next(); !next.IsZero() && !next.After(now) {
		n.core.Tick(now)
	}
	return n.core.Next()
}
