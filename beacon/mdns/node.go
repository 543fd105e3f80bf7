package mdns

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/internal/rate"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/registry"
)

// A machine is one of the two sides of DNS-SD, without sockets and clock.
type machine interface {
	SetNICs(now time.Time, nics []dnssd.NIC)
	Handle(now time.Time, h dnssd.Heard)
	Poll(now time.Time) []dnssd.Packet
	Next() time.Time
}

// A node gives a machine its sockets, its clock and the host's interfaces. The
// machine, and everything else that is not said to be shared, belongs to the
// goroutine of run.
type node struct {
	listed   registry.Entry
	name     string // for people; constant since start
	counters counters
	health   lan.Health
	notices  *beacon.NoticeBoard
	config   config
	machine  machine
	after    func() // called after each step, if not nil
	lookedAt func(targets []lan.Target)

	sockets  []*socket
	targets  []lan.Target
	joined   lan.Memberships
	view     *lan.View
	limit    *rate.Fair // shared
	deaf     bool       // to questions; constant since start
	heard    chan packet
	commands chan command

	closing sync.Once
	done    chan struct{}
	running sync.WaitGroup
}

// A packet is a packet on its way from a socket to the machine.
type packet struct {
	msg     *dns.Msg
	oneShot bool
	arrived
}

// newNode opens the sockets. It fails only if there can be none.
func newNode(c config, m machine) (*node, error) {
	sockets, err := openSockets(c.port)
	if err != nil {
		return nil, fmt.Errorf("mdns: %w%s", err, lan.PortHint(err, c.port))
	}
	notices := beacon.NewNoticeBoard().Log(c.log, "mdns")
	return &node{
		config: c, machine: m, notices: notices, health: lan.Health{Log: c.log, Means: "mdns", Notices: notices}, view: lan.NewView(c.choice, nil, nil), sockets: sockets, joined: make(lan.Memberships),
		limit: rate.New(c.rate), heard: make(chan packet, 64),
		commands: make(chan command), done: make(chan struct{}),
	}, nil
}

// withOneShots adds the sockets of one-shot questions. Without them there are none.
func (n *node) withOneShots() {
	if more, err := openSockets(0); err == nil {
		n.sockets = append(n.sockets, more...)
	}
}

// start starts the node's goroutines. When run ends, by close, last is called, what
// the machine still has to say is sent, and the sockets are closed.
func (n *node) start(last func()) {
	n.listed.Enter(registry.MDNS, (*subject)(n))
	for _, s := range n.sockets {
		n.config.tasks.Go(&n.running, "mdns: listen", func() { n.listen(s) }, func() { s.Conn.Close() })
	}
	n.config.tasks.Go(&n.running, "mdns: run", func() {
		n.run()
		defer n.config.log.Flush()
		n.config.tasks.Step("mdns: farewell", func() {
			last()
			n.speak()
		})
		n.shut()
	}, n.forsake)
}

func (n *node) shut() {
	for _, s := range n.sockets {
		s.Conn.Close()
	}
}

// forsake is for a node that lacks the goroutine of run: it is closed, and says ErrClosed
// to who calls it.
func (n *node) forsake() {
	n.closing.Do(func() { close(n.done) })
	n.shut()
}

// close ends everything and waits for it.
func (n *node) close() {
	n.closing.Do(func() { close(n.done) })
	n.running.Wait()
	n.listed.Leave()
	n.notices.Close()
}

// do runs fn on the goroutine of the machine and waits for it.
func (n *node) do(fn func()) error {
	c := command{fn, make(chan struct{})}
	select {
	case <-n.done:
		return ErrClosed
	case n.commands <- c:
		<-c.ran
		return nil
	}
}

// command is what others have the goroutine of run do.
type command struct {
	fn  func()
	ran chan struct{} // closed when fn has returned, or panicked
}

func (n *node) run() {
	rescan := time.NewTicker(n.config.rescan)
	defer rescan.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	n.config.tasks.Step("mdns: rescan", n.look)
	var rested time.Time
	for {
		wait := time.Until(rested)
		if wait <= 0 {
			wait = time.Second // after a panic: what is due is due still
			began := time.Now()
			n.config.tasks.Step("mdns: turn", func() { wait = n.turn() })
			rested = restOf(began, time.Now())
		}
		timer.Reset(max(wait, 0))
		select {
		case <-n.done:
			return
		case command := <-n.commands:
			n.config.tasks.Step("mdns: command", command.fn)
			close(command.ran)
		case p := <-n.heard:
			n.config.tasks.Step("mdns: packet", func() { n.take(p) })
			n.takeWaiting()
		case <-timer.C:
		case <-rescan.C:
			n.config.tasks.Step("mdns: rescan", n.look)
		}
	}
}

