package repair

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/pgm/packet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	sourceAddr = netip.MustParseAddr("10.77.0.1")
	groupAddr  = netip.MustParseAddr("239.192.1.1")
)

const groupPort = 5555

// start is when every simulation begins.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// network is a sender and receivers on a wire in memory, with a clock that jumps from
// one event to the next. Packets are lost, doubled and late as the test says.
type network struct {
	t      testing.TB
	r      *rand.Rand
	now    time.Time
	sender *Sender
	todo   int // payloads that wait to be sent
	made   int
	nodes  []*node
	flying []flight

	loss, double float64
	late         time.Duration // at most
	cut          bool

	naks, spmrs, rdata, odata int
	sentBytes                 int
}

// node is one receiver and what it has got.
type node struct {
	*Receiver
	got   []int
	gaps  []int // how many were lost, with each gap
	ends  int
	stall bool // it does not pull
	cut   bool
}

// flight is a packet on its way.
type flight struct {
	at   time.Time
	to   *node // nil for the sender
	data []byte
}

func senderConfig() SenderConfig {
	return SenderConfig{
		Header:   packet.Header{SourcePort: 4242, DestPort: groupPort, GSI: packet.GSI{1, 2, 3, 4, 5, 6}},
		Source:   sourceAddr,
		Group:    groupAddr,
		Rate:     1_000_000,
		Window:   10_000_000,
		Payload:  100,
		Overhead: 28,
	}
}

func newNetwork(t testing.TB, seed uint64, cfg SenderConfig, receivers int) *network {
	n := &network{t: t, r: rand.New(rand.NewPCG(seed, seed)), now: start}
	n.sender = NewSender(cfg, n.now)
	for range receivers {
		n.join()
	}
	return n
}

func (n *network) join() *node {
	nd := &node{Receiver: NewReceiver(ReceiverConfig{Port: groupPort, Budget: 1 << 20, Random: n.r}, n.now)}
	n.nodes = append(n.nodes, nd)
	return nd
}

// fill is the next payload: its number, and bytes that depend on it.
func (n *network) fill(dst []byte, size int) []byte {
	if n.todo == 0 {
		return dst
	}
	n.todo--
	dst = binary.BigEndian.AppendUint32(dst, uint32(n.made))
	dst = append(dst, bytes.Repeat([]byte{byte(n.made)}, n.made%(size-4))...)
	n.made++
	return dst
}

// send puts a packet on the wire.
func (n *network) send(to *node, p []byte) {
	if n.cut || to != nil && to.cut || n.r.Float64() < n.loss {
		return
	}
	copies := 1
	if n.r.Float64() < n.double {
		copies = 2
	}
	for range copies {
		at := n.now.Add(time.Millisecond)
		if n.late > 0 {
			at = at.Add(time.Duration(n.r.Int64N(int64(n.late))))
		}
		n.flying = append(n.flying, flight{at, to, bytes.Clone(p)})
	}
}

// step does everything that is due now.
func (n *network) step() {
	landed, flying := n.flying, n.flying[:0]
	n.flying = nil
	for _, f := range landed {
		if n.now.Before(f.at) {
			flying = append(flying, f)
		} else {
			n.land(f)
		}
	}
	n.flying = append(flying, n.flying...)
	for p := n.sender.Poll(n.now, n.fill); p != nil; p = n.sender.Poll(n.now, n.fill) {
		n.sentBytes += len(p) + n.sender.cfg.Overhead
		switch packet.Type(p[4]) {
		case packet.TypeODATA:
			n.odata++
		case packet.TypeRDATA:
			n.rdata++
		}
		for _, nd := range n.nodes {
			n.send(nd, p)
		}
	}
	for _, nd := range n.nodes {
		n.poll(nd)
	}
}

func (n *network) land(f flight) {
	if f.to == nil {
		n.sender.Handle(n.now, f.data)
		return
	}
	f.to.Handle(n.now, groupAddr, sourceAddr, f.data)
	n.pull(f.to)
}

func (n *network) poll(nd *node) {
	for to, p := nd.Poll(n.now); p != nil; to, p = nd.Poll(n.now) {
		if to != sourceAddr {
			n.t.Fatalf("a packet for %v", to)
		}
		switch packet.Type(p[4]) {
		case packet.TypeNAK:
			n.naks++
		case packet.TypeSPMR:
			n.spmrs++
		}
		if !nd.cut {
			n.send(nil, p)
		}
	}
	n.pull(nd)
}

