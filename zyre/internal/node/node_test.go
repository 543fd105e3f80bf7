package node

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/zre"
)

// The one who hears first says HELLO first, and one beacon is enough.
func TestOneBeaconIsEnough(t *testing.T) {
	l := newLab(t)
	a, b := l.add(1, func(c *Config) { c.Headers = map[string]string{"X-ROLE": "server"} }), l.add(2)
	a.Join(l.now, "room")
	b.Hear(l.now, a.addr, a.says())
	l.settle()
	if len(b.events) != 2 || b.events[0].Kind != Enter || b.events[0].Name != "node1" ||
		b.events[0].Headers["X-ROLE"] != "server" || b.events[1].Kind != Join || b.events[1].Group != "room" {
		t.Errorf("b had %+v", b.events)
	}
	a.expect(b.ID, Enter)
	if len(a.dials) != 1 || len(b.dials) != 1 {
		t.Errorf("%d and %d dials, want one each", len(a.dials), len(b.dials))
	}
	l.pass(3*time.Second, true)
	a.expect(b.ID)
	if len(a.dials) != 1 || len(b.dials) != 1 {
		t.Errorf("later %d and %d dials, want one each", len(a.dials), len(b.dials))
	}
}

func TestGroupsAndMessages(t *testing.T) {
	l, a, b := pairUp(t)
	a.Join(l.now, "room")
	a.Join(l.now, "attic")
	a.Leave("room")
	l.settle()
	b.expect(a.ID, Join, Join, Leave)
	if b.Counters().StatusMismatch != 0 {
		t.Error("our own JOINs have a wrong status")
	}
	content := [][]byte{[]byte("x"), {}, []byte("y")}
	if o := a.Whisper(b.ID, "", content); o != Sent {
		t.Fatal(o)
	}
	b.Whisper(a.ID, "attic", content)
	b.Whisper(a.ID, "room", content) // which a has left
	l.settle()
	last := func(h *host) Event { return h.events[len(h.events)-1] }
	if e := last(b); e.Kind != Whisper || len(e.Content) != 3 || !bytes.Equal(e.Content[2], []byte("y")) {
		t.Errorf("b got %+v", e)
	}
	if e := last(a); e.Kind != Shout || e.Group != "attic" || len(a.events) != 1 {
		t.Errorf("a got %+v", a.events)
	}
	if a.Counters().NotMember != 1 {
		t.Errorf("NotMember = %d", a.Counters().NotMember)
	}
	if o := a.Whisper(ID{99}, "", content); o != Unknown {
		t.Errorf("whisper to nobody: %v", o)
	}
}

// The sequence number wraps, and nobody minds.
func TestSequenceWraps(t *testing.T) {
	l, a, b := pairUp(t)
	for range 70000 {
		a.Whisper(b.ID, "", nil)
		l.settle()
	}
	if got := len(b.log(a.ID)); got != 70000 {
		t.Errorf("%d messages", got)
	}
}

// An idle pair talks every four seconds and no event comes of it; one that is cut
// off becomes evasive once, in time, and is gone in time; after healing it enters.
func TestTimersAreEdges(t *testing.T) {
	l, a, b := pairUp(t)
	l.pass(2*time.Minute, true)
	a.expect(b.ID)
	b.expect(a.ID)
	if pings := a.Counters().Sent[zre.Ping] + b.Counters().Sent[zre.Ping]; pings > 2*120/4 || pings < 20 {
		t.Errorf("%d pings in two minutes", pings)
	}
	l.pass(4100*time.Millisecond, true)
	l.cut[[2]*host{a, b}] = true
	l.pass(4*time.Second, true)
	l.pass(2*time.Second, true)
	a.expect(b.ID, Evasive)
	l.pass(20*time.Second, true)
	a.expect(b.ID)
	l.pass(10*time.Second, true)
	a.expect(b.ID, Exit)
	b.expect(a.ID, Evasive, Exit)
	l.cut = map[[2]*host]bool{}
	l.pass(10*time.Second, true)
	a.expect(b.ID, Enter)
	b.expect(a.ID, Enter)
}

