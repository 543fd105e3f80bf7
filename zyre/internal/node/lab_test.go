package node

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/zre"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lab is a network of nodes on a clock that only the test moves. What is sent
// arrives with the next step, in order; a cut network loses it.
type lab struct {
	t     *testing.T
	now   time.Time
	hosts []*host
	wire  []func()
	cut   map[[2]*host]bool
	late  bool     // what is sent is kept, as TCP does while a cable is out
	kept  []func() // and this is it
	conns uint16
}

// host is a node with its address.
type host struct {
	*Node
	lab     *lab
	addr    netip.Addr
	raw     [32]byte
	links   map[Link]*link
	events  []Event
	refused []Refused
	dials   []dialled
	full    bool // every link refuses
	dead    bool
}

type dialled struct {
	at     time.Time
	target Target
}

type link struct {
	to   *host
	conn netip.AddrPort
}

func newLab(t *testing.T) *lab {
	return &lab{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), cut: map[[2]*host]bool{}}
}

// config has short times, so that nothing in a test is more than a few steps away.
func config(id byte) Config {
	return Config{
		ID: ID{id}, Name: fmt.Sprintf("node%d", id), Port: 5000,
		Evasive: 5 * time.Second, Expired: 30 * time.Second, Greet: 5 * time.Second, Reap: time.Second,
		MaxPeers: 64, MaxCandidates: 32, MaxGroups: 16, Dials: 10, Answers: 100,
	}
}

func (l *lab) add(id byte, change ...func(*Config)) *host {
	h := &host{lab: l, addr: netip.AddrFrom4([4]byte{10, 0, 0, id}), links: map[Link]*link{}}
	c := config(id)
	for _, f := range change {
		f(&c)
	}
	h.Node = New(c, h)
	l.hosts = append(l.hosts, h)
	return h
}

func (l *lab) at(at netip.AddrPort) *host {
	for _, h := range l.hosts {
		if h.addr == at.Addr() && h.Port == at.Port() && !h.dead {
			return h
		}
	}
	return nil
}

func (h *host) Dial(k Link, to Target) {
	h.dials = append(h.dials, dialled{h.lab.now, to})
	l := &link{to: h.lab.at(to.At), conn: netip.AddrPortFrom(h.addr, 40000+h.lab.conns)}
	h.lab.conns++
	h.links[k] = l
	h.lab.wire = append(h.lab.wire, func() {
		switch {
		case h.links[k] == nil || h.lab.severed(h, l.to):
		case l.to == nil || l.to.Key != to.Key:
			h.DialFailed(h.lab.now, k)
		default:
			h.Linked(h.lab.now, k)
		}
	})
}

func (l *lab) severed(a, b *host) bool { return l.cut[[2]*host{a, b}] || l.cut[[2]*host{b, a}] }

func (h *host) Trust(Link)                     {}
func (h *host) Hangup(k Link, flush bool)      { delete(h.links, k) }
func (h *host) Local(to netip.Addr) netip.Addr { return h.addr }
func (h *host) Event(e Event)                  { h.events = append(h.events, e) }
func (h *host) Refused(r Refused)              { h.refused = append(h.refused, r) }

func (h *host) Send(k Link, frames [][]byte) bool {
	l := h.links[k]
	if l == nil {
		h.lab.t.Errorf("%s: send on link %d, which is not there", h.Name, k)
		return false
	}
	if h.full {
		return false
	}
	h.lab.carry(func() {
		if l.to != nil && !l.to.dead && !h.lab.severed(h, l.to) {
			l.to.Receive(h.lab.now, Source{RoutingID: []byte(h.ID.RoutingID()), Conn: l.conn, Key: h.Key}, frames)
		}
	})
	return true
}

func (l *lab) carry(f func()) {
	if l.late {
		l.kept = append(l.kept, f)
		return
	}
	l.wire = append(l.wire, f)
}

// settle delivers what is under way, and what follows from it.
func (l *lab) settle() {
	for n := 0; len(l.wire) > 0; n++ {
		if n > 100000 {
			l.t.Fatal("the nodes never come to rest")
		}
		next := l.wire[0]
		l.wire = l.wire[1:]
		next()
	}
}

// pass lets time pass: every node ticks when it asked to, and beacons are heard each
// second.
func (l *lab) pass(d time.Duration, beacons bool) {
	const step = 50 * time.Millisecond
	for end := l.now.Add(d); l.now.Before(end); {
		l.now = l.now.Add(step)
		if beacons && l.now.UnixMilli()%1000 == 0 {
			l.beacon()
		}
		for _, h := range l.hosts {
			if next := h.Next(); !h.dead && !next.IsZero() && !next.After(l.now) {
				h.Tick(l.now)
			}
		}
		l.settle()
	}
}

// beacon has everybody hear everybody.
func (l *lab) beacon() {
	for _, from := range l.hosts {
		for _, to := range l.hosts {
			if !from.dead && !to.dead && !l.severed(from, to) {
				to.Hear(l.now, from.addr, from.says())
			}
		}
	}
	l.settle()
}

func (h *host) says() beacon.ZRE {
	z := beacon.ZRE{Version: beacon.ZRE1, UUID: h.ID, Port: h.Port}
	if h.Key != "" {
		z.Version, z.PublicKey = beacon.ZRE3, h.raw
	}
	return z
}

// log are the kinds of the events that a host has had of a peer, and forgets them.
func (h *host) log(of ID) (kinds []EventKind) {
	for _, e := range h.events {
		if e.Peer == of {
			kinds = append(kinds, e.Kind)
		}
	}
	h.events = slices.DeleteFunc(h.events, func(e Event) bool { return e.Peer == of })
	return kinds
}

func (h *host) expect(of ID, want ...EventKind) {
	h.lab.t.Helper()
	if got := h.log(of); !slices.Equal(got, want) {
		h.lab.t.Errorf("%s: events of %.2s are %v, want %v", h.Name, of, got, want)
	}
}

// inject has h receive a message that a stranger sends in the name of id.
func (h *host) inject(id ID, from string, m zre.Message) {
	h.lab.t.Helper()
	frames, err := m.Frames()
	if err != nil {
		h.lab.t.Fatal(err)
	}
	h.Receive(h.lab.now, Source{RoutingID: []byte(id.RoutingID()), Conn: netip.MustParseAddrPort(from)}, frames)
	h.lab.settle()
}

// pairUp makes two nodes that know each other.
func pairUp(t *testing.T) (*lab, *host, *host) {
	l := newLab(t)
	a, b := l.add(1), l.add(2)
	l.beacon()
	a.expect(b.ID, Enter)
	b.expect(a.ID, Enter)
	return l, a, b
}
