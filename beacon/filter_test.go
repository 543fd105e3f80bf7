package beacon

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

var ownSource = netip.MustParseAddrPort("192.0.2.5:41000")

func viewOf(t *testing.T, opts ...Option) *view {
	t.Helper()
	c, err := newConfig(opts)
	if err != nil {
		t.Fatal(err)
	}
	v := lan.NewView(c.choice, machine, c.choice.Targets(machine, c.casts))
	v.own[ownSource] = struct{}{}
	return v
}

// Every datagram has one fate, and the order of the reasons is fixed: what is
// not for us does not use up the rate limit.
func TestWeigh(t *testing.T) {
	mine, prefix := []byte("NODE/me"), []byte("NODE/")
	good := datagram{data: []byte("NODE/x"), index: 2, from: netip.MustParseAddrPort("192.0.2.77:5670")}
	with := func(change func(*datagram)) datagram {
		d := good
		change(&d)
		return d
	}
	base := judge{
		maxSize: 10, echo: BySource, view: viewOf(t), published: &mine, prefix: &prefix, limit: lan.NewLimiter(0),
	}
	full := base
	full.limit = lan.NewLimiter(1)
	full.limit.Allow(time.Time{})
	for _, test := range []struct {
		name string
		judge
		datagram
		want reason
	}{
		{"good", base, good, accepted},
		{"exactly the limit", base, with(func(d *datagram) { d.data = []byte("NODE/12345") }), accepted},
		{"one byte too long", base, with(func(d *datagram) { d.data = []byte("NODE/123456") }), oversize},
		{"no source", base, with(func(d *datagram) { d.from = netip.AddrPort{} }), badSource},
		{"unspecified source", base, with(func(d *datagram) { d.from = netip.MustParseAddrPort("0.0.0.0:1") }), badSource},
		{"multicast source", base, with(func(d *datagram) { d.from = netip.MustParseAddrPort("239.0.0.1:1") }), badSource},
		{"interface not in use", base, with(func(d *datagram) { d.index = 4 }), otherInterface},
		{"own source", base, with(func(d *datagram) { d.from = ownSource }), echo},
		{"own source, other port", base, with(func(d *datagram) { d.from = netip.MustParseAddrPort("192.0.2.5:41001") }), accepted},
		{"own content by source", base, with(func(d *datagram) { d.data = mine }), accepted},
		{"own content by content", judge{10, ByContent, base.view, &mine, &prefix, base.limit}, with(func(d *datagram) { d.data = mine }), echo},
		{"own content while silent", judge{10, ByContent, base.view, nil, &prefix, base.limit}, with(func(d *datagram) { d.data = mine }), accepted},
		{"own source by content", judge{10, ByContent, base.view, &mine, &prefix, base.limit}, with(func(d *datagram) { d.from = ownSource }), accepted},
		{"both rules", judge{10, BySource | ByContent, base.view, &mine, &prefix, base.limit}, with(func(d *datagram) { d.from = ownSource }), echo},
		{"no rule", judge{10, EchoOff, base.view, &mine, &prefix, base.limit}, with(func(d *datagram) { d.from, d.data = ownSource, mine }), accepted},
		{"another prefix", base, with(func(d *datagram) { d.data = []byte("NOD") }), filtered},
		{"not subscribed", judge{10, BySource, base.view, nil, nil, base.limit}, good, filtered},
		{"too many", full, good, rateLimited},
		{"too many, but filtered first", full, with(func(d *datagram) { d.data = []byte("x") }), filtered},
		{"own, but oversize first", base, with(func(d *datagram) { d.from, d.data = ownSource, make([]byte, 11) }), oversize},
	} {
		t.Run(test.name, func(t *testing.T) {
			name, got := test.weigh(test.datagram)
			if got != test.want {
				t.Errorf("reason %d, want %d", got, test.want)
			}
			if (name == "eth0") != (got == accepted) {
				t.Errorf("interface %q", name)
			}
		})
	}
}

