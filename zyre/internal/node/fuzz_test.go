package node

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/zre"
)

// FuzzNode plays anybody: beacons, messages from two addresses in the names of a few
// nodes, dials that come off or don't, and time. Whatever happens, no bound is
// exceeded and each peer's events are in their order.
func FuzzNode(f *testing.F) {
	f.Add([]byte{0, 2, 1, 2, 4, 0, 2, 2, 9, 2, 3, 9, 5, 30})
	f.Add([]byte{1, 3, 0, 1, 3, 1, 4, 0, 8, 3, 1, 6, 1, 5, 200, 7, 1, 0, 3, 7})
	f.Add([]byte{1, 2, 4, 0, 2, 2, 3, 2, 2, 4, 2, 2, 8, 5, 100, 5, 100, 6, 0, 0, 2})
	f.Fuzz(func(t *testing.T, in []byte) {
		l := newLab(t)
		a := l.add(1, func(c *Config) { c.MaxPeers, c.MaxCandidates, c.MaxGroups = 4, 4, 3 })
		a.Join(l.now, "G")
		a.Contest(l.now, "G")
		p := player{l, a, in, map[byte]uint16{}}
		for len(p.in) > 0 {
			p.step()
			p.check(t)
		}
	})
}

type player struct {
	lab *lab
	a   *host
	in  []byte
	seq map[byte]uint16
}

func (p *player) byte() (b byte) {
	if len(p.in) > 0 {
		b, p.in = p.in[0], p.in[1:]
	}
	return b
}

func (p *player) step() {
	now := p.lab.now
	switch p.byte() % 8 {
	case 0:
		z := beacon.ZRE{Version: beacon.ZRE1, UUID: ID{p.byte()}, Port: uint16(p.byte() % 3)}
		p.a.Hear(now, netip.AddrFrom4([4]byte{10, 0, 0, p.byte() % 4}), z)
	case 1, 2, 3:
		p.message()
	case 4:
		if k := p.link(); k != 0 {
			p.a.Linked(now, k)
		}
	case 5:
		p.lab.wire = nil // nobody is there: what becomes of dials is said by hand
		p.lab.now = now.Add(time.Duration(p.byte()) * 50 * time.Millisecond)
		p.a.Tick(p.lab.now)
	case 6:
		if k := p.link(); k != 0 {
			p.a.DialFailed(now, k)
			p.a.LinkLost(now, k, p.byte()%2 == 0)
		}
	case 7:
		p.a.full = !p.a.full
		p.a.Leave("G")
		p.a.Join(now, "G")
		p.a.Whisper(ID{p.byte()}, "", nil)
	}
	p.lab.wire = nil
}

// link is one of the links that are there.
func (p *player) link() Link {
	n := Link(p.byte())
	for k := range p.a.links {
		if k%8 == n%8 {
			return k
		}
	}
	return 0
}

func (p *player) message() {
	id := p.byte() % 8
	m := zre.Message{Kind: zre.Kind(1 + p.byte()%10), Group: string("GHIJK"[p.byte()%5]), Endpoint: "tcp://10.0.0.9:1", Node: ID{p.byte() % 8}.String()}
	if p.seq[id]++; m.Kind == zre.Hello {
		p.seq[id] = 1
	}
	m.Seq = p.seq[id]
	frames, err := m.Frames()
	if err != nil {
		panic(err)
	}
	if odd := p.byte(); odd > 240 {
		frames[0] = frames[0][:len(frames[0])/2]
	} else if odd > 230 {
		p.seq[id] += 3
	}
	from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, p.byte() % 2}), 7)
	p.a.Receive(p.lab.now, Source{RoutingID: []byte(ID{id}.RoutingID()), Conn: from}, frames)
}

func (p *player) check(t *testing.T) {
	a := p.a
	if len(a.peers) > a.MaxPeers || len(a.candidates) > a.MaxCandidates || len(a.links) != len(a.Node.links) {
		t.Fatalf("%d peers, %d candidates, %d links of which it knows %d", len(a.peers), len(a.candidates), len(a.links), len(a.Node.links))
	}
	if held := a.seats.Figures().Held.Places; held != len(a.peers) || a.seats.Addresses() > len(a.peers) {
		t.Fatalf("%d peers, %d seats of %d addresses", len(a.peers), held, a.seats.Addresses())
	}
	there := map[ID]map[string]bool{}
	for _, e := range a.events {
		groups, in := there[e.Peer]
		switch {
		case e.Peer == a.ID && e.Kind == Leader:
		case e.Kind == Enter && in, e.Kind != Enter && !in:
			t.Fatalf("event %d of %.2s, which is there: %v", e.Kind, e.Peer, in)
		case e.Kind == Enter:
			there[e.Peer] = map[string]bool{}
		case e.Kind == Exit:
			delete(there, e.Peer)
		case e.Kind == Join && groups[e.Group], e.Kind == Leave && !groups[e.Group]:
			t.Fatalf("event %d of %.2s in %s", e.Kind, e.Peer, e.Group)
		case e.Kind == Join, e.Kind == Leave:
			groups[e.Group] = e.Kind == Join
		}
	}
	if ready, _, _ := a.Knows(); ready != len(there) {
		t.Fatalf("%d are ready, the events say %d", ready, len(there))
	}
}
