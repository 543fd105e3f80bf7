package repair

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/pgm/packet"
)

// hearer is a receiver without a network.
type hearer struct {
	*Receiver
	t   testing.TB
	now time.Time
}

func newHearer(t testing.TB) *hearer {
	cfg := ReceiverConfig{Port: groupPort, Budget: 1 << 20, Random: rand.New(rand.NewPCG(1, 1))}
	return &hearer{NewReceiver(cfg, start), t, start}
}

func header(gsi byte) packet.Header {
	return packet.Header{SourcePort: 4242, DestPort: groupPort, GSI: packet.GSI{gsi}}
}

func (h *hearer) hear(p []byte) *Source { return h.Handle(h.now, groupAddr, sourceAddr, p) }

func (h *hearer) data(gsi byte, sqn, trail uint32, body string) *Source {
	return h.hear(header(gsi).AppendData(nil, packet.Data{Sqn: sqn, Trail: trail, Body: []byte(body)}))
}

func (h *hearer) spm(gsi byte, spm, trail, lead uint32) *Source {
	return h.hear(header(gsi).AppendSPM(nil, packet.SPM{Sqn: spm, Trail: trail, Lead: lead, NLA: sourceAddr}))
}

// pulled is all that a source has, in short: bodies, "-n" for n lost, "." for the end.
func pulled(s *Source) (all string) {
	for it, ok := s.Pull(); ok; it, ok = s.Pull() {
		switch {
		case it.End:
			all += "."
		case it.Lost > 0:
			all += fmt.Sprintf("-%d", it.Lost)
		default:
			all += string(it.Body)
		}
	}
	return all
}

