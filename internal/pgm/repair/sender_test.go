package repair

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/pgm/packet"
)

func nothing(dst []byte, _ int) []byte { return dst }

// drain polls until there is nothing more now.
func drain(s *Sender, now time.Time, fill func([]byte, int) []byte) (all [][]byte) {
	for p := s.Poll(now, fill); p != nil; p = s.Poll(now, fill) {
		all = append(all, bytes.Clone(p))
	}
	return all
}

// SPMs come as OpenPGM's do: three at the start, and after data at the times of the
// heartbeats; ours beat from the start on.
func TestHeartbeats(t *testing.T) {
	s := NewSender(senderConfig(), start)
	if got := len(drain(s, start, nothing)); got != 3 {
		t.Fatalf("%d packets at the start", got)
	}
	times := func(from time.Time, until time.Duration) (all []time.Duration) {
		for now := s.Next(from, false); now.Sub(from) < until; now = s.Next(now, false) {
			for range drain(s, now, nothing) {
				all = append(all, now.Sub(from).Round(time.Millisecond))
			}
		}
		return all
	}
	beats := []int{100, 200, 300, 400, 1700, 8700, 24700, 49700, 79700, 109700, 139700}
	sameTimes(t, "idle", times(start, 140*time.Second), beats)
	now := start.Add(145 * time.Second)
	once := true
	drain(s, now, func(dst []byte, _ int) []byte {
		if once {
			once = false
			return append(dst, "data"...)
		}
		return dst
	})
	sameTimes(t, "after data", times(now, 140*time.Second), beats)
}

func sameTimes(t *testing.T, what string, got []time.Duration, want []int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: SPMs at %v, want %v ms", what, got, want)
	}
	for i, ms := range want {
		if got[i] != time.Duration(ms)*time.Millisecond {
			t.Errorf("%s: SPMs at %v, want %v ms", what, got, want)
			return
		}
	}
}

// Data that does not stop for a moment does not keep SPMs away for ever.
func TestSPMsAmidData(t *testing.T) {
	cfg := senderConfig()
	cfg.Rate = 20_000
	n := newNetwork(t, 1, cfg, 0)
	n.todo = 1 << 30
	n.run(61*time.Second, nil)
	if got := n.sender.spmSqn; got < openings+2 {
		t.Errorf("%d SPMs in 61 s", got)
	}
}

// A storm of NAKs, of good ones, gets a bounded answer, and new data goes on.
func TestNAKStorm(t *testing.T) {
	n := newNetwork(t, 1, senderConfig(), 0)
	n.todo = 1 << 30
	n.run(time.Second, nil)
	before, ncfs := n.odata, 0
	h := packet.Header{SourcePort: groupPort, DestPort: 4242, GSI: packet.GSI{1, 2, 3, 4, 5, 6}}
	for end := n.now.Add(time.Second); n.now.Before(end); n.now = n.now.Add(time.Millisecond) {
		for range 20 {
			sqns := make([]uint32, packet.MaxList)
			for i := range sqns {
				sqns[i] = n.sender.window.first + n.r.Uint32N(uint32(n.sender.window.n))
			}
			n.sender.Handle(n.now, h.AppendNAK(nil, packet.TypeNAK, packet.NAK{Sqns: sqns, Source: sourceAddr, Group: groupAddr}))
			if len(n.sender.confirm) > answerBurst+1 || len(n.sender.repairs) > n.sender.window.n {
				t.Fatalf("%d NCFs and %d repairs wait", len(n.sender.confirm), len(n.sender.repairs))
			}
		}
		for _, p := range drain(n.sender, n.now, n.fill) {
			switch packet.Type(p[4]) {
			case packet.TypeNCF:
				ncfs++
			case packet.TypeODATA:
				n.odata++
			}
		}
	}
	if ncfs > answerRate+answerBurst+1 {
		t.Errorf("%d NCFs in a second", ncfs)
	}
	if n.odata == before {
		t.Error("the storm keeps new data from being sent")
	}
}

