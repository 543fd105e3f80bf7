package gate

import (
	"errors"
	"net/netip"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/bpf"

	"github.com/go-zactor/zactor/internal/ztest"
)

func at(last byte, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, last}), port)
}

// Who has more than a share: addresses come first, and the ports of one share what it has.
func TestExcess(t *testing.T) {
	many := map[netip.AddrPort]int{at(2, 1): 10}
	for port := range uint16(100) {
		many[at(1, port+1)] = 20
	}
	made := map[netip.AddrPort]int{at(250, 1): 30}
	for i := range byte(200) {
		made[at(i, 1)] = 5
	}
	for name, tt := range map[string]struct {
		sent map[netip.AddrPort]int
		want netip.AddrPort
	}{
		"one alone":                {map[netip.AddrPort]int{at(1, 1): 10_000}, netip.AddrPort{}},
		"too few to tell":          {map[netip.AddrPort]int{at(1, 1): 200, at(2, 1): 1}, netip.AddrPort{}},
		"two equal ones":           {map[netip.AddrPort]int{at(1, 1): 1000, at(2, 1): 1000}, netip.AddrPort{}},
		"two ports alike":          {map[netip.AddrPort]int{at(1, 1): 1000, at(1, 2): 700}, netip.AddrPort{}},
		"an address of one port":   {map[netip.AddrPort]int{at(1, 1): 1000, at(2, 1): 10}, at(1, 1)},
		"a port of one address":    {map[netip.AddrPort]int{at(1, 1): 1000, at(1, 2): 10}, at(1, 1)},
		"a port, beside another's": {map[netip.AddrPort]int{at(1, 1): 1000, at(1, 2): 10, at(2, 1): 10}, at(1, 1)},
		"many ports":               {many, at(1, 0)},
		"made-up addresses":        {made, netip.AddrPort{}},
	} {
		var s shares
		for from, n := range tt.sent {
			for range n {
				s.count(from)
			}
		}
		if got, ok := s.excess(); ok != tt.want.IsValid() || ok && got != tt.want {
			t.Errorf("%s: %v, %v; want %v", name, got, ok, tt.want)
		}
	}
}

// What is remembered of sources that are made up is bounded, and one that has fallen silent
// is forgotten.
func TestSharesAreBounded(t *testing.T) {
	var s shares
	now := time.Unix(1000, 0)
	for round := range 3 {
		s.turn(now.Add(time.Duration(round) * window))
		for i := range 3 * maxTallies {
			s.count(at(byte(i), uint16(1+i)))
		}
		if len(s.young) > maxTallies || len(s.old) > maxTallies {
			t.Fatalf("%d and %d sources are remembered", len(s.young), len(s.old))
		}
	}
	s.turn(now.Add(3 * window))
	s.count(at(1, 1))
	if s.alone() {
		t.Error("the others of the window before count as gone")
	}
	s.turn(now.Add(5 * window))
	if s.count(at(1, 1)); !s.alone() {
		t.Error("who was silent for two windows is still there")
	}
}

// queue is a system of which a test says how full its queue is. It has filters, or not.
type queue struct {
	*Guard
	fill    float64
	lost    uint32
	filter  []bpf.RawInstruction
	reports [2]uint64 // refused and lost
}

func newQueue(filters bool) *queue {
	q := &queue{}
	q.Guard = &Guard{
		gate: &Gate{refused: map[netip.AddrPort]refusal{}, set: func(p []bpf.RawInstruction) error {
			if q.filter = p; !filters {
				return errors.New("none")
			}
			return nil
		}},
		deadline: func(time.Time) error { return nil },
		look:     func() (float64, uint32, bool) { return q.fill, q.lost, true },
		report: func(_ netip.AddrPort, refused, lost uint64) {
			q.reports[0] += refused
			q.reports[1] += lost
		},
		thinned: map[netip.AddrPort]float64{},
	}
	return q
}

// hears has a source send, and says how many came in.
func (q *queue) hears(from netip.AddrPort, n int) (in int) {
	for range n {
		if q.Hear(from) {
			in++
		}
	}
	return in
}

// While there is no room for all, one who sends more than a share is let in by less and less,
// to a bound; then by more and more, until it is heard as before.
func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, loud, calm := newQueue(true), at(1, 1), at(2, 1)
		round := func() {
			time.Sleep(settle)
			q.hears(loud, 10*checkEvery)
			q.hears(calm, 1)
		}
		q.hears(calm, 1)
		for range 10 {
			round()
		}
		if len(q.thinned) > 0 {
			t.Fatal("something is refused though there is room")
		}
		q.fill, q.lost = 0.9, 7
		for range 20 {
			round()
		}
		if part := q.thinned[loud]; part != leastPart || len(q.thinned) != 1 || q.filter == nil {
			t.Fatalf("%v are thinned; want %v to %v", q.thinned, loud, leastPart)
		}
		if q.reports != [2]uint64{0, 7} {
			t.Errorf("refused and lost: %v", q.reports)
		}
		q.fill, q.lost = crowdedStill*0.9, 1000
		for rounds := 0; len(q.thinned) > 0; rounds++ {
			if rounds > 100 {
				t.Fatalf("%v are still thinned", q.thinned)
			}
			time.Sleep(easeEvery)
			q.Expired()
			q.hears(calm, 1)
			q.hears(loud, 1)
		}
		if q.reports != [2]uint64{993, 7} {
			t.Errorf("refused and lost: %v, want 993 and 7", q.reports)
		}
	})
}