func (n *network) pull(nd *node) {
	if nd.stall {
		return
	}
	nd.Sources(func(s *Source) {
		for it, ok := s.Pull(); ok; it, ok = s.Pull() {
			switch {
			case it.End:
				nd.ends++
			case it.Lost > 0:
				nd.gaps = append(nd.gaps, it.Lost)
			default:
				nd.take(n.t, it.Body)
			}
		}
	})
}

func (nd *node) take(t testing.TB, body []byte) {
	i := int(binary.BigEndian.Uint32(body))
	if want := append(binary.BigEndian.AppendUint32(nil, uint32(i)), bytes.Repeat([]byte{byte(i)}, len(body)-4)...); !bytes.Equal(body, want) {
		t.Fatalf("payload %d is damaged", i)
	}
	nd.got = append(nd.got, i)
}

// run lets time pass until done, or for so long.
func (n *network) run(d time.Duration, done func() bool) {
	n.t.Helper()
	for end := n.now.Add(d); n.now.Before(end); {
		n.step()
		if done != nil && done() {
			return
		}
		next := end
		for _, f := range n.flying {
			next = earlier(next, f.at)
		}
		next = earlier(next, n.sender.Next(n.now, n.todo > 0))
		for _, nd := range n.nodes {
			next = earlier(next, nd.Next())
		}
		if !next.After(n.now) {
			next = n.now.Add(100 * time.Microsecond)
		}
		n.now = next
	}
	if done != nil {
		n.t.Fatalf("not done after %v", d)
	}
}

// all reports whether every receiver has got so many payloads.
func (n *network) all(count int) func() bool {
	return func() bool {
		for _, nd := range n.nodes {
			if len(nd.got) < count {
				return false
			}
		}
		return true
	}
}

// inOrder checks that a receiver has every payload of from to to, once.
func inOrder(t *testing.T, got []int, from, to int) {
	t.Helper()
	for i, v := range got {
		if v != from+i {
			t.Fatalf("payload %d is %d, want %d", i, v, from+i)
		}
	}
	if len(got) != to-from {
		t.Fatalf("%d payloads, want %d", len(got), to-from)
	}
}

// Whatever the wire does, everything arrives, once and in order, and across the end
// of the sequence numbers.
func TestLossyNetwork(t *testing.T) {
	const count = 500
	for _, c := range []struct {
		loss, double float64
		late         time.Duration
	}{
		{0, 0, 0}, {0.01, 0, 0}, {0.2, 0.1, 0}, {0, 0.2, 30 * time.Millisecond}, {0.1, 0.1, 60 * time.Millisecond}, {0.4, 0, 5 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("loss %v late %v", c.loss, c.late), func(t *testing.T) {
			t.Parallel()
			cfg := senderConfig()
			cfg.First = 0xffffffff - 300
			n := newNetwork(t, 7, cfg, 3)
			n.run(10*time.Millisecond, nil) // the first SPMs, so that all know the beginning
			n.loss, n.double, n.late = c.loss, c.double, c.late
			n.todo = count
			n.run(10*time.Minute, n.all(count))
			for _, nd := range n.nodes {
				inOrder(t, nd.got, 0, count)
				if len(nd.gaps) > 0 || nd.bytes != 0 {
					t.Errorf("gaps %v, %d bytes kept", nd.gaps, nd.bytes)
				}
			}
			if c.loss == 0 && c.late == 0 && n.naks+n.rdata > 0 {
				t.Errorf("%d NAKs, %d repairs without a loss", n.naks, n.rdata)
			}
		})
	}
}

// The last packets of a burst are missed by nobody who asks only when there is a hole:
// the heartbeats tell.
func TestLastPacketLost(t *testing.T) {
	n := newNetwork(t, 1, senderConfig(), 1)
	n.run(10*time.Millisecond, nil)
	n.cut, n.todo = true, 5
	n.run(20*time.Millisecond, nil)
	n.cut = false
	n.run(time.Second, n.all(5))
	if d := n.now.Sub(start); d > 300*time.Millisecond {
		t.Errorf("it took %v", d)
	}
}

// A cut that the window reaches back over is repaired; a longer one is a gap, of as
// many packets as are missing.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		cut    time.Duration
		window int // bytes: 100 ms, 1 s
		gap    bool
	}{
		{200 * time.Millisecond, 1_000_000, false},
		{200 * time.Millisecond, 100_000, true},
	} {
		cfg := senderConfig()
		cfg.Window = c.window
		n := newNetwork(t, 5, cfg, 1)
		n.run(5*time.Millisecond, nil)
		n.todo = 1_000_000
		n.run(500*time.Millisecond, nil)
		n.cut = true
		n.run(c.cut, nil)
		n.cut = false
		n.run(2*time.Second, nil)
		n.todo = 0
		n.run(2*time.Second, nil)
		nd := n.nodes[0]
		lost := 0
		for _, g := range nd.gaps {
			lost += g
		}
		if c.gap != (lost > 0) || len(nd.got)+lost != n.made {
			t.Errorf("cut of %v, window %d: %d of %d arrived, gaps %v", c.cut, c.window, len(nd.got), n.made, nd.gaps)
		}
		if !slices.IsSorted(nd.got) {
			t.Error("out of order")
		}
	}
}