// What is not for this session, and what is gone, is not answered.
func TestForeignNAKs(t *testing.T) {
	good := func() (packet.Header, packet.NAK) {
		return packet.Header{SourcePort: groupPort, DestPort: 4242, GSI: packet.GSI{1, 2, 3, 4, 5, 6}},
			packet.NAK{Sqns: []uint32{3}, Source: sourceAddr, Group: groupAddr}
	}
	other := netip.MustParseAddr("10.77.0.9")
	for _, c := range []struct {
		name   string
		change func(h *packet.Header, n *packet.NAK)
		want   int // packets in answer
	}{
		{"good", func(*packet.Header, *packet.NAK) {}, 2},
		{"other GSI", func(h *packet.Header, _ *packet.NAK) { h.GSI[5]++ }, 0},
		{"other session", func(h *packet.Header, _ *packet.NAK) { h.DestPort++ }, 0},
		{"other port", func(h *packet.Header, _ *packet.NAK) { h.SourcePort++ }, 0},
		{"other source", func(_ *packet.Header, n *packet.NAK) { n.Source = other }, 0},
		{"other group", func(_ *packet.Header, n *packet.NAK) { n.Group = other }, 0},
		{"not sent yet", func(_ *packet.Header, n *packet.NAK) { n.Sqns = []uint32{99} }, 0},
		{"long gone", func(_ *packet.Header, n *packet.NAK) { n.Sqns = []uint32{0x80000003} }, 0},
		{"in part", func(_ *packet.Header, n *packet.NAK) { n.Sqns = []uint32{99, 2, 100, 4} }, 3},
		{"twice the same", func(_ *packet.Header, n *packet.NAK) { n.Sqns = []uint32{2, 2} }, 2},
	} {
		nw := newNetwork(t, 1, senderConfig(), 0)
		nw.todo = 5
		nw.run(50*time.Millisecond, nil)
		h, n := good()
		c.change(&h, &n)
		nw.sender.Handle(nw.now, h.AppendNAK(nil, packet.TypeNAK, n))
		if got := len(drain(nw.sender, nw.now, nothing)); got != c.want {
			t.Errorf("%s: %d packets in answer, want %d", c.name, got, c.want)
		}
	}
}

// An SPM that is asked for comes at once, but no more of them than answers may.
func TestSPMR(t *testing.T) {
	s := NewSender(senderConfig(), start)
	drain(s, start, nothing)
	now, got := start.Add(time.Second), 0
	ask := packet.Header{SourcePort: groupPort, DestPort: 4242, GSI: packet.GSI{1, 2, 3, 4, 5, 6}}.AppendSPMR(nil)
	for range 1000 {
		s.Handle(now, ask)
		got += len(drain(s, now, nothing))
	}
	if got == 0 || got > answerBurst+1 {
		t.Errorf("%d SPMs for 1000 requests", got)
	}
}

// The window never holds more than it may, and always the newest packet.
func TestWindow(t *testing.T) {
	cfg := senderConfig()
	cfg.Window, cfg.Rate = 1000, 1<<30
	n := newNetwork(t, 1, cfg, 0)
	for range 500 {
		n.todo++
		n.run(time.Millisecond, nil)
		kept := 0
		for i := range uint32(n.sender.window.n) {
			kept += len(n.sender.window.at(n.sender.window.first+i).packet) + cfg.Overhead
		}
		if kept != n.sender.bytes || kept > cfg.Window || n.sender.window.n == 0 {
			t.Fatalf("%d bytes in %d packets, said to be %d", kept, n.sender.window.n, n.sender.bytes)
		}
	}
}

// The ring against a map.
func TestRing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	ring := ring[int]{first: 0xffffff00}
	model, end := map[uint32]int{}, ring.first
	for i := range 20_000 {
		if r.IntN(5) < 3-i/10_000 {
			ring.push(i)
			model[end] = i
			end++
		} else if len(model) > 0 {
			first := end - uint32(len(model))
			if got := ring.pop(); got != model[first] {
				t.Fatalf("popped %d, want %d", got, model[first])
			}
			delete(model, first)
		}
		sqn := end - uint32(r.IntN(100)) + 20
		want, ok := model[sqn]
		if got := ring.at(sqn); ok != (got != nil) || ok && *got != want {
			t.Fatalf("at %d: %v, want %d, %v", sqn, got, want, ok)
		}
	}
}
