package zmqtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Faults are the manners of a Network. They hold for connections made afterwards.
// The zero value is a network without faults.
type Faults struct {
	Delay  time.Duration // each write arrives so much later,
	Jitter time.Duration // and up to this much more; the order stays
	Slice  int           // a read returns 1 to Slice bytes; 0: as many as are there
	Buffer int           // bytes under way in one direction; 0: 64 KiB
	Loss   int           // a connection breaks after 1 to Loss bytes, of both directions; 0: none does
}

const (
	defaultBuffer = 64 << 10
	// defaultIP is where dials of the Network itself come from.
	defaultIP = "127.0.0.1"
	// dialTimeout is how long a dial into a partition lasts: Linux gives up after
	// about as long.
	dialTimeout = 127 * time.Second
)

// Network is a network in memory, and a zmq.Network. Its endpoints are any text, of
// which "tcp://host:*" and "tcp://host:0" get a port. Its methods may be called from
// any goroutine.
type Network struct {
	mu      sync.Mutex
	rng     *rand.Rand
	faults  Faults
	ports   int
	bound   map[string]*listener
	links   map[*link]struct{}
	splits  []split
	healed  chan struct{} // closed by Heal; nil while the network is whole
	refused map[string]bool
	dials   []time.Time
}

// split is a line through the network: the hosts of one side. Without hosts, everyone
// stands alone.
type split map[string]bool

func (s split) between(a, b string) bool { return len(s) == 0 || s[a] != s[b] }

// NewNetwork makes a Network whose randomness begins with seed. It needs no closing.
func NewNetwork(seed uint64, f Faults) *Network {
	return &Network{
		rng: rand.New(rand.NewPCG(seed, 0x6e6574)), faults: f.complete(), ports: 40000,
		bound: map[string]*listener{}, links: map[*link]struct{}{}, refused: map[string]bool{},
	}
}

func (f Faults) complete() Faults {
	if f.Buffer == 0 {
		f.Buffer = defaultBuffer
	}
	return f
}

// addr is an address of the network.
type addr string

func (a addr) Network() string { return "memory" }
func (a addr) String() string  { return string(a) }

// Listen listens at an endpoint, on whatever host it names. It is for zmq.Context.
func (n *Network) Listen(_ context.Context, endpoint string) (net.Listener, string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	endpoint = n.concrete(endpoint)
	if n.bound[endpoint] != nil {
		return nil, "", os.NewSyscallError("bind", syscall.EADDRINUSE)
	}
	l := &listener{net: n, endpoint: endpoint, queue: make(chan *Conn, 1024), done: make(chan struct{})}
	n.bound[endpoint] = l
	return l, endpoint, nil
}

// concrete gives a wildcard port a number.
func (n *Network) concrete(endpoint string) string {
	for _, wild := range []string{":*", ":0"} {
		if host, ok := strings.CutSuffix(endpoint, wild); ok {
			n.ports++
			return fmt.Sprintf("%s:%d", host, n.ports)
		}
	}
	return endpoint
}

// Dial connects to an endpoint once, from 127.0.0.1. The connection is a *Conn. Dialling
// across a partition waits, as it does where packets vanish.
func (n *Network) Dial(ctx context.Context, endpoint string) (net.Conn, error) {
	return n.dialFrom(ctx, defaultIP, endpoint)
}

// Host is the Network as seen from one address: a zmq.Network whose dials come from there.
type Host struct {
	*Network
	ip string
}

// Host returns the Network as seen from an address such as "10.0.0.2".
func (n *Network) Host(ip string) *Host { return &Host{n, ip} }

// Dial connects to an endpoint once, from the host's address.
func (h *Host) Dial(ctx context.Context, endpoint string) (net.Conn, error) {
	return h.dialFrom(ctx, h.ip, endpoint)
}

