package members

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/go-sockaddr"
	"github.com/hashicorp/memberlist"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/internal/rate"
	"github.com/go-zactor/zactor/internal/contain"
)

// transport carries memberlist's packets and connections. Memberlist's own takes what comes
// from whom it may, and each packet into 64 KiB of its own; here each address has its share
// of both, and Shutdown ends what memberlist would wait for: dials under way, and
// connections that are open.
type transport struct {
	tcp     *net.TCPListener
	udp     *lan.Listener
	limit   *rate.Fair
	tasks   *contain.Guard
	count   *traffic
	ctx     context.Context
	end     context.CancelFunc
	packets chan *memberlist.Packet
	streams chan net.Conn
	running sync.WaitGroup

	mu     sync.Mutex
	conns  map[*stream]struct{} // guarded by mu
	come   arrivals             // guarded by mu; of conns, those that have come
	closed bool                 // guarded by mu
}

var _ memberlist.NodeAwareTransport = (*transport)(nil)

// newTransport opens the port and begins to listen.
func newTransport(c *config, tasks *contain.Guard, count *traffic) (*transport, error) {
	tcp, udp, err := listeners(c.list.BindAddr, c.list.BindPort)
	if err != nil {
		return nil, err
	}
	t := &transport{
		tcp: tcp, udp: udp, limit: rate.New(c.rate), tasks: tasks, count: count,
		packets: make(chan *memberlist.Packet), streams: make(chan net.Conn), conns: map[*stream]struct{}{}, come: newArrivals(),
	}
	t.ctx, t.end = context.WithCancel(context.Background())
	tasks.Go(&t.running, "members: accept", t.accept, func() { tcp.Close() })
	tasks.Go(&t.running, "members: listen", t.listen, func() { udp.Conn.Close() })
	return t, nil
}

// FinalAdvertiseAddr implements memberlist.Transport: without an address it is what the
// member is bound to, or this host's first private one.
func (t *transport) FinalAdvertiseAddr(ip string, port int) (net.IP, int, error) {
	at := t.tcp.Addr().(*net.TCPAddr)
	if ip != "" {
		at = &net.TCPAddr{IP: net.ParseIP(ip), Port: port}
	} else if at.IP.IsUnspecified() {
		private, err := sockaddr.GetPrivateIP()
		if err != nil {
			return nil, 0, fmt.Errorf("private address of this host: %w", err)
		}
		at = &net.TCPAddr{IP: net.ParseIP(private), Port: at.Port}
	}
	if at.IP == nil {
		return nil, 0, fmt.Errorf("this host has no private address: say which others can reach (WithAdvertise)")
	}
	if short := at.IP.To4(); short != nil {
		at.IP = short
	}
	return at.IP, at.Port, nil
}

// WriteTo implements memberlist.Transport.
func (t *transport) WriteTo(b []byte, addr string) (time.Time, error) {
	to, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return time.Time{}, err
	}
	_, err = t.udp.Conn.WriteTo(b, to)
	return time.Now(), err
}

// WriteToAddress implements memberlist.NodeAwareTransport.
func (t *transport) WriteToAddress(b []byte, a memberlist.Address) (time.Time, error) {
	return t.WriteTo(b, a.Addr)
}

// PacketCh implements memberlist.Transport.
func (t *transport) PacketCh() <-chan *memberlist.Packet { return t.packets }

// StreamCh implements memberlist.Transport.
func (t *transport) StreamCh() <-chan net.Conn { return t.streams }

// DialTimeout implements memberlist.Transport.
func (t *transport) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	d := net.Dialer{Timeout: timeout}
	c, err := d.DialContext(t.ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return t.track(&stream{Conn: c, t: t}), nil
}

// DialAddressTimeout implements memberlist.NodeAwareTransport.
func (t *transport) DialAddressTimeout(a memberlist.Address, timeout time.Duration) (net.Conn, error) {
	return t.DialTimeout(a.Addr, timeout)
}

// Shutdown implements memberlist.Transport.
func (t *transport) Shutdown() error {
	t.end()
	t.tcp.Close()
	t.udp.Conn.Close()
	t.running.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for s := range t.conns {
		s.Conn.Close()
	}
	return nil
}

// accept hands connections on.
func (t *transport) accept() {
	for wait := time.Duration(0); t.ctx.Err() == nil; {
		c, err := t.tcp.AcceptTCP()
		if err != nil {
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			lan.Pause(t.ctx.Done(), wait)
			continue
		}
		wait = 0
		if !t.tasks.Step("members: connection", func() { t.hand(c) }) {
			c.Close()
		}
	}
}

func (t *transport) hand(c *net.TCPConn) {
	s := &stream{Conn: c, t: t}
	if !t.admit(s) {
		t.count.crowded.Add(1)
		c.Close()
		return
	}
	select {
	case t.streams <- s:
	case <-t.ctx.Done():
		s.Close()
	}
}

// admit gives a connection that has come a place. The oldest of an address that has more
// is closed for it.
func (t *transport) admit(s *stream) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.come.take(s, s.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(), func(old *stream) {
		t.count.crowded.Add(1)
		old.Conn.Close()
		t.drop(old)
	})
	if !ok {
		return false
	}
	s.place = at
	t.conns[s] = struct{}{}
	return true
}

// drop gives a connection's place back, once. The caller holds mu.
func (t *transport) drop(s *stream) {
	delete(t.conns, s)
	t.come.give(s.place)
	s.place = arrival{}
}

// stream is a connection that Shutdown closes if it is still open.
type stream struct {
	net.Conn
	t     *transport
	place arrival // guarded by t.mu; zero for one that was dialled, or has none any more
}

func (t *transport) track(s *stream) net.Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		s.Conn.Close()
	}
	t.conns[s] = struct{}{}
	return s
}

func (s *stream) Close() error {
	s.t.mu.Lock()
	s.t.drop(s)
	s.t.mu.Unlock()
	return s.Conn.Close()
}

func sourceOf(a netip.AddrPort) netip.Addr { return a.Addr().Unmap().WithZone("") }
