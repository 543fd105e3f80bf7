package ztest

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

// Faults are the manners of a network. They hold for connections made afterwards,
// except where a method of Net says otherwise.
type Faults struct {
	Delay  time.Duration // each write arrives so much later,
	Jitter time.Duration // and up to this much more; the order stays
	Slice  int           // a read returns 1 to Slice bytes; 0: as many as are there
	Buffer int           // bytes under way in one direction; 0: 64 KiB
}

const (
	defaultBuffer = 64 << 10
	// dialTimeout is how long a dial into a partition lasts: Linux gives up after
	// about as long.
	dialTimeout = 127 * time.Second
)

// Net is a network in memory. It is a zmq.Network: its endpoints are any string,
// of which "tcp://host:*" and "tcp://host:0" get a port.
type Net struct {
	mu      sync.Mutex
	rng     *rand.Rand
	faults  Faults
	ports   int
	bound   map[string]*listener
	links   map[*link]struct{}
	parted  chan struct{} // closed by Heal; nil while the network is whole
	refused map[string]bool
	dials   []time.Time
}

// NewNet makes a network whose randomness begins with seed.
func NewNet(seed uint64, f Faults) *Net {
	if f.Buffer == 0 {
		f.Buffer = defaultBuffer
	}
	return &Net{
		rng: rand.New(rand.NewPCG(seed, 0x6e6574)), faults: f, ports: 40000,
		bound: map[string]*listener{}, links: map[*link]struct{}{}, refused: map[string]bool{},
	}
}

// addr is an address of the network.
type addr string

func (a addr) Network() string { return "memory" }
func (a addr) String() string  { return string(a) }

// Listen takes an endpoint.
func (n *Net) Listen(_ context.Context, endpoint string) (net.Listener, string, error) {
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
func (n *Net) concrete(endpoint string) string {
	for _, wild := range []string{":*", ":0"} {
		if host, ok := strings.CutSuffix(endpoint, wild); ok {
			n.ports++
			return fmt.Sprintf("%s:%d", host, n.ports)
		}
	}
	return endpoint
}

// Dial connects to an endpoint, from 127.0.0.1.
func (n *Net) Dial(ctx context.Context, endpoint string) (net.Conn, error) {
	return n.DialFrom(ctx, "127.0.0.1", endpoint)
}

// Host is the network as seen from another address.
type Host struct {
	*Net
	IP string
}

// Dial connects from the host's address.
func (h Host) Dial(ctx context.Context, endpoint string) (net.Conn, error) {
	return h.Net.DialFrom(ctx, h.IP, endpoint)
}

// DialFrom connects to an endpoint from an address. In a partition it waits.
func (n *Net) DialFrom(ctx context.Context, ip, endpoint string) (net.Conn, error) {
	n.mu.Lock()
	n.dials = append(n.dials, time.Now())
	heal := n.parted
	n.mu.Unlock()
	if heal != nil {
		if err := waitHeal(ctx, heal); err != nil {
			return nil, err
		}
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

func waitHeal(ctx context.Context, heal <-chan struct{}) error {
	t := time.NewTimer(dialTimeout)
	defer t.Stop()
	select {
	case <-heal:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return os.NewSyscallError("connect", syscall.ETIMEDOUT)
	}
}

// join makes a link; the caller holds mu.
func (n *Net) join(ip, endpoint string) (near, far *Conn) {
	n.ports++
	here, there := addr(fmt.Sprintf("%s:%d", ip, n.ports)), addr(strings.TrimPrefix(endpoint, "tcp://"))
	k := &link{net: n}
	up, down := n.newStream(), n.newStream()
	k.near = &Conn{link: k, in: down, out: up, local: here, remote: there}
	k.far = &Conn{link: k, in: up, out: down, local: there, remote: here}
	n.links[k] = struct{}{}
	return k.near, k.far
}

func (n *Net) newStream() *stream {
	s := &stream{faults: n.faults, rng: rand.New(rand.NewPCG(n.rng.Uint64(), n.rng.Uint64()))}
	s.frozen = n.parted != nil
	return s
}

// Change sets the manners of connections made from now on.
func (n *Net) Change(f Faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if f.Buffer == 0 {
		f.Buffer = defaultBuffer
	}
	n.faults = f
}

// Refuse makes dials to an endpoint fail, as if nobody listened there; with on
// false they work again.
func (n *Net) Refuse(endpoint string, on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused[endpoint] = on
}

// Part splits the network: nothing arrives any more, on any connection, and dials
// wait. Nobody is told.
func (n *Net) Part() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.parted == nil {
		n.parted = make(chan struct{})
		n.freeze(true)
	}
}

// Heal undoes Part: what was under way arrives.
func (n *Net) Heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.parted != nil {
		close(n.parted)
		n.parted = nil
		n.freeze(false)
	}
}

func (n *Net) freeze(on bool) {
	for k := range n.links {
		k.near.in.freeze(on)
		k.near.out.freeze(on)
	}
}

// Reset breaks every connection, or with one true a random one: both sides get
// ECONNRESET, and what was under way is lost. It returns how many it broke.
func (n *Net) Reset(one bool) int {
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

// Links is the number of connections that neither side has given up.
func (n *Net) Links() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.links)
}

// Dials are the times of all attempts to connect.
func (n *Net) Dials() []time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]time.Time(nil), n.dials...)
}

func (n *Net) forget(k *link) {
	n.mu.Lock()
	delete(n.links, k)
	n.mu.Unlock()
}

// listener is a bound endpoint.
type listener struct {
	net      *Net
	endpoint string
	queue    chan *Conn
	done     chan struct{}
	once     sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close gives the endpoint up; connections that nobody has accepted are reset.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.net.mu.Lock()
		delete(l.net.bound, l.endpoint)
		l.net.mu.Unlock()
		close(l.done)
		for {
			select {
			case c := <-l.queue:
				c.link.reset()
				continue
			default:
			}
			return
		}
	})
	return nil
}

func (l *listener) Addr() net.Addr { return addr(l.endpoint) }