// One who is alone has all of the queue, also when another one was there before.
func TestGuardOfOneAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, loud := newQueue(true), at(1, 1)
		q.fill = 1
		for range 100 {
			time.Sleep(settle)
			if n := q.hears(loud, 10*checkEvery); n != 10*checkEvery {
				t.Fatalf("%d are heard of one alone", n)
			}
		}
		q.hears(at(2, 1), 1)
		for range 10 {
			time.Sleep(settle)
			q.hears(loud, checkEvery)
		}
		if len(q.thinned) == 0 {
			t.Fatal("nobody is thinned")
		}
		q.fill = 0
		time.Sleep(2 * window)
		q.Expired()
		q.Expired()
		time.Sleep(easeEvery)
		if q.Expired(); len(q.thinned) > 0 {
			t.Error("one alone is thinned")
		}
	})
}

// Where the system has no filters the reader refuses, by the same parts; and where it does not
// say how full its queue is, the reader's own queue does.
func TestGuardWithoutFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, loud, calm := newQueue(false), at(1, 1), at(2, 1)
		q.look = func() (float64, uint32, bool) { return 0, 0, false }
		const most = 1000
		for range 20 {
			time.Sleep(settle)
			q.hears(calm, 1)
			q.Room(most/8, most)
			q.Waits()
			q.hears(loud, 5*checkEvery)
		}
		if q.thinned[loud] != leastPart {
			t.Fatalf("%v are thinned", q.thinned)
		}
		const many = 100 * checkEvery
		if n := q.hears(loud, many); n == 0 || n > many/4 {
			t.Errorf("%d of %d are heard, of whom %v are to be", n, many, leastPart)
		}
		if n := q.hears(calm, 10); n != 10 {
			t.Errorf("%d of 10 are heard of the other", n)
		}
		if q.hears(loud, checkEvery); q.reports[0] == 0 || q.reports[1] != 0 {
			t.Errorf("refused and lost: %v", q.reports)
		}
		for _, tt := range []struct {
			from  netip.AddrPort
			room  int
			yield bool
		}{{loud, most / 8, true}, {calm, most / 8, false}, {loud, most/8 + 1, false}} {
			q.shares.last = tt.from
			if got := q.Room(tt.room, most); got != tt.yield {
				t.Errorf("with room for %d %v gives way: %v", tt.room, tt.from, got)
			}
		}
	})
}

// On a real socket: the queue is full of what one source sends. It is found out, and refused
// before the queue, and what another one of the same address sends comes.
func TestGuardOfASocket(t *testing.T) {
	h := listen(t, "udp4")
	var refused, lost uint64
	g := NewGuard(h, func(_ netip.AddrPort, r, l uint64) { refused, lost = refused+r, lost+l })
	if _, _, ok := g.look(); !ok {
		if runtime.GOOS == "linux" {
			t.Fatal("the system does not say how full the queue is")
		}
		t.Skip("this system does not say how full the queue is")
	}
	loud, calm := h.from(h.home), h.from(h.home)
	patience := time.Now().Add(ztest.Patience)
	read := func() string {
		_ = h.SetReadDeadline(patience)
		n, from, err := h.ReadFromUDPAddrPort(h.buf[:])
		if err != nil {
			t.Fatal(err)
		}
		g.Hear(from)
		return string(h.buf[:n])
	}
	calm.say("here")
	for read() != "here" {
	}
	for range 2000 { // more than the queue takes
		loud.say("m")
	}
	for len(g.thinned) == 0 {
		for range 10 {
			read()
		}
		calm.say("here") // now there is a place for it
		for range 20 {
			loud.say("m")
		}
	}
	if len(g.thinned) != 1 || g.thinned[loud.at] != cut {
		t.Errorf("%v are thinned, want %v", g.thinned, loud.at)
	}
	if lost == 0 {
		t.Error("what the full queue has lost is not counted")
	}
	for read() != "empty" {
		calm.say("empty") // which is lost while there is no room
	}
	const many = 100
	for range many {
		loud.say("m")
		calm.say("end")
		for read() != "end" {
		}
	}
	g.check(time.Now())
	if refused == 0 {
		t.Error("what was refused is not counted")
	}
}
