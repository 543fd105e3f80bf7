package lan

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"golang.org/x/net/bpf"

	"github.com/go-zactor/zactor/internal/ztest"
)

// A muted source is refused before the socket's queue, and no other is; when its time is over
// it is heard again. So is what is not wanted.
func TestGate(t *testing.T) {
	for _, six := range []bool{false, true} {
		l, err := ListenOne(0, six)
		if err != nil {
			t.Logf("IPv6 %v: %v", six, err)
			continue
		}
		defer l.Conn.Close()
		notX := []bpf.Instruction{ // the first byte of what is said must not be x
			bpf.LoadAbsolute{Off: 8, Size: 1},
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 'x', SkipTrue: 1},
			bpf.RetConstant{},
		}
		g := NewGate(l, notX)
		loud, other := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
		if six {
			loud, other = netip.MustParseAddr("::1"), netip.Addr{}
		}
		now := time.Unix(1000, 0)
		say := func(from netip.Addr, what string) {
			t.Helper()
			d := net.Dialer{LocalAddr: net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0))}
			to := netip.AddrPortFrom(loud, l.Conn.LocalAddr().(*net.UDPAddr).AddrPort().Port())
			c, err := d.DialContext(context.Background(), "udp", to.String())
			if err != nil {
				t.Skipf("%v: %v", from, err)
			}
			defer c.Close()
			if _, err := c.Write([]byte(what)); err != nil {
				t.Fatal(err)
			}
		}
		next := func(want string) {
			t.Helper()
			b := l.NewBatch(1, 10)
			_ = l.Conn.SetReadDeadline(time.Now().Add(ztest.Patience))
			_, err := b.Read()
			if err != nil || string(b.At(0).Data) != want {
				t.Fatalf("IPv6 %v: %q is heard, %v; want %q", six, b.At(0).Data, err, want)
			}
		}
		say(loud, "a")
		next("a")
		if !g.Mute(loud, now) {
			if runtime.GOOS == "linux" {
				t.Fatal("the system has taken no filter")
			}
			t.Skip("the system has no filters")
		}
		say(loud, "b")
		if other.IsValid() {
			say(other, "x")
			say(other, "c")
			next("c")
		}
		if end := now.Add(muteFor); !g.Until().Equal(end) {
			t.Errorf("it is refused until %v, want %v", g.Until(), end)
		}
		g.Expire(now.Add(muteFor - 1))
		say(loud, "d")
		g.Expire(now.Add(muteFor))
		say(loud, "x")
		say(loud, "e")
		next("e")
		if !g.Until().IsZero() || g.Mute(netip.MustParseAddr("2001:db8::1"), now) != six {
			t.Error("a source of the other family is refused")
		}
	}
}

// A gate that is full refuses no more, and none of those that it has less.
func TestGateIsBounded(t *testing.T) {
	var lengths []int
	for _, six := range []bool{false, true} {
		g := &Gate{six: six, muted: map[netip.Addr]time.Time{}, set: func(p []bpf.RawInstruction) error {
			lengths = append(lengths, len(p))
			return nil
		}}
		for i := range 2 * maxMuted {
			from := netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
			if six {
				from = netip.AddrFrom16([16]byte{15: byte(i)}) // in ::/96: not a mapped one
			}
			if muted := g.Mute(from, time.Unix(0, 0)); muted != (i < maxMuted) {
				t.Fatalf("source %d is refused: %v", i, muted)
			}
		}
	}
	for _, n := range lengths {
		if n > 4096 {
			t.Errorf("a filter of %d instructions: Linux takes 4096", n)
		}
	}
}
