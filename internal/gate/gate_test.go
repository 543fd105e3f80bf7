package gate

import (
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/bpf"

	"github.com/go-zactor/zactor/internal/ztest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hearer is a socket that hears everything that is sent to its port on this host.
type hearer struct {
	*net.UDPConn
	t    *testing.T
	home netip.Addr // where it is sent to
	buf  [100]byte
}

// families are the networks that a socket may be of: the last hears both families.
var families = []string{"udp4", "udp6", "udp"}

func listen(t *testing.T, network string) *hearer {
	t.Helper()
	c, err := net.ListenUDP(network, nil)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetReadDeadline(time.Now().Add(ztest.Patience))
	h := &hearer{UDPConn: c, t: t, home: netip.MustParseAddr("127.0.0.1")}
	if network == "udp6" {
		h.home = netip.MustParseAddr("::1")
	}
	return h
}

// hear is what is said next.
func (h *hearer) hear() string {
	h.t.Helper()
	n, _, err := h.ReadFromUDPAddrPort(h.buf[:])
	if err != nil {
		h.t.Fatal(err)
	}
	return string(h.buf[:n])
}

func (h *hearer) next(want string) {
	h.t.Helper()
	if got := h.hear(); got != want {
		h.t.Fatalf("%q is heard, want %q", got, want)
	}
}

// needsFilters is for what only filters can do.
func (h *hearer) needsFilters(set bool) {
	h.t.Helper()
	if !set && runtime.GOOS == "linux" {
		h.t.Fatal("the system has taken no filter")
	} else if !set {
		h.t.Skip("the system has no filters")
	}
}

// speaker sends from an address, and a port of its own.
type speaker struct {
	*net.UDPConn
	t  *testing.T
	at netip.AddrPort
}

func (h *hearer) from(addr netip.Addr) *speaker {
	h.t.Helper()
	to := netip.AddrPortFrom(h.home, h.LocalAddr().(*net.UDPAddr).AddrPort().Port())
	c, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)), net.UDPAddrFromAddrPort(to))
	if err != nil {
		h.t.Skipf("%v: %v", addr, err)
	}
	h.t.Cleanup(func() { c.Close() })
	return &speaker{c, h.t, c.LocalAddr().(*net.UDPAddr).AddrPort()}
}

func (s *speaker) say(what string) {
	s.t.Helper()
	if _, err := s.Write([]byte(what)); err != nil {
		s.t.Fatal(err)
	}
}

// A muted source is refused before the socket's queue, and no other is; when its time is over
// it is heard again. So is what is not wanted.
func TestGate(t *testing.T) {
	for _, network := range families {
		t.Run(network, func(t *testing.T) {
			h := listen(t, network)
			g := New(h, []bpf.Instruction{ // the first byte of what is said must not be x
				bpf.LoadAbsolute{Off: 8, Size: 1},
				bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 'x', SkipTrue: 1},
				bpf.RetConstant{},
			})
			loud, now := h.from(h.home), time.Unix(1000, 0)
			end := now.Add(time.Second)
			loud.say("a")
			h.next("a")
			h.needsFilters(g.Mute(h.home, end))
			loud.say("b")
			if h.home.Is4() {
				other := h.from(netip.MustParseAddr("127.0.0.2"))
				other.say("x")
				other.say("c")
				h.next("c")
			}
			if !g.Until().Equal(end) {
				t.Errorf("it is refused until %v, want %v", g.Until(), end)
			}
			g.Expire(end.Add(-1))
			loud.say("d")
			g.Expire(end)
			loud.say("x")
			loud.say("e")
			h.next("e")
			if !g.Until().IsZero() {
				t.Error("one is still refused")
			}
		})
	}
}

// Of a source that is thinned a part comes in, and all of the other ports of its address; and
// of an address a part, where it is the whole that is thinned.
func TestGateThins(t *testing.T) {
	for _, network := range families {
		t.Run(network, func(t *testing.T) {
			h := listen(t, network)
			g, loud, calm := New(h, nil), h.from(h.home), h.from(h.home)
			const many = 200 // of which a half is not all, and not none
			heard := func() (n int) {
				for range many {
					loud.say("m")
					calm.say("end")
					for ; h.hear() == "m"; n++ {
					}
				}
				return n
			}
			h.needsFilters(g.Thin(loud.at, 0.5))
			if n := heard(); n == 0 || n == many {
				t.Errorf("%d of %d are heard, of whom a half is to be", n, many)
			}
			if !g.Thin(loud.at, 1) {
				t.Error("it is still thinned")
			} else if n := heard(); n != many {
				t.Errorf("%d of %d are heard of whom all is to be", n, many)
			}
			if !h.home.Is4() {
				return
			}
			calm = h.from(netip.MustParseAddr("127.0.0.2"))
			if !g.Thin(netip.AddrPortFrom(h.home, 0), 0.5) {
				t.Error("an address is not thinned")
			}
			if n := heard(); n == 0 || n == many {
				t.Errorf("%d of %d are heard of an address of which a half is to be", n, many)
			}
		})
	}
}

// A gate that is full refuses no more, and none of those that it has less.
func TestGateIsBounded(t *testing.T) {
	var lengths []int
	for _, six := range []bool{false, true} {
		g := &Gate{refused: map[netip.AddrPort]refusal{}, set: func(p []bpf.RawInstruction) error {
			lengths = append(lengths, len(p))
			return nil
		}}
		for i := range 2 * maxSources {
			from := netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
			if six {
				from = netip.AddrFrom16([16]byte{15: byte(i)}) // in ::/96: not a mapped one
			}
			if thinned := g.Thin(netip.AddrPortFrom(from, 1), 0.5); thinned != (i < maxSources) {
				t.Fatalf("source %d is refused: %v", i, thinned)
			}
		}
	}
	for _, n := range lengths {
		if n > 4096 {
			t.Errorf("a filter of %d instructions: Linux takes 4096", n)
		}
	}
}
