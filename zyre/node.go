package zyre

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/alarm"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/internal/zre"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// Node is one node of the network. Its methods may be called from any goroutine.
type Node struct {
	config *config
	id     ID
	lost   atomic.Uint64
	listed registry.Entry
	crowd  atomic.Int64 // how many peers are there, for the beacon's goroutine

	mu      sync.Mutex // guards what follows; held for no longer than it takes to think
	core    *node.Node
	links   map[node.Link]*link
	feed    *feed.Queue[Event]
	early   early
	refused refusals
	told    map[string]beacon.PeerEvent // what Discoverers have found, by id
	lookups map[string]bool             // hosts' names that are being looked up
	closed  bool
	unsent  []error // what links could not send
	handing bool    // the inbox lets connections take over identities

	// Set by New, and then constant.
	life      *lifetime.Life
	sockets   context.Context // of the sockets: ends after they have lingered
	loops     context.Context // of the goroutines that read: ends with Close
	inbox     *zmq.Socket
	auth      *auth.Auth
	decisions iter.Seq[auth.Decision] // of auth
	beacon    *beacon.Beacon
	listens   netip.AddrPort // an unspecified address means all
	endLoops  context.CancelFunc
	release   []func()     // what undoes open, last first
	clock     *alarm.Clock // of the state machine
	running   sync.WaitGroup
	gone      chan struct{} // closed when Close begins
	tasks     contain.Guard
	fail      context.CancelFunc // ends the node, and waits for nothing
}

// New makes a node: it opens its port, and begins to beacon and to hear. ctx is the
// node's life: its end ends the node as Close does. A name of "" stands for the first
// six digits of its UUID.
//
// Errors: ErrInvalidOption, ErrInvalidName, or what opening the ports or the certificate
// gave.
func New(ctx context.Context, name string, opts ...Option) (*Node, error) {
	c, err := newConfig(name, opts)
	if err != nil {
		return nil, err
	}
	n := &Node{
		config: c, id: ID(c.ID),
		links: map[node.Link]*link{}, told: map[string]beacon.PeerEvent{}, lookups: map[string]bool{},
		clock: alarm.New(), gone: make(chan struct{}),
	}
	n.feed = n.newFeed()
	n.core = node.New(c.Config, host{n})
	if err := n.open(ctx); err != nil {
		n.close()
		return nil, fmt.Errorf("zyre: node %q: %w", c.Name, err)
	}
	n.listed.Enter(registry.Node, (*subject)(n))
	lives, fail := context.WithCancel(ctx)
	n.fail = fail
	n.tasks.Report = n.panicked
	err = n.run()
	n.life = lifetime.New(lives, "zyre", n.end) // now: the end waits for what run has started
	if err != nil {
		_ = n.Close()
		return nil, fmt.Errorf("zyre: node %q: %w", c.Name, err)
	}
	return n, nil
}

// ID is the node's UUID.
func (n *Node) ID() ID { return n.id }

// Name is the node's name.
func (n *Node) Name() string { return n.config.Name }

// run starts the goroutines, and makes the node known.
func (n *Node) run() error {
	n.do("zyre: begin", func(now time.Time) {
		for _, group := range n.config.contests {
			n.core.Contest(now, group)
		}
		for _, group := range n.config.groups {
			n.core.Join(now, group)
		}
	})
	n.tasks.Go(&n.running, "zyre: receive", n.receive, n.fail)
	n.tasks.Go(&n.running, "zyre: clock", n.keepTime, n.fail)
	if n.decisions != nil {
		n.tasks.Go(&n.running, "zyre: judge", func() { n.judge(n.decisions) }, nil)
	}
	if n.beacon == nil {
		return n.discover()
	}
	signals := n.beacon.Events(n.loops)
	n.tasks.Go(&n.running, "zyre: hear", func() { n.hear(signals) }, n.fail)
	return errors.Join(n.beacon.Publish(n.says(n.listens.Port()), n.config.interval), n.discover())
}