// Back within the time: evasive, then recovered, without an EXIT.
func TestRecovered(t *testing.T) {
	l, a, b := pairUp(t)
	l.late = true
	l.pass(10*time.Second, true)
	l.late, l.wire = false, l.kept
	l.pass(2*time.Second, true)
	a.expect(b.ID, Evasive, Recovered)
	b.expect(a.ID, Evasive, Recovered)
}

// Only b has lost a: b's new HELLO has a begin anew, once.
func TestOneSidedExpiryHeals(t *testing.T) {
	l, a, b := pairUp(t)
	l.pass(5*time.Second, true)
	b.remove(l.now, b.peers[a.ID], Expired)
	l.pass(5*time.Second, true)
	b.expect(a.ID, Exit, Enter)
	a.expect(b.ID, Exit, Enter)
}

func TestStopIsHeardAtOnce(t *testing.T) {
	l, a, b := pairUp(t)
	a.Stop(l.now)
	l.settle()
	b.expect(a.ID, Exit)
	a.expect(b.ID, Exit)
	if len(a.links) != 0 {
		t.Error("links are left")
	}
}

// A goodbye that anybody can have sent leads to a question. A peer that lives
// answers; one that does not goes when the time is up.
func TestForgedGoodbyeEvictsNobody(t *testing.T) {
	l, a, b := pairUp(t)
	bye := b.says()
	bye.Port = 0
	for range 50 {
		a.Hear(l.now, b.addr, bye)
		a.inject(b.ID, "10.0.0.66:1", zre.Message{Kind: zre.Goodbye, Seq: 2})
		l.pass(200*time.Millisecond, true)
	}
	a.expect(b.ID)
	if sent := a.Counters().Sent[zre.Ping]; sent > 100 {
		t.Errorf("%d pings", sent)
	}
	b.dead = true
	a.Hear(l.now, b.addr, bye)
	l.pass(a.Evasive+100*time.Millisecond, false)
	if kinds := a.log(b.ID); len(kinds) == 0 || kinds[len(kinds)-1] != Exit {
		t.Errorf("the dead one is still there: %v", kinds)
	}
}

// Nobody listens any more where the peer was: two refusals are enough.
func TestRefusedLinkEndsPeer(t *testing.T) {
	l, a, b := pairUp(t)
	k, _ := a.LinkOf(b.ID)
	a.LinkLost(l.now, k, false)
	a.LinkLost(l.now, k, true)
	a.expect(b.ID)
	a.LinkLost(l.now, k, true)
	a.expect(b.ID, Exit)
}

func TestGapEndsPeerAndHeals(t *testing.T) {
	l, a, b := pairUp(t)
	l.pass(2*time.Second, true)
	a.peers[b.ID].sent++
	a.Whisper(b.ID, "", nil)
	l.settle()
	b.expect(a.ID, Exit)
	l.pass(3*time.Second, true)
	b.expect(a.ID, Enter)
	if b.Counters().Gaps != 1 {
		t.Errorf("Gaps = %d", b.Counters().Gaps)
	}
}