// asks lets time pass, and counts the packets that are sent meanwhile.
func (h *hearer) asks(d time.Duration) (naks int, sqns map[uint32]int) {
	sqns = map[uint32]int{}
	for end := h.now.Add(d); h.now.Before(end); h.now = h.now.Add(time.Millisecond) {
		for _, p := h.Poll(h.now); p != nil; _, p = h.Poll(h.now) {
			head, rest, _ := packet.ParseHeader(p)
			if head.Type != packet.TypeNAK {
				continue
			}
			naks++
			n, _ := head.NAK(rest)
			for _, sqn := range n.Sqns {
				sqns[sqn]++
			}
		}
	}
	return naks, sqns
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(h *hearer) *Source
		want string
	}{
		{"in order", func(h *hearer) *Source { h.data(1, 1, 1, "a"); return h.data(1, 2, 1, "b") }, "ab"},
		{"doubled", func(h *hearer) *Source { h.data(1, 1, 1, "a"); return h.data(1, 1, 1, "x") }, "a"},
		{"a hole", func(h *hearer) *Source { h.data(1, 1, 1, "a"); return h.data(1, 3, 1, "c") }, "a"},
		{"a hole filled", func(h *hearer) *Source { h.data(1, 1, 1, "a"); h.data(1, 3, 1, "c"); return h.data(1, 2, 1, "b") }, "abc"},
		{"the first is the beginning", func(h *hearer) *Source { h.data(1, 7, 1, "g"); return h.data(1, 6, 1, "f") }, "g"},
		{"so is the first SPM", func(h *hearer) *Source { h.spm(1, 0, 3, 6); h.data(1, 8, 3, "h"); return h.data(1, 7, 3, "g") }, "gh"},
		{"across zero", func(h *hearer) *Source { h.data(1, 0xffffffff, 0xffffffff, "a"); return h.data(1, 0, 0xffffffff, "b") }, "ab"},
		{"trail in the window", func(h *hearer) *Source { h.data(1, 1, 1, "a"); h.data(1, 4, 1, "d"); return h.spm(1, 0, 3, 4) }, "a-1"},
		{"trail behind it", func(h *hearer) *Source { h.data(1, 1, 1, "a"); h.data(1, 4, 1, "d"); return h.spm(1, 0, 9, 9) }, "a-2d-4"},
		{"trail by data", func(h *hearer) *Source { h.data(1, 1, 1, "a"); return h.data(1, 100_000, 99_999, "z") }, "a-99997"},
		{"trail by data, its own", func(h *hearer) *Source { h.data(1, 1, 1, "a"); return h.data(1, 100_000, 100_000, "z") }, "a-99998z"},
		{"an old SPM", func(h *hearer) *Source { h.spm(1, 5, 0, 0); h.data(1, 1, 0, "a"); return h.spm(1, 4, 50, 50) }, "a"},
		{"two sources", func(h *hearer) *Source { h.data(1, 1, 1, "a"); h.data(2, 2, 1, "x"); return h.data(1, 2, 1, "b") }, "ab"},
	} {
		s := c.play(newHearer(t))
		if s == nil {
			t.Errorf("%s: no source", c.name)
		} else if got := pulled(s); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What cannot be meant is passed over.
func TestNonsense(t *testing.T) {
	spm := func(m packet.SPM) []byte { return header(1).AppendSPM(nil, m) }
	otherPort := header(1)
	otherPort.DestPort++
	repeated := header(1).AppendData(nil, packet.Data{Sqn: 1, Trail: 1, Body: []byte("a")})
	packet.Repeat(repeated, 1)
	for name, p := range map[string][]byte{
		"lead before trail":    spm(packet.SPM{Trail: 5, Lead: 3, NLA: sourceAddr}),
		"multicast NLA":        spm(packet.SPM{NLA: groupAddr}),
		"no NLA":               spm(packet.SPM{NLA: netip.IPv4Unspecified()}),
		"a third host's NLA":   spm(packet.SPM{NLA: netip.MustParseAddr("10.9.8.7")}),
		"broadcast NLA":        spm(packet.SPM{NLA: netip.MustParseAddr("255.255.255.255")}),
		"data before trail":    header(1).AppendData(nil, packet.Data{Sqn: 1, Trail: 2}),
		"another port":         otherPort.AppendSPM(nil, packet.SPM{NLA: sourceAddr}),
		"repair from nowhere":  repeated,
		"upstream":             header(1).AppendSPMR(nil),
		"confirmation of what": header(1).AppendNAK(nil, packet.TypeNCF, packet.NAK{Sqns: []uint32{1}, Source: sourceAddr, Group: groupAddr}),
		"nothing":              {},
	} {
		h := newHearer(t)
		if s := h.hear(p); s != nil || len(h.sources) > 0 {
			t.Errorf("%s: a source", name)
		}
	}
}

// One packet that says that very much is missing, and that may have been made up in
// another's name, gets a small answer, whatever it says; who goes on to be heard is asked
// in proportion to it, and who moves begins anew.
func TestAmplification(t *testing.T) {
	h := newHearer(t)
	lure := func(gsi byte, spm uint32, at netip.Addr) int {
		p := header(gsi).AppendSPM(nil, packet.SPM{Sqn: spm, Trail: 1, Lead: 16000, NLA: at})
		if h.Handle(h.now, groupAddr, at, p) == nil {
			t.Fatal("it is not heard")
		}
		return len(p)
	}
	sent := func(d time.Duration) (n int, to netip.Addr) {
		for end := h.now.Add(d); h.now.Before(end); h.now = h.now.Add(10 * time.Millisecond) {
			for at, p := h.Poll(h.now); p != nil; at, p = h.Poll(h.now) {
				n, to = n+len(p), at
			}
		}
		return n, to
	}
	h.spm(1, 1, 1, 0) // so that what follows is missing
	heard := 36 + lure(1, 2, sourceAddr)
	n, to := sent(time.Minute)
	if n > nakOpening+nakShare*heard || n < nakOpening/2 || to != sourceAddr {
		t.Errorf("for %d bytes %d are sent to %v", heard, n, to)
	}
	more := 0
	for i := range 20 {
		more += lure(1, uint32(3+i), sourceAddr)
	}
	if n, _ := sent(time.Minute); n > nakShare*(heard+more) || n < nakShare*more/2 {
		t.Errorf("for %d bytes more %d are sent", more, n)
	}
	other := sourceAddr.Next()
	lure(1, 100, other)
	if n, to := sent(time.Minute); n > nakOpening+nakShare*heard || to != other {
		t.Errorf("%d bytes are sent to %v", n, to)
	}
}

// A NAK is sent within the back-off time, again when no answer comes, and not while a
// confirmation lets data be expected; in the end the packet is given up.
func TestNAKTimes(t *testing.T) {
	h := newHearer(t)
	h.spm(1, 0, 0, 0)
	h.data(1, 2, 0, "b")
	if n, sqns := h.asks(nakBackOff + 2*time.Millisecond); n != 1 || sqns[1] != 1 {
		t.Fatalf("%d NAKs at first, %v", n, sqns)
	}
	if n, _ := h.asks(nakRepeat - nakBackOff); n != 0 {
		t.Fatalf("%d NAKs while an NCF may come", n)
	}
	if n, _ := h.asks(2*nakBackOff + 2*scanTime); n != 1 {
		t.Fatalf("%d NAKs after it has not", n)
	}
	ncf := header(1).AppendNAK(nil, packet.TypeNCF, packet.NAK{Sqns: []uint32{1}, Source: sourceAddr, Group: groupAddr})
	for range 20 {
		h.hear(ncf)
		if n, _ := h.asks(nakData - scanTime); n != 0 && h.now.Sub(start) < time.Hour {
			t.Fatalf("%d NAKs while data may come", n)
		}
		h.hear(ncf)
		h.sources[packet.TSI{GSI: packet.GSI{1}, Port: 4242}].window.at(1).due = h.now.Add(nakData)
	}
	n, _ := h.asks(60 * (nakRepeat + 2*nakBackOff))
	if n < nakTries/2 || n > nakTries {
		t.Errorf("%d NAKs until it is given up", n)
	}
	if got := pulled(h.sources[packet.TSI{GSI: packet.GSI{1}, Port: 4242}]); got != "-1b" {
		t.Errorf("got %q in the end", got)
	}
}

// What is missing together is asked for together.
func TestNAKList(t *testing.T) {
	h := newHearer(t)
	h.spm(1, 0, 0, 0)
	h.data(1, 131, 0, "z")
	n, sqns := h.asks(nakBackOff + 2*time.Millisecond)
	if n != 3 || len(sqns) != 130 {
		t.Errorf("%d NAKs for %d of 130 packets", n, len(sqns))
	}
}

// Whoever makes sources up takes no more than the receiver has for them, and keeps
// those that are there.
func TestSourcesBounded(t *testing.T) {
	h := newHearer(t)
	real := h.data(200, 1, 1, "a")
	for i := range 10_000 {
		hd := header(0)
		hd.GSI = packet.GSI{1, byte(i), byte(i >> 8)}
		h.hear(hd.AppendData(nil, packet.Data{Sqn: uint32(i), Trail: uint32(i)}))
	}
	if len(h.sources) != MaxSources || h.sources[real.TSI] != real {
		t.Fatalf("%d sources", len(h.sources))
	}
	// Those that are silent make room in the end.
	h.now = h.now.Add(spare)
	h.data(200, 2, 1, "b")
	if h.data(201, 1, 1, "x") == nil || h.sources[real.TSI] != real || len(h.Gone()) != 1 {
		t.Error("a silent source does not make room")
	}
}

// One host that makes sources up, however busy they are, keeps no other host's out, and
// loses its newest for them; who has no more than who asks gives up nothing.
func TestSourcesOfOneAddress(t *testing.T) {
	h := newHearer(t)
	from := func(a byte, gsi int) *Source {
		hd := header(0)
		hd.GSI = packet.GSI{a, byte(gsi), byte(gsi >> 8)}
		return h.Handle(h.now, groupAddr, netip.AddrFrom4([4]byte{10, 0, 0, a}), hd.AppendData(nil, packet.Data{Sqn: 1, Trail: 1, Body: []byte("x")}))
	}
	flood := func() {
		for i := range 1000 {
			from(1, i)
		}
	}
	oldest := from(1, 0)
	flood()
	for host := byte(2); host < 20; host++ {
		s := from(host, 0)
		if s == nil || pulled(s) != "x" {
			t.Fatalf("host %d is not heard", host)
		}
		flood()
		if h.sources[s.TSI] != s || len(h.sources) != MaxSources {
			t.Fatalf("host %d was driven out, there are %d sources", host, len(h.sources))
		}
	}
	if n := len(h.Gone()); n != 18 || h.sources[oldest.TSI] != oldest {
		t.Errorf("%d had to make room, want 18", n)
	}
	for host := 20; host < 250; host++ { // one for each address, and then no more
		from(byte(host), 0)
	}
	if gone := len(h.Gone()); gone != MaxSources-18-1 || h.sources[oldest.TSI] != oldest || h.seats.Addresses() != MaxSources {
		t.Errorf("%d more had to make room, %d addresses", gone, h.seats.Addresses())
	}
	h.now = h.now.Add(expiry)
	for _, p := h.Poll(h.now); p != nil; _, p = h.Poll(h.now) {
	}
	if f := h.seats.Figures(); len(h.sources) != 0 || f.Held.Places != 0 || h.seats.Addresses() != 0 {
		t.Errorf("all are silent, and %d sources, %+v, %d addresses are left", len(h.sources), f.Held, h.seats.Addresses())
	}
}

// Whatever a source claims, its window and its NAKs are bounded.
func TestClaimsBounded(t *testing.T) {
	h := newHearer(t)
	for gsi := range byte(16) {
		h.spm(gsi, 0, 0, 0)
		h.spm(gsi, 1, 0, 1<<30)
	}
	for _, s := range h.sources {
		if s.window.n > MaxWindow {
			t.Fatalf("a window of %d", s.window.n)
		}
	}
	if n, _ := h.asks(time.Second / 5); n > nakRate/5+nakBurst+1 {
		t.Errorf("%d NAKs in a fifth of a second", n)
	}
	// Packets that wait take no more than the budget, however many there are.
	for i := range uint32(MaxWindow + 10) {
		h.data(1, 2+i, 0, string(make([]byte, 1000)))
	}
	if h.bytes > h.cfg.Budget+2000 {
		t.Errorf("%d bytes wait", h.bytes)
	}
}

// Nobody who is silent is remembered for ever.
func TestExpiry(t *testing.T) {
	h := newHearer(t)
	s := h.data(1, 1, 1, "a")
	h.data(1, 3, 1, "c")
	h.asks(time.Second)
	if next := h.Next(); next.IsZero() || next.After(start.Add(expiry)) {
		t.Errorf("next at %v", next)
	}
	h.now = h.now.Add(expiry)
	h.Poll(h.now)
	if gone := h.Gone(); len(gone) != 1 || gone[0] != s || h.bytes != 0 || !h.Next().IsZero() {
		t.Errorf("gone %v, %d bytes", gone, h.bytes)
	}
}

// Any packets in any order: no panic, and the books are right.
func FuzzReceiver(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 1, 1, 3, 1, 1, 2, 0, 1, 4, 9, 9})
	f.Add([]byte{1, 250, 250, 1, 5, 250, 2, 10, 5, 5, 3, 3})
	f.Fuzz(func(t *testing.T, script []byte) {
		h := newHearer(t)
		h.cfg.Budget = 2000
		for ; len(script) >= 3; script = script[3:] {
			a, b := uint32(int8(script[1]))*37, uint32(int8(script[2]))*37
			switch script[0] % 7 {
			case 0:
				h.data(script[0]/7%3, a, b, "xyz")
			case 1:
				h.spm(script[0]/7%3, a, b, b+uint32(script[1]))
			case 2:
				h.spm(script[0]/7%3, uint32(script[0]), b, a)
			case 3:
				h.hear(header(script[0]/7%3).AppendNAK(nil, packet.TypeNCF, packet.NAK{Sqns: []uint32{a, b}, Source: sourceAddr, Group: groupAddr}))
			case 4:
				h.asks(time.Duration(script[1]) * time.Millisecond)
			case 5:
				h.Sources(func(s *Source) { pulled(s) })
			case 6:
				fin := packet.SPM{Sqn: a, Trail: b, Lead: b + 3, NLA: sourceAddr, Fin: true}
				h.hear(header(script[0]/7%3).AppendSPM(nil, fin))
			}
			h.audit()
		}
	})
}