// open makes what a node needs. What it has made when it fails is in release.
func (n *Node) open(ctx context.Context) (err error) {
	life := context.WithoutCancel(ctx) // Close ends it, in good order
	var end context.CancelFunc
	n.sockets, end = context.WithCancel(life)
	n.release = append(n.release, end)
	n.loops, n.endLoops = context.WithCancel(life)
	n.release = append(n.release, n.endLoops)
	if err := n.listen(); err != nil {
		return err
	}
	if n.config.silent {
		return nil
	}
	pace := func(every time.Duration) time.Duration { return n.config.Pace(every, int(n.crowd.Load())) }
	opts := append(append([]beacon.Option{beacon.WithPace(pace)}, n.config.beaconed...), n.config.beacon...)
	n.beacon, err = beacon.New(life, opts...)
	if err != nil {
		return err
	}
	n.release = append(n.release, func() { n.beacon.Close() })
	n.beacon.Subscribe([]byte("ZRE"))
	return nil
}

// listen opens the inbox, and with a key the authenticator that guards it.
//
// https://rfc.zeromq.org/spec/36/: a node has a ROUTER for what its peers send.
func (n *Node) listen() error {
	zc := zmq.NewContext(n.sockets, n.contextOptions()...)
	opts := []zmq.Option{
		zmq.WithName("zyre"), zmq.WithIPv6(n.config.ipv6), zmq.WithLinger(0), zmq.WithBacklog(backlog),
		// In zyre a new connection takes over an identity, so that a peer is not shut out
		// by its own dead one after an outage; in clear that lets anybody who knows a UUID
		// cut its connection. With keys only its owner can. In clear it is allowed while
		// some peer is silent, or has been lost: see handover.
		zmq.WithRouterHandover(n.config.own != nil),
		// A peer's silence is judged by ZRE's own PINGs. What the kernel holds would be
		// lost with a connection, and a peer of which messages are missing exits: so the
		// heartbeat only finds what has been dead for longer than any outage that a peer
		// survives.
		zmq.WithHeartbeat(n.config.Expired, n.config.Expired, 0),
		// ZRE's own frame comes before the content.
		zmq.WithMaxParts(n.config.frames + 1), zmq.WithMaxMsgSize(n.config.bytes + zre.MaxRead),
	}
	opts = append(opts, n.config.socket...)
	if n.config.own != nil {
		if err := n.guard(zc); err != nil {
			return err
		}
		opts = append(opts, zmq.WithCurveServer(n.config.own), zmq.WithZAPDomain(zapDomain))
	}
	var err error
	if n.inbox, err = zmq.NewRouter(zc, opts...); err != nil {
		return err
	}
	n.release = append(n.release, func() { n.inbox.Close() })
	bound, err := n.inbox.Bind(n.config.bind)
	if err != nil {
		return err
	}
	n.listens, err = netip.ParseAddrPort(strings.TrimPrefix(bound, "tcp://"))
	if err != nil {
		return invalid("bind %q: must be tcp with an address", n.config.bind)
	}
	n.core.Port = n.listens.Port()
	return nil
}

// backlog is for a node that starts where many are: they all dial it at once, and who
// finds no place tries again a second later.
const backlog = 1024

// zapDomain is what zyre calls its ZAP domain.
const zapDomain = "global"

func (n *Node) guard(zc *zmq.Context) (err error) {
	if n.auth, err = auth.New(zc); err != nil {
		return err
	}
	n.release = append(n.release, func() { n.auth.Close() })
	if n.config.trusted == nil {
		n.auth.CurveAny(zapDomain)
	} else {
		n.auth.Curve(zapDomain, n.config.trusted)
		n.followStore()
	}
	n.decisions = n.auth.Events(n.loops)
	return nil
}

func (n *Node) contextOptions() []zmq.ContextOption {
	if n.config.network == nil {
		return nil
	}
	return []zmq.ContextOption{zmq.WithNetwork(n.config.network)}
}