// What only one of the own connection may do: others change nothing, whatever they
// send.
func TestImpostors(t *testing.T) {
	l, a, b := pairUp(t)
	c := l.add(3)
	l.beacon()
	a.expect(c.ID, Enter)
	l.pass(2*time.Second, true)
	for _, m := range []zre.Message{
		{Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.66:6666"},
		{Kind: zre.Whisper, Seq: 9},
		{Kind: zre.Goodbye, Seq: 2},
		{Kind: zre.Join, Seq: 77, Group: "g", Status: 1},
	} {
		a.inject(b.ID, "10.0.0.66:1", m)
	}
	a.Receive(l.now, Source{RoutingID: []byte(b.ID.RoutingID()), Conn: netip.MustParseAddrPort("10.0.0.66:1")}, [][]byte{[]byte("junk")})
	a.Receive(l.now, Source{RoutingID: []byte("other"), Conn: netip.MustParseAddrPort("10.0.0.66:1")}, [][]byte{[]byte("junk")})
	a.inject(ID{77}, "10.0.0.66:1", zre.Message{Kind: zre.Whisper, Seq: 1})
	a.inject(a.ID, "10.0.0.66:1", zre.Message{Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.1:1"})
	l.pass(10*time.Second, true)
	a.expect(b.ID)
	a.expect(c.ID)
	if s := a.Counters(); s.Impostor != 5 || s.Malformed != 2 || s.Stranger != 1 {
		t.Errorf("counters %+v", s)
	}
}

// Bytes that are not ZRE end the peer whose connection they came on, and no other.
func TestMalformedEndsOnePeer(t *testing.T) {
	l, a, b := pairUp(t)
	c := l.add(3)
	l.beacon()
	a.expect(c.ID, Enter)
	a.Receive(l.now, Source{RoutingID: []byte(b.ID.RoutingID()), Conn: a.peers[b.ID].conn}, [][]byte{{0xAA}})
	a.expect(b.ID, Exit)
	a.expect(c.ID)
	if a.Counters().Malformed != 1 {
		t.Errorf("Malformed = %d", a.Counters().Malformed)
	}
}

func TestMalformedHellos(t *testing.T) {
	l := newLab(t)
	a := l.add(1)
	for name, m := range map[string]zre.Message{
		"no endpoint":    {Kind: zre.Hello, Seq: 1},
		"no port":        {Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.2"},
		"port 0":         {Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.2:0"},
		"port 65536":     {Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.2:65536"},
		"other protocol": {Kind: zre.Hello, Seq: 1, Endpoint: "ipc://10.0.0.2:5000"},
		"sequence":       {Kind: zre.Hello, Seq: 2, Endpoint: "tcp://10.0.0.2:5000"},
		"groups":         {Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.2:5000", Groups: make([]string, 17)},
	} {
		before := a.Counters().Malformed
		a.inject(ID{2}, "10.0.0.2:1", m)
		if a.Counters().Malformed != before+1 || len(a.dials) > 0 || len(a.peers) > 0 {
			t.Errorf("%s: taken", name)
		}
	}
}

// The address that counts is the one that the HELLO came from.
// What is written is what zyre 2.x writes, and what is read back.
func TestEndpointText(t *testing.T) {
	for _, c := range []struct{ local, want, peer string }{
		{"10.77.0.1", "tcp://10.77.0.1:49152", "10.77.0.1"},
		{"fe80::1%eth0", "tcp://fe80::1:49152", "fe80::1%wlan0"},
		{"2001:db8::1", "tcp://2001:db8::1:49152", "2001:db8::1"},
	} {
		got := endpointText(netip.MustParseAddr(c.local), 49152)
		from := netip.MustParseAddr(c.peer)
		at, fallback, ok := endpointOf(got, from)
		if got != c.want || !ok || at != netip.AddrPortFrom(from, 49152) || fallback.IsValid() {
			t.Errorf("%s: %q, want %q; read as %v, %v, %v", c.local, got, c.want, at, fallback, ok)
		}
	}
}

func TestEndpointOf(t *testing.T) {
	for _, c := range []struct{ text, from, at, fallback string }{
		{"tcp://10.0.0.2:49152", "10.0.0.2", "10.0.0.2:49152", ""},
		{"tcp://10.9.9.9:49152", "10.0.0.2", "10.0.0.2:49152", "10.9.9.9:49152"},
		{"tcp://myhost:49152", "10.0.0.2", "10.0.0.2:49152", ""},
		{"tcp://127.0.0.1:49152", "10.0.0.2", "10.0.0.2:49152", ""},
		{"tcp://fe80::1:49152", "fe80::1%eth0", "[fe80::1%eth0]:49152", ""},
		{"tcp://[2001:db8::1]:1", "::ffff:10.0.0.2", "10.0.0.2:1", "[2001:db8::1]:1"},
	} {
		at, fallback, ok := endpointOf(c.text, netip.MustParseAddr(c.from))
		got := ""
		if fallback.IsValid() {
			got = fallback.String()
		}
		if !ok || at.String() != c.at || got != c.fallback {
			t.Errorf("%s from %s: %v, %v, %v", c.text, c.from, at, fallback, ok)
		}
	}
}

// A hundred thousand beacons of nodes that don't exist: ten dials a second, a table
// of bounded size, and a live peer that notices nothing.
func TestBeaconFlood(t *testing.T) {
	l, a, b := pairUp(t)
	l.pass(2*time.Second, true)
	a.dials = nil
	begin := l.now
	for i := range 100_000 {
		z := beacon.ZRE{Version: beacon.ZRE1, UUID: [16]byte{200, byte(i), byte(i >> 8), byte(i >> 16)}, Port: uint16(1 + i%60000)}
		a.Hear(l.now, netip.AddrFrom4([4]byte{172, 16, byte(i >> 8), byte(i)}), z)
		if i%1000 == 999 {
			l.pass(100*time.Millisecond, true)
		}
	}
	if _, _, candidates := a.Knows(); candidates > a.MaxCandidates {
		t.Errorf("%d candidates", candidates)
	}
	for i, d := range a.dials {
		if i >= 10 && d.at.Sub(a.dials[i-10].at) < time.Second {
			t.Fatalf("11 dials within %v", d.at.Sub(a.dials[i-10].at))
		}
	}
	if n := len(a.dials); n < 50 || n > int(10*l.now.Sub(begin).Seconds())+10 {
		t.Errorf("%d dials in %v", n, l.now.Sub(begin))
	}
	a.expect(b.ID)
	if len(a.links) > 60 {
		t.Errorf("%d links", len(a.links))
	}
	// Whoever was a peer once comes first.
	a.remove(l.now, a.peers[b.ID], Expired)
	b.remove(l.now, b.peers[a.ID], Expired)
	l.pass(3*time.Second, true)
	a.expect(b.ID, Exit, Enter)
}

// A beacon that puts a made-up node where a real one is does not make that one take
// us for one that begins anew.
func TestBeaconAtAPeersPlace(t *testing.T) {
	l, a, b := pairUp(t)
	l.pass(2*time.Second, true)
	for i := range 100 {
		a.Hear(l.now, b.addr, beacon.ZRE{Version: beacon.ZRE1, UUID: [16]byte{100, byte(i)}, Port: b.Port})
		l.pass(100*time.Millisecond, true)
	}
	a.expect(b.ID)
	b.expect(a.ID)
	if len(a.dials) != 1 {
		t.Errorf("%d dials", len(a.dials))
	}
}

// A node that begins where one has died is known as soon as that one has exited, by the one
// beacon that was heard before, though made-up ones were heard there before it.
func TestNewcomerAtADeadOnesPlace(t *testing.T) {
	for _, madeUp := range []bool{false, true} {
		l, a, b := pairUp(t)
		l.pass(2*time.Second, true)
		b.dead = true
		c := l.add(3)
		c.addr = b.addr
		a.dials = nil
		lie := func(i int) {
			a.Hear(l.now, b.addr, beacon.ZRE{Version: beacon.ZRE1, UUID: [16]byte{100, byte(i)}, Port: b.Port})
		}
		if madeUp {
			for i := range 100 {
				lie(i)
			}
		}
		a.Hear(l.now, c.addr, c.says())
		if _, _, candidates := a.Knows(); candidates != 1 || len(a.dials) > 0 {
			t.Errorf("%d wait behind the dead one, and %d were dialled", candidates, len(a.dials))
		}
		l.pass(a.Evasive+100*time.Millisecond, false)
		if kinds := a.log(b.ID); len(kinds) == 0 || kinds[len(kinds)-1] != Exit {
			t.Fatalf("the dead one is still there: %v", kinds)
		}
		l.pass(100*time.Millisecond, false)
		a.expect(c.ID, Enter)
		c.expect(a.ID, Enter)
	}
}

// Forty nodes hear of each other within one second of beacons.
func TestMesh(t *testing.T) {
	l := newLab(t)
	const n = 40
	for i := range n {
		l.add(byte(1 + i))
	}
	l.pass(2*time.Second, true)
	for _, h := range l.hosts {
		if ready, other, _ := h.Knows(); ready != n-1 || other != 0 {
			t.Errorf("%s knows %d, and %d not quite", h.Name, ready, other)
		}
	}
}

func TestMaxPeers(t *testing.T) {
	l := newLab(t)
	a := l.add(1, func(c *Config) { c.MaxPeers = 3 })
	for i := range 6 {
		l.add(byte(2 + i))
	}
	l.pass(5*time.Second, true)
	if ready, other, _ := a.Knows(); ready != 3 || other != 0 {
		t.Errorf("knows %d and %d", ready, other)
	}
	if s := a.Counters(); s.Full == 0 {
		t.Error("nobody was counted as turned away")
	}
}

// One host says HELLO under as many UUIDs as there are places, and goes on: each newcomer
// from elsewhere gets in, until the host has no more than the others; nobody is pushed
// out by it.
func TestOneHostTakesAllPlaces(t *testing.T) {
	l := newLab(t)
	a := l.add(1, func(c *Config) { c.MaxPeers = 8 })
	next := byte(100)
	flood := func() {
		for range 20 {
			next++
			frames, _ := (&zre.Message{Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.66:5000", Name: "many"}).Frames()
			a.Receive(l.now, Source{RoutingID: []byte(ID{next}.RoutingID()), Conn: netip.AddrPortFrom(netip.MustParseAddr("10.0.0.66"), uint16(next))}, frames)
		}
	}
	flood()
	if s := a.Counters(); len(a.peers) != 8 || s.Full == 0 {
		t.Fatalf("%d peers, %d turned away", len(a.peers), s.Full)
	}
	honest := func() (n int) {
		for _, p := range a.peers {
			if p.conn.Addr() != netip.MustParseAddr("10.0.0.66") {
				n++
			}
		}
		return n
	}
	for i := range 7 {
		from := netip.AddrFrom4([4]byte{10, 0, 1, byte(i)})
		frames, _ := (&zre.Message{Kind: zre.Hello, Seq: 1, Endpoint: "tcp://" + from.String() + ":5000", Name: "honest"}).Frames()
		a.Receive(l.now, Source{RoutingID: []byte(ID{byte(2 + i)}.RoutingID()), Conn: netip.AddrPortFrom(from, 7)}, frames)
		flood()
		if len(a.peers) != 8 || honest() != i+1 {
			t.Fatalf("after %d honest ones: %d of %d peers are honest", i+1, honest(), len(a.peers))
		}
	}
	if s := a.Counters(); s.Evicted != 7 {
		t.Errorf("%d gave way, want 7", s.Evicted)
	}
}

// What a peer sends before our link to it stands comes after ENTER, in order.
func TestHeldUntilReady(t *testing.T) {
	l := newLab(t)
	a := l.add(1)
	l.add(2)
	for i, m := range []zre.Message{
		{Kind: zre.Hello, Endpoint: "tcp://10.0.0.2:5000", Name: "early"},
		{Kind: zre.Join, Group: "g", Status: 1},
		{Kind: zre.Whisper, Content: [][]byte{[]byte("first")}},
	} {
		m.Seq = uint16(1 + i)
		frames, _ := m.Frames()
		a.Receive(l.now, Source{RoutingID: []byte(ID{2}.RoutingID()), Conn: netip.MustParseAddrPort("10.0.0.2:7")}, frames)
	}
	a.expect(ID{2})
	l.settle()
	a.expect(ID{2}, Enter, Join, Whisper)
}

// Who can't be reached never enters.
func TestUnreachableNeverEnters(t *testing.T) {
	l := newLab(t)
	a := l.add(1)
	a.inject(ID{9}, "10.0.0.9:7", zre.Message{Kind: zre.Hello, Seq: 1, Endpoint: "tcp://10.0.0.9:5000"})
	a.expect(ID{9})
	if len(a.peers) != 0 || a.Counters().DialsFailed != 1 {
		t.Errorf("%d peers, %d failed", len(a.peers), a.Counters().DialsFailed)
	}
}

// A link without room loses no JOIN: they wait, in order, and too many end the peer.
func TestBacklog(t *testing.T) {
	l, a, b := pairUp(t)
	a.full = true
	a.Join(l.now, "one")
	a.Join(l.now, "two")
	if o := a.Whisper(b.ID, "", nil); o != NoRoom {
		t.Errorf("whisper: %v", o)
	}
	l.settle()
	b.expect(a.ID)
	a.full = false
	l.pass(time.Second, true)
	b.expect(a.ID, Join, Join)
	a.full = true
	for range maxBacklog + 2 {
		a.Join(l.now, "three")
		a.Leave("three")
	}
	l.pass(100*time.Millisecond, false)
	a.expect(b.ID, Exit)
}

func TestStatusMismatchIsTolerated(t *testing.T) {
	l, a, b := pairUp(t)
	_ = l
	frames, _ := (&zre.Message{Kind: zre.Join, Seq: 2, Group: "g", Status: 99}).Frames()
	a.Receive(l.now, Source{RoutingID: []byte(b.ID.RoutingID()), Conn: a.peers[b.ID].conn}, frames)
	a.expect(b.ID, Join)
	if a.Counters().StatusMismatch != 1 {
		t.Error("not counted")
	}
}

// A node with more groups than a HELLO holds is seen by those that come later, with all of
// them.
func TestMoreGroupsThanAHelloHolds(t *testing.T) {
	l := newLab(t)
	many := func(c *Config) { c.MaxGroups = 1024 }
	a := l.add(1, many)
	var want []string
	for i := range a.MaxGroups - 1 {
		group := fmt.Sprintf("%04d%0*d", i, 251, 0)
		want = append(want, group)
		a.Join(l.now, group)
	}
	b := l.add(2, many)
	l.pass(5*time.Second, true)
	if len(b.events) == 0 || b.events[0].Kind != Enter {
		t.Fatalf("the newcomer sees %d events", len(b.events))
	}
	if got := b.Members(want[len(want)-1]); len(got) != 1 || b.Counters().StatusMismatch != 0 {
		t.Errorf("in the last group are %v, %d have a wrong status", got, b.Counters().StatusMismatch)
	}
	for _, group := range want {
		if len(b.Members(group)) != 1 {
			t.Fatalf("the newcomer does not know that it is in %.4s", group)
		}
	}
	a.Join(l.now, "one more")
	a.Leave(want[0])
	l.settle()
	if len(b.Members(want[0])) != 0 || b.Counters().StatusMismatch != 0 {
		t.Errorf("what comes after it has a wrong status: %d", b.Counters().StatusMismatch)
	}
}

// A table is full of nodes that don't exist, of each of which there was one beacon. One
// whose beacon comes a second time is dialled next.
func TestBeaconThatComesAgain(t *testing.T) {
	for n := range 20 { // candidates are picked at random
		l, a, _ := pairUp(t)
		l.pass(2*time.Second, true)
		a.dials = nil
		made := func(i int) {
			z := beacon.ZRE{Version: beacon.ZRE1, UUID: [16]byte{200, byte(i), byte(i >> 8)}, Port: uint16(1 + i)}
			a.Hear(l.now, netip.AddrFrom4([4]byte{172, 16, byte(i >> 8), byte(i)}), z)
		}
		for i := range 10 * a.MaxCandidates {
			made(i)
		}
		real := beacon.ZRE{Version: beacon.ZRE1, UUID: [16]byte{9, byte(n)}, Port: 5000}
		from := netip.MustParseAddr("10.0.0.99")
		a.Hear(l.now, from, real)
		a.Hear(l.now, from, real)
		before := len(a.dials)
		l.pass(time.Second, true)
		if len(a.dials) <= before || a.dials[before].target.At != netip.AddrPortFrom(from, 5000) {
			t.Fatalf("run %d: dialled %v", n, a.dials[before:])
		}
	}
}
