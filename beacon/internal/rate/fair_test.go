package rate

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

// A source that sends few is heard each time, whatever the others send: one of them, or as
// many as the kept part has room for; and what is heard in all stays within the rate.
func TestFairHearsWhoSendsFew(t *testing.T) {
	const rate, seconds, flood = 1000, 3, 5_000 // datagrams a second of each flooder
	for _, flooders := range []int{1, 10} {
		start, f := time.Unix(1000, 0), New(rate)
		honest, heard, floods := netip.MustParseAddr("10.0.0.1"), 0, 0
		for i := range seconds * flood {
			now := start.Add(time.Duration(i) * time.Second / flood)
			for n := range flooders {
				switch f.Hear(netip.AddrFrom4([4]byte{10, 1, 0, byte(n)}), now) {
				case Heard:
					heard++
				case Flood:
					floods++
				}
			}
			if i%(flood/10) == 0 && f.Hear(honest, now) != Heard {
				t.Fatalf("beside %d flooders the honest source is not heard at %v", flooders, now.Sub(start))
			}
		}
		if most := rate * (seconds + 1); heard > most {
			t.Errorf("%d of %d flooders are heard, want at most %d", heard, flooders, most)
		}
		if least := seconds * flooders * (flood - 3*rate) / 2; floods < least {
			t.Errorf("%d of %d flooders count as a flood, want %d", floods, flooders, least)
		}
	}
}

// Two that send much share what there is: neither is heard less than a fifth of the rate.
// Alone one is heard three quarters of it.
func TestFairSharesTheRest(t *testing.T) {
	const rate, seconds = 1000, 5
	start := time.Unix(1000, 0)
	heard := func(every map[netip.Addr]time.Duration) map[netip.Addr]int {
		f, got := New(rate), map[netip.Addr]int{}
		for at := time.Duration(0); at < seconds*time.Second; at += 200 * time.Microsecond {
			for from, each := range every {
				if at%each == 0 && f.Hear(from, start.Add(at)) == Heard {
					got[from]++
				}
			}
		}
		return got
	}
	loud, busy := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fe80::2")
	both := heard(map[netip.Addr]time.Duration{loud: 200 * time.Microsecond, busy: 5 * time.Millisecond})
	if both[busy] < seconds*rate/6 {
		t.Errorf("beside one that sends 5,000 a second, one that sends 200 is heard %d times in %d s", both[busy], seconds)
	}
	if alone := heard(map[netip.Addr]time.Duration{loud: 200 * time.Microsecond}); alone[loud] < seconds*rate*3/4 {
		t.Errorf("alone it is heard %d times in %d s", alone[loud], seconds)
	}
}

// Sources that are made up, each another one, take bounded memory, and what is heard of
// them all stays within the rate. One that is known from before goes on.
func TestFairIsBounded(t *testing.T) {
	start, f, heard := time.Unix(1000, 0), New(1000), 0
	for i := range 25_000 { // 5,000 a second
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(i)+11<<24)
		switch f.Hear(netip.AddrFrom4(b), start.Add(time.Duration(i)*200*time.Microsecond)) {
		case Heard:
			heard++
		case Flood:
			t.Fatal("nobody floods, who has sent once")
		}
	}
	if n := len(f.young) + len(f.old); n > 2*maxSources {
		t.Errorf("%d sources are remembered", n)
	}
	if heard > 6*1000 {
		t.Errorf("%d are heard in 5 s, at 1,000 a second", heard)
	}
	if free := New(0); free.Hear(netip.Addr{}, start) != Heard {
		t.Error("a rate of 0 limits")
	}
}