// says is the node's beacon; with port 0 it is a goodbye.
func (n *Node) says(port uint16) []byte {
	z := beacon.ZRE{Version: beacon.ZRE1, UUID: n.id, Port: port}
	if key, err := cert.DecodeZ85(n.config.Key); err == nil && len(key) == len(z.PublicKey) {
		z.Version, z.PublicKey = beacon.ZRE3, [32]byte(key)
	}
	return z.Append(nil)
}

// Close says goodbye, ends the node and all that belongs to it, and waits for that: at
// most the linger time and a little. The events end with an EXIT for each peer. It may be
// called by many, and more than once.
//
// Errors: *zmq.UnsentError, for what was accepted and could not be sent.
func (n *Node) Close() error { return n.life.Close() }

// Shutdown is Close with ctx instead of the linger time: what was accepted may take until
// ctx's deadline.
func (n *Node) Shutdown(ctx context.Context) error { return n.life.Shutdown(ctx) }

// end is what Close does.
func (n *Node) end(ctx context.Context) error {
	defer n.fail()
	defer n.listed.Leave()
	close(n.gone)
	n.mu.Lock()
	if deadline, ok := ctx.Deadline(); ok {
		n.config.linger = max(0, time.Until(deadline))
	}
	n.closed = true
	p := n.tasks.Try("zyre: stop", func() { n.core.Stop(time.Now()) })
	n.mu.Unlock()
	n.tasks.Tell(p)
	n.leave()
	n.close()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.feed.Close()
	return unsent(n.unsent)
}

// unsent is one error for all links' messages that could not be sent.
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

// leave beacons goodbye, and waits for the links to be flushed and the goroutines to
// end.
func (n *Node) leave() {
	if n.beacon != nil {
		_ = n.beacon.Publish(n.says(0), n.config.interval) // its first beacon is sent at once
		_ = n.beacon.Close()
	}
	n.endLoops()
	n.running.Wait()
}

// close undoes open.
func (n *Node) close() {
	for i := len(n.release) - 1; i >= 0; i-- {
		n.release[i]()
	}
	n.release = nil
}

// panicked logs what the node does by itself and has panicked in.
func (n *Node) panicked(p *contain.Panic) {
	n.config.log.Limited(logs.Contained, p.Where, logs.Str("node", n.config.Name), logs.Err(p), logs.Str("stack", string(p.Stack)))
}

// do gives the state machine something to do, on the node's own goroutines: what panics
// is over, with the lock given back.
func (n *Node) do(where string, f func(now time.Time)) { n.tasks.Tell(n.guarded(where, f)) }

func (n *Node) guarded(where string, f func(now time.Time)) (p *contain.Panic) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		p = n.tasks.Try(where, func() { n.locked(f) })
	}
	return p
}

// handover lets peers come back over new connections while there is reason to. The
// caller holds mu.
func (n *Node) handover(now time.Time) {
	on := n.config.own != nil || n.core.Troubled(now)
	if on != n.handing && n.inbox != nil {
		n.handing = on
		_ = n.inbox.Set(zmq.WithRouterHandover(on))
	}
}

// locked is do for who has the lock: it sets the clock if it has to ring sooner.
func (n *Node) locked(f func(now time.Time)) {
	now := time.Now()
	f(now)
	n.handover(now)
	n.clock.Set(n.core.Next())
}

// keepTime ticks when the state machine asks for it.
func (n *Node) keepTime() {
	n.clock.Run(n.loops, func(now time.Time) {
		next := now.Add(time.Second) // after a panic: what is due is due still
		n.tasks.Step("zyre: tick", func() { next = n.tick(now) })
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
	contain.Probe("zyre: tick with the lock held")
	if next := n.core.Next(); !next.IsZero() && !next.After(now) {
		n.core.Tick(now)
	}
	n.handover(now)
	return n.core.Next()
}

// hear takes beacons.
func (n *Node) hear(signals func(func(beacon.Signal) bool)) {
	for s := range signals {
		if z, err := beacon.ParseZRE(s.Data); err == nil {
			n.heard("zyre: beacon", s.From.Addr(), z)
		}
	}
}