// audit compares the bytes that are said to wait with those that do.
func (h *hearer) audit() {
	bytes := 0
	for _, s := range h.sources {
		for i := range uint32(s.window.n) {
			if at := s.window.at(s.window.first + i); at.state == have {
				bytes += len(at.body) + slotCost
			}
		}
		for _, it := range s.ready {
			if it.Lost == 0 {
				bytes += len(it.Body) + slotCost
			}
		}
		if s.window.n > MaxWindow {
			h.t.Fatalf("a window of %d", s.window.n)
		}
	}
	if bytes != h.bytes {
		h.t.Fatalf("%d bytes wait, said to be %d", bytes, h.bytes)
	}
}

// Raw bytes, too.
func FuzzHandle(f *testing.F) {
	f.Add(header(1).AppendData(nil, packet.Data{Sqn: 1, Trail: 1, Body: []byte("a")}))
	f.Add(header(1).AppendSPM(nil, packet.SPM{NLA: sourceAddr}))
	f.Add(packet.Header{SourcePort: groupPort, DestPort: 4242, GSI: packet.GSI{1, 2, 3, 4, 5, 6}}.AppendNAK(nil, packet.TypeNAK, packet.NAK{Sqns: []uint32{1}, Source: sourceAddr, Group: groupAddr}))
	f.Fuzz(func(t *testing.T, p []byte) {
		h := newHearer(t)
		s := NewSender(senderConfig(), start)
		h.data(1, 5, 5, "a")
		s.Handle(start, bytes.Clone(p))
		h.hear(bytes.Clone(p))
		h.asks(10 * time.Millisecond)
		drain(s, start, nothing)
		h.audit()
	})
}