func (n *Network) dialFrom(ctx context.Context, ip, endpoint string) (net.Conn, error) {
	if err := n.waitWhole(ctx, ip, hostOf(endpoint)); err != nil {
		return nil, err
	}
	n.mu.Lock()
	l := n.bound[endpoint]
	if l == nil || n.refused[endpoint] {
		n.mu.Unlock()
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	near, far := n.join(ip, endpoint)
	n.mu.Unlock()
	select {
	case l.queue <- far:
		return near, nil
	case <-l.done:
	default: // the backlog is full
	}
	near.link.reset()
	return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
}

// waitWhole notes an attempt to connect, and waits while a partition lies between the
// two hosts.
func (n *Network) waitWhole(ctx context.Context, from, to string) error {
	late := time.NewTimer(dialTimeout)
	defer late.Stop()
	n.mu.Lock()
	n.dials = append(n.dials, time.Now())
	for n.split(from, to) {
		healed := n.healed
		n.mu.Unlock()
		select {
		case <-healed:
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return os.NewSyscallError("connect", syscall.ETIMEDOUT)
		}
		n.mu.Lock()
	}
	n.mu.Unlock()
	return nil
}

// split reports whether a partition lies between two hosts; the caller holds mu.
func (n *Network) split(a, b string) bool {
	for _, s := range n.splits {
		if s.between(a, b) {
			return true
		}
	}
	return false
}

// hostOf is the host of "tcp://host:port", or of "host:port".
func hostOf(endpoint string) string {
	_, rest, ok := strings.Cut(endpoint, "://")
	if !ok {
		rest = endpoint
	}
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		rest = rest[:i]
	}
	return strings.Trim(rest, "[]")
}

// join makes a link; the caller holds mu.
func (n *Network) join(ip, endpoint string) (near, far *Conn) {
	n.ports++
	k := &link{net: n, from: ip, to: hostOf(endpoint)}
	if n.faults.Loss > 0 {
		k.lasts.Store(1 + n.rng.Int64N(int64(n.faults.Loss)))
		k.mortal = true
	}
	here, there := addr(net.JoinHostPort(ip, fmt.Sprint(n.ports))), addr(strings.TrimPrefix(endpoint, "tcp://"))
	up, down := n.newStream(k), n.newStream(k)
	k.near = &Conn{link: k, in: down, out: up, local: here, remote: there}
	k.far = &Conn{link: k, in: up, out: down, local: there, remote: here}
	n.links[k] = struct{}{}
	return k.near, k.far
}

func (n *Network) newStream(k *link) *stream {
	s := &stream{faults: n.faults, rng: rand.New(rand.NewPCG(n.rng.Uint64(), n.rng.Uint64()))}
	s.frozen = n.split(k.from, k.to)
	return s
}

// SetFaults sets the manners of connections made from now on.
func (n *Network) SetFaults(f Faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = f.complete()
}

// Refuse makes dials to an endpoint fail with ECONNREFUSED, as if nobody listened there;
// with on false they work again. Connections that there are stay.
func (n *Network) Refuse(endpoint string, on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused[endpoint] = on
}

// Partition splits the network: nothing arrives any more between the hosts named and all
// others, on any connection, and dials between them wait. Nobody is told. Without hosts
// nothing arrives anywhere. A further call splits the network once more.
func (n *Network) Partition(hosts ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	side := split{}
	for _, h := range hosts {
		side[h] = true
	}
	n.splits = append(n.splits, side)
	if n.healed == nil {
		n.healed = make(chan struct{})
	}
	n.freeze()
}

// Heal undoes all partitions: what was under way arrives.
func (n *Network) Heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.healed == nil {
		return
	}
	close(n.healed)
	n.splits, n.healed = nil, nil
	n.freeze()
}

// freeze holds what is under way on the connections across a partition, and lets the
// others go on; the caller holds mu.
func (n *Network) freeze() {
	for k := range n.links {
		on := n.split(k.from, k.to)
		k.near.in.freeze(on)
		k.near.out.freeze(on)
	}
}

// Reset breaks every connection, as a kernel does with RST: both sides get ECONNRESET,
// and what was under way is lost. It returns how many it broke.
func (n *Network) Reset() int { return n.reset(false) }

// ResetOne breaks one connection that it chooses at random, and returns how many it
// broke: one, or none where there was none.
func (n *Network) ResetOne() int { return n.reset(true) }

func (n *Network) reset(one bool) int {
	n.mu.Lock()
	all := make([]*link, 0, len(n.links))
	for k := range n.links {
		all = append(all, k)
	}
	if one && len(all) > 1 {
		all = all[n.rng.IntN(len(all)):][:1]
	}
	n.mu.Unlock()
	for _, k := range all {
		k.reset()
	}
	return len(all)
}

// Connections is the number of connections that neither side has given up.
func (n *Network) Connections() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.links)
}

// Dials are the times of all attempts to connect.
func (n *Network) Dials() []time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]time.Time(nil), n.dials...)
}

func (n *Network) forget(k *link) {
	n.mu.Lock()
	delete(n.links, k)
	n.mu.Unlock()
}