func TestArrival(t *testing.T) {
	wide, lo := viewOf(t), viewOf(t, WithLoopback())
	six := viewOf(t, WithMulticast("ff02::1", 1))
	for _, test := range []struct {
		name  string
		view  *view
		index int
		from  string
		want  string
	}{
		{"index in use", wide, 5, "10.1.9.9", "wlan0"},
		{"index in use, foreign network", wide, 5, "8.8.8.8", "wlan0"},
		{"index not in use", wide, 3, "203.0.113.9", ""},
		{"index unknown to the view", wide, 99, "10.1.9.9", ""},
		{"no index, a network in use", wide, 0, "10.1.9.9", "wlan0"},
		{"no index, no network", wide, 0, "8.8.8.8", ""},
		{"own address through the loopback", wide, 1, "192.0.2.5", "eth0"},
		{"loopback address, not asked for", wide, 1, "127.0.0.1", ""},
		{"loopback asked for", lo, 1, "127.0.0.7", "lo"},
		{"no index on the loopback", lo, 0, "127.0.0.7", "lo"},
		{"outside while on the loopback", lo, 2, "192.0.2.9", ""},
		{"zone", six, 0, "fe80::77%wlan0", "wlan0"},
		{"another zone", six, 0, "fe80::77%tun0", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := test.view.Arrival(test.index, netip.MustParseAddr(test.from))
			if got != test.want || ok != (test.want != "") {
				t.Errorf("arrival is %q, %v; want %q", got, ok, test.want)
			}
		})
	}
}

func TestLimiter(t *testing.T) {
	start := time.Unix(1000, 0)
	l := lan.NewLimiter(10)
	count := func(at time.Duration, tries int) (n int) {
		for range tries {
			if l.Allow(start.Add(at)) {
				n++
			}
		}
		return n
	}
	for _, test := range []struct {
		at          time.Duration
		tries, want int
	}{
		{0, 1000, 10},                      // a second's worth at once
		{0, 1000, 0},                       // and nothing more
		{99 * time.Millisecond, 5, 0},      // not yet a whole token
		{100 * time.Millisecond, 5, 1},     // ten a second
		{600 * time.Millisecond, 100, 5},   // ten a second
		{-time.Hour, 5, 0},                 // a clock that goes back gives nothing
		{time.Hour, 1000, 10},              // and a long pause no more than a second's worth
		{time.Hour + time.Second/2, 3, 3},  // fewer than there are
		{time.Hour + time.Second/2, 10, 2}, // the rest
	} {
		if got := count(test.at, test.tries); got != test.want {
			t.Errorf("%d tries after %v: %d allowed, want %d", test.tries, test.at, got, test.want)
		}
	}
	free := lan.NewLimiter(0)
	for range 100_000 {
		if !free.Allow(start) {
			t.Fatal("a limit of 0 limits")
		}
	}
}

// Those who were heard before the storm are heard in it, at their own small rate, and
// nobody who came with it.
func TestRegularsOutlastAStorm(t *testing.T) {
	start := time.Unix(1000, 0)
	l := lan.NewLimiter(100)
	peer, liar := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	heard := func(from netip.Addr, at time.Duration) bool { return l.Admit(from, start.Add(at)) }
	for s := range 20 { // longer than two generations
		if !heard(peer, time.Duration(s)*time.Second) {
			t.Fatal("not heard in calm times")
		}
	}
	const storm = 30 * time.Second
	var random uint32
	accepted, lies, honest := 0, 0, 0
	for i := range 300_000 { // ten thousand a second, each from another address
		at := 20*time.Second + time.Duration(i)*storm/300_000
		random = random*1664525 + 1013904223
		if heard(netip.AddrFrom4([4]byte{11, byte(random >> 24), byte(random >> 16), byte(random >> 8)}), at) {
			accepted++
		}
		if i > 10_000 && i%10 == 0 && heard(liar, at) { // not among the first, who came in what looked like calm
			lies++
		}
		if i%10_000 == 0 && heard(peer, at) {
			honest++
		}
	}
	if honest != 30 {
		t.Errorf("the peer was heard %d of 30 times", honest)
	}
	if accepted+lies > 100*31 {
		t.Errorf("%d of the storm were accepted, the limit is 100 a second", accepted+lies)
	}
	greedy := 0
	for range 1000 {
		if heard(peer, 50*time.Second) {
			greedy++
		}
	}
	if greedy > regularRate+100 {
		t.Errorf("a regular was heard %d times at once", greedy)
	}
	if n := len(l.regulars.young) + len(l.regulars.old); n > 2*maxRegulars {
		t.Errorf("%d senders are remembered", n)
	}
}

func BenchmarkWeigh(b *testing.B) {
	c, err := newConfig(nil)
	if err != nil {
		b.Fatal(err)
	}
	prefix := []byte("ZRE")
	j := judge{
		maxSize: 255, echo: BySource, prefix: &prefix, limit: lan.NewLimiter(0),
		view: lan.NewView(c.choice, machine, c.choice.Targets(machine, c.casts)),
	}
	d := datagram{
		data: ZRE{Version: ZRE1, UUID: exampleUUID, Port: 1}.Append(nil), index: 2,
		from: netip.MustParseAddrPort("192.0.2.77:5670"), time: time.Now(),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, why := j.weigh(d); why != accepted {
			b.Fatal(why)
		}
	}
}
