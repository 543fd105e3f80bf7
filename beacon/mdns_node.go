package beacon

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/go-zactor/zactor/beacon/internal/dnssd"
)

// A mdnsMachine is one of the two sides of DNS-SD, without sockets and clock.
type mdnsMachine interface {
	SetNICs(now time.Time, nics []dnssd.NIC)
	Handle(now time.Time, h dnssd.Heard)
	Poll(now time.Time) []dnssd.Packet
	Next() time.Time
}

// An mdnsNode gives a machine its sockets, its clock and the host's interfaces. The
// machine, and everything else that is not said to be shared, belongs to the
// goroutine of run.
type mdnsNode struct {
	config   config
	machine  mdnsMachine
	after    func() // called after each step, if not nil
	lookedAt func(targets []target)

	sockets  []*mdnsSocket
	targets  []target
	joined   memberships
	view     *view
	limit    *limiter // shared
	heard    chan mdnsPacket
	commands chan func()

	closing sync.Once
	done    chan struct{}
	running sync.WaitGroup
}

// An mdnsPacket is a packet on its way from a socket to the machine.
type mdnsPacket struct {
	msg     *dns.Msg
	oneShot bool
	arrived
}

// newMDNSNode opens the sockets. It fails only if there can be none.
func newMDNSNode(c config, m mdnsMachine) (*mdnsNode, error) {
	sockets, err := openMDNS(c.port)
	if err != nil {
		return nil, err
	}
	return &mdnsNode{
		config: c, machine: m, sockets: sockets, joined: make(memberships),
		limit: newLimiter(c.rate), heard: make(chan mdnsPacket, 64),
		commands: make(chan func()), done: make(chan struct{}),
	}, nil
}

// withOneShots adds the sockets of one-shot questions. Without them there are none.
func (n *mdnsNode) withOneShots() {
	if more, err := openMDNS(0); err == nil {
		n.sockets = append(n.sockets, more...)
	}
}

// start starts the node's goroutines. When run ends, by close, last is called, what
// the machine still has to say is sent, and the sockets are closed.
func (n *mdnsNode) start(last func()) {
	for _, s := range n.sockets {
		n.running.Go(func() { n.listen(s) })
	}
	n.running.Go(func() {
		n.run()
		last()
		n.speak()
		for _, s := range n.sockets {
			s.conn.Close()
		}
	})
}

// close ends everything and waits for it.
func (n *mdnsNode) close() {
	n.closing.Do(func() { close(n.done) })
	n.running.Wait()
}

// do runs fn on the goroutine of the machine and waits for it.
func (n *mdnsNode) do(fn func()) error {
	ran := make(chan struct{})
	select {
	case <-n.done:
		return ErrClosed
	case n.commands <- func() { defer close(ran); fn() }:
		<-ran
		return nil
	}
}

func (n *mdnsNode) run() {
	rescan := time.NewTicker(n.config.rescan)
	defer rescan.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	n.look()
	for {
		n.speak()
		if n.after != nil {
			n.after()
		}
		wait := time.Hour
		if next := n.machine.Next(); !next.IsZero() {
			wait = time.Until(next)
		}
		timer.Reset(max(wait, 0))
		select {
		case <-n.done:
			return
		case command := <-n.commands:
			command()
		case p := <-n.heard:
			n.take(p)
		case <-timer.C:
		case <-rescan.C:
			n.look()
		}
	}
}

// look brings the groups, and what the machine knows of the interfaces, in line with
// the host.
func (n *mdnsNode) look() {
	nics, err := systemNICs()
	if err != nil {
		n.config.log.Debug().Err(err).Msg("mdns: no interfaces")
		return
	}
	n.targets = n.config.choice.targets(nics, n.config.casts)
	n.view = newView(n.config.choice, nics, n.targets)
	n.joined.follow(n.targets, n.earOf, n.notJoined)
	var list []dnssd.NIC
	for _, c := range nics {
		if _, used := n.view.names[c.Index]; used {
			list = append(list, dnssd.NIC{Index: c.Index, Name: c.Name, Addrs: n.config.choice.addrs(c)})
		}
	}
	n.machine.SetNICs(time.Now(), list)
	if n.lookedAt != nil {
		n.lookedAt(n.targets)
	}
}

