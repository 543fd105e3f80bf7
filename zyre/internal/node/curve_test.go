package node

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/zre"
)

// secure adds a node with a key.
func (l *lab) secure(id byte) *host {
	raw := [32]byte{id, 1, 2, 3}
	key, err := cert.EncodeZ85(raw[:])
	if err != nil {
		l.t.Fatal(err)
	}
	h := l.add(id, func(c *Config) { c.Key = key })
	h.raw = raw
	return h
}

func TestSecurePairAndNodeInClear(t *testing.T) {
	l := newLab(t)
	a, b, c := l.secure(1), l.secure(2), l.add(3)
	l.pass(2*time.Second, true)
	a.expect(b.ID, Enter)
	b.expect(a.ID, Enter)
	if ready, other, candidates := c.Knows(); ready+other+candidates != 0 {
		t.Error("the node in clear knows another")
	}
	if a.Counters().BeaconVersion == 0 || c.Counters().BeaconVersion == 0 {
		t.Error("beacons of the other kind are not counted")
	}
	if p := a.peers[b.ID]; p.key != b.Key {
		t.Errorf("key %q", p.key)
	}
	at := func(h *host) netip.AddrPort { return netip.AddrPortFrom(h.addr, h.Port) }
	if want := (Refused{Peer: c.ID, At: at(c), Why: InClear}); len(a.refused) == 0 || a.refused[0] != want {
		t.Errorf("the node with a key has refused %+v, want %+v", a.refused, want)
	}
	if want := (Refused{Peer: a.ID, At: at(a), Why: WithKey}); !slices.Contains(c.refused, want) {
		t.Errorf("the node in clear has refused %+v, want %+v", c.refused, want)
	}
	if id, known := a.Holder(b.Key); !known || id != b.ID {
		t.Errorf("the holder of b's key is %v, %v", id, known)
	}
}

// A UUID is its first key's, also after the peer has gone.
func TestUUIDIsPinnedToItsKey(t *testing.T) {
	l := newLab(t)
	a, b := l.secure(1), l.secure(2)
	l.pass(2*time.Second, true)
	a.expect(b.ID, Enter)
	thief := l.secure(66)
	hello := zre.Message{Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.66:5000", Headers: map[string]string{keyHeader: thief.Key}}
	frames, _ := hello.Frames()
	from := Source{RoutingID: []byte(b.ID.RoutingID()), Conn: a.peers[b.ID].conn, Key: thief.Key}
	a.Receive(l.now, from, frames)
	a.expect(b.ID)
	b.dead = true
	l.pass(35*time.Second, false)
	a.expect(b.ID, Evasive, Exit)
	a.Receive(l.now, from, frames)
	a.Hear(l.now, thief.addr, beacon.ZRE{Version: beacon.ZRE3, UUID: b.ID, Port: 5000, PublicKey: thief.raw})
	l.settle()
	a.expect(b.ID)
	if n := len(a.refused); n != 3 || a.refused[n-1].Why != OtherKey || a.refused[0].Key != thief.Key {
		t.Errorf("refused are %+v", a.refused)
	}
	if s := a.Counters(); s.KeyMismatch != 2 || s.BeaconKey != 1 {
		t.Errorf("KeyMismatch %d, BeaconKey %d", s.KeyMismatch, s.BeaconKey)
	}
}

// The key that a HELLO claims must be the one that its connection has proved, and
// without any proof nobody enters.
func TestClaimedKey(t *testing.T) {
	l := newLab(t)
	a, b := l.secure(1), l.secure(2)
	for claimed, proved := range map[string]string{b.Key: a.Key, a.Key: b.Key, "": ""} {
		m := zre.Message{Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.2:5000", Headers: map[string]string{keyHeader: claimed}}
		frames, _ := m.Frames()
		a.Receive(l.now, Source{RoutingID: []byte(b.ID.RoutingID()), Conn: netip.MustParseAddrPort("10.0.0.2:7"), Key: proved}, frames)
	}
	l.settle()
	a.expect(b.ID)
	if a.Counters().KeyMismatch != 3 {
		t.Errorf("KeyMismatch = %d", a.Counters().KeyMismatch)
	}
}

// A beacon with the UUID of another and a key of its own comes to nothing, and
// does not keep the real one out.
func TestBeaconThief(t *testing.T) {
	l := newLab(t)
	a, b, thief := l.secure(1), l.secure(2), l.secure(66)
	a.Hear(l.now, thief.addr, beacon.ZRE{Version: beacon.ZRE3, UUID: b.ID, Port: 5001, PublicKey: thief.raw})
	b.Hear(l.now, a.addr, a.says())
	l.settle()
	a.expect(b.ID, Enter)
	if p := a.peers[b.ID]; p.key != b.Key || p.at.Addr() != b.addr {
		t.Errorf("the peer is %v with %s", p.at, p.key)
	}
}