// A turn looks through all that is known, which a flood of junk may have made much; so one
// that took long is followed by a longer rest, in which packets are taken in.
const (
	rests   = 4 // times as long as the turn
	maxRest = 50 * time.Millisecond
)

// restOf is when the rest after a turn is over.
func restOf(began, ended time.Time) time.Time { return ended.Add(min(rests*ended.Sub(began), maxRest)) }

// takeWaiting takes the packets that wait, as many as can at once: one turn is for all.
func (n *node) takeWaiting() {
	for range cap(n.heard) {
		select {
		case p := <-n.heard:
			n.config.tasks.Step("mdns: packet", func() { n.take(p) })
		default:
			return
		}
	}
}

// turn sends what is due, and says how long nothing will be.
func (n *node) turn() time.Duration {
	n.speak()
	if n.after != nil {
		n.after()
	}
	if next := n.machine.Next(); !next.IsZero() {
		return time.Until(next)
	}
	return time.Hour
}

// look brings the groups, and what the machine knows of the interfaces, in line with
// the host.
func (n *node) look() {
	nics, err := lan.SystemNICs()
	if err != nil {
		n.health.Failed(err)
		n.health.Looked(n.config.choice, nil, nil)
		return
	}
	n.targets = n.config.choice.Targets(nics, n.config.casts)
	n.view = lan.NewView(n.config.choice, nics, n.targets)
	n.joined.Follow(n.targets, n.listenerOf, n.health.Failed)
	n.health.Looked(n.config.choice, nics, n.targets)
	var list []dnssd.NIC
	for _, c := range nics {
		if _, used := n.view.Names[c.Index]; used {
			list = append(list, dnssd.NIC{Index: c.Index, Name: c.Name, Addrs: addrs(n.config.choice, c)})
		}
	}
	n.machine.SetNICs(time.Now(), list)
	if n.lookedAt != nil {
		n.lookedAt(n.targets)
	}
}

// addrs are the addresses of an interface that may be told to others.
func addrs(c lan.Choice, n lan.NIC) []netip.Addr {
	var list []netip.Addr
	for _, p := range c.Usable(n) {
		list = append(list, c.From(p.Addr()))
	}
	return list
}

// listenerOf returns the listener of an address's family, nil if the host has none.
func (n *node) listenerOf(a netip.Addr) *lan.Listener {
	if s := n.socket(a, false); s != nil {
		return &s.Listener
	}
	return nil
}

func (n *node) socket(a netip.Addr, oneShot bool) *socket {
	for _, s := range n.sockets {
		if s.is6() == a.Is6() && s.oneShot == oneShot {
			return s
		}
	}
	return nil
}

// speak sends what the machine has to say. An error on one interface is told and stops
// nothing: everything in mDNS is said again.
func (n *node) speak() {
	for _, p := range n.machine.Poll(time.Now()) {
		err := n.send(p)
		n.health.Sent(n.view.Names[p.NIC], err)
		if err != nil {
			n.counters.sendErrors.Add(1)
		} else {
			n.counters.sent.Add(1)
		}
	}
}

func (n *node) send(p dnssd.Packet) error {
	if p.To.IsValid() {
		if s := n.socket(p.To.Addr(), false); s != nil {
			return s.write(p.Bytes, nil, p.To)
		}
		return nil
	}
	var errs []error
	for _, t := range n.targets {
		if s := n.socket(t.Dest, p.OneShot); s != nil && t.Index == p.NIC {
			errs = append(errs, s.multicast(t, p.Bytes, n.config.port))
		}
	}
	return errors.Join(errs...)
}

// take gives a packet to the machine, if it came over an interface in use and from
// its link.
func (n *node) take(p packet) {
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
func (n *node) arrival(a arrived) (int, bool) {
	if _, used := n.view.Names[a.index]; used && a.multicast && int(a.from.Port()) == n.config.port {
		return a.index, true
	}
	name, ok := n.view.Arrival(a.index, a.from.Addr())
	if !ok {
		return 0, false
	}
	addr := a.from.Addr().WithZone("")
	for _, network := range n.view.Networks {
		if network.Name == name && network.Prefix.Contains(addr) {
			return n.indexOf(name)
		}
	}
	return 0, false
}

func (n *node) indexOf(name string) (int, bool) {
	for index, each := range n.view.Names {
		if each == name {
			return index, true
		}
	}
	return 0, false
}

// decode reads a packet; its msg is nil if it is none.
func (n *node) decode(b []byte, s *socket, a arrived) packet {
	msg, err := dnssd.Decode(b)
	if err != nil {
		n.counters.malformed.Add(1)
		n.config.log.Debug("mdns: packet ignored", logs.Err(err), logs.Stringer("from", a.from))
		return packet{}
	}
	return packet{msg, s.oneShot, a}
}