// addrs are the addresses of an interface that may be told to others.
func (c choice) addrs(n nic) []netip.Addr {
	var list []netip.Addr
	for _, p := range c.usable(n) {
		list = append(list, c.from(p.Addr()))
	}
	return list
}

// earOf returns the ear of an address's family, nil if the host has none.
func (n *mdnsNode) earOf(a netip.Addr) *ear {
	if s := n.socket(a, false); s != nil {
		return &s.ear
	}
	return nil
}

func (n *mdnsNode) notJoined(err error) {
	n.config.log.Debug().Err(err).Msg("mdns: group not joined")
}

func (n *mdnsNode) socket(a netip.Addr, oneShot bool) *mdnsSocket {
	for _, s := range n.sockets {
		if s.is6() == a.Is6() && s.oneShot == oneShot {
			return s
		}
	}
	return nil
}

// speak sends what the machine has to say. An error on one interface is logged and
// stops nothing: everything in mDNS is said again.
func (n *mdnsNode) speak() {
	for _, p := range n.machine.Poll(time.Now()) {
		if err := n.send(p); err != nil {
			n.config.log.Debug().Err(err).Int("interface", p.NIC).Msg("mdns: not sent")
		}
	}
}

func (n *mdnsNode) send(p dnssd.Packet) error {
	if p.To.IsValid() {
		if s := n.socket(p.To.Addr(), false); s != nil {
			return s.write(p.Bytes, nil, p.To)
		}
		return nil
	}
	var errs []error
	for _, t := range n.targets {
		if s := n.socket(t.dest, p.OneShot); s != nil && t.index == p.NIC {
			errs = append(errs, s.multicast(t, p.Bytes, n.config.port))
		}
	}
	return errors.Join(errs...)
}

// take gives a packet to the machine, if it came over an interface in use and from
// its link.
func (n *mdnsNode) take(p mdnsPacket) {
	index, ok := n.arrival(p.arrived)
	if !ok {
		return
	}
	from := p.from
	if n.config.port != dnssd.Port && int(from.Port()) == n.config.port {
		from = netip.AddrPortFrom(from.Addr(), dnssd.Port) // a world of its own, of which the machine knows nothing
	}
	n.machine.Handle(time.Now(), dnssd.Heard{NIC: index, From: from, OneShot: p.oneShot, Msg: p.msg})
}

// arrival finds the interface of a packet.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-11: a querier "MUST only accept
// responses to that query that originate from the local link, and silently discard any
// other response packets". What came to the group from the port of mDNS is from
// the link anyway; who asks from another port is answered by unicast, which must not
// leave the link either.
func (n *mdnsNode) arrival(a arrived) (int, bool) {
	if _, used := n.view.names[a.index]; used && a.multicast && int(a.from.Port()) == n.config.port {
		return a.index, true
	}
	name, ok := n.view.arrival(a.index, a.from.Addr())
	if !ok {
		return 0, false
	}
	addr := a.from.Addr().WithZone("")
	for _, network := range n.view.networks {
		if network.name == name && network.prefix.Contains(addr) {
			return n.indexOf(name)
		}
	}
	return 0, false
}

func (n *mdnsNode) indexOf(name string) (int, bool) {
	for index, each := range n.view.names {
		if each == name {
			return index, true
		}
	}
	return 0, false
}

// listen reads one socket until it is closed. The rate limit comes before anything
// that costs more than reading.
func (n *mdnsNode) listen(s *mdnsSocket) {
	buf := make([]byte, dnssd.MaxPacket+1)
	for wait := time.Duration(0); ; {
		size, a, err := s.receive(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			if !pause(n.done, wait) {
				return
			}
			continue
		}
		wait = 0
		if !n.limit.allow(time.Now()) {
			continue
		}
		msg, err := dnssd.Decode(buf[:size])
		if err != nil {
			n.config.log.Debug().Err(err).Stringer("from", a.from).Msg("mdns: packet ignored")
			continue
		}
		select {
		case n.heard <- mdnsPacket{msg, s.oneShot, a}:
		case <-n.done:
			return
		}
	}
}

// pause waits, so that a socket that fails again and again does not take a whole
// core. It returns false when done is closed.
func pause(done <-chan struct{}, d time.Duration) bool {
	select {
	case <-done:
		return false
	case <-time.After(d):
		return true
	}
}