// One who comes late gets what is sent from then on, and asks for nothing older.
func TestLateJoin(t *testing.T) {
	n := newNetwork(t, 2, senderConfig(), 0)
	n.todo = 100
	n.run(time.Second, nil)
	nd := n.join()
	n.todo = 50
	n.run(time.Second, n.all(50))
	n.run(time.Second, nil)
	inOrder(t, nd.got, 100, 150)
	if len(nd.gaps) > 0 || n.rdata > 0 {
		t.Errorf("gaps %v, %d repairs", nd.gaps, n.rdata)
	}
	if n.spmrs == 0 {
		t.Error("no SPM was asked for")
	}
}

// Many who miss one packet do not all ask.
func TestSuppression(t *testing.T) {
	n := newNetwork(t, 3, senderConfig(), 100)
	n.run(5*time.Millisecond, nil)
	n.cut, n.todo = true, 1
	n.run(5*time.Millisecond, nil)
	n.cut = false
	n.run(time.Second, n.all(1))
	if n.naks > 20 {
		t.Errorf("%d of 100 receivers asked", n.naks)
	}
	if n.rdata > 3 {
		t.Errorf("%d repairs", n.rdata)
	}
}

// The rate is kept to, repairs and all, whatever the size of the packets; and it is
// used.
func TestRate(t *testing.T) {
	for _, c := range []struct{ rate, payload int }{{12_500, 1428}, {125_000, 1428}, {125_000, 20}, {1_000_000, 1428}} {
		cfg := senderConfig()
		cfg.Rate, cfg.Payload = c.rate, c.payload
		n := newNetwork(t, 4, cfg, 1)
		n.loss = 0.05
		n.todo = 1 << 30
		const seconds = 4
		n.run(seconds*time.Second, nil)
		got := float64(n.sentBytes) / seconds / float64(c.rate)
		slack := 1500 / float64(c.rate*seconds)
		if got < 0.99-slack || got > 1.01+slack {
			t.Errorf("rate %d, payloads of %d: %.3f of it was sent", c.rate, c.payload, got)
		}
	}
}

// A reader that does not keep up loses nothing that the sender can repeat, and
// whatever it leaves lying is bounded.
func TestStall(t *testing.T) {
	n := newNetwork(t, 6, senderConfig(), 1)
	nd := n.nodes[0]
	nd.cfg.Budget = 20_000
	n.run(5*time.Millisecond, nil)
	nd.stall, n.todo = true, 2000
	n.run(time.Second, nil)
	if nd.bytes > 21_000 || n.rdata > 200 {
		t.Errorf("%d bytes wait, %d repairs for nobody", nd.bytes, n.rdata)
	}
	nd.stall = false
	n.run(10*time.Second, n.all(2000))
	if n.rdata > 3000 {
		t.Errorf("%d repairs of 2000 packets", n.rdata)
	}
	inOrder(t, nd.got, 0, 2000)
	if len(nd.gaps) > 0 {
		t.Errorf("gaps %v", nd.gaps)
	}
}

// The end of a session comes after all its data, once, even where that must be
// repaired first; and what was late on its way begins no other one.
func TestEnd(t *testing.T) {
	n := newNetwork(t, 8, senderConfig(), 1)
	n.run(5*time.Millisecond, nil)
	n.late, n.double = 200*time.Millisecond, 0.5
	n.todo = 200
	n.run(20*time.Millisecond, nil)
	n.sender.End()
	n.run(2*time.Second, nil)
	nd := n.nodes[0]
	inOrder(t, nd.got, 0, 200)
	if nd.ends != 1 || !n.sender.Ended() {
		t.Errorf("%d ends", nd.ends)
	}
	n.sender = nil
	if s := nd.sources[packet.TSI{GSI: packet.GSI{1, 2, 3, 4, 5, 6}, Port: 4242}]; s == nil || !s.done {
		t.Fatal("the source is not remembered")
	}
	if _, p := nd.Poll(n.now.Add(after + time.Second)); p != nil || len(nd.Gone()) != 1 || nd.bytes != 0 {
		t.Error("it is not forgotten in the end")
	}
}
