package beacon

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

var ownSource = netip.MustParseAddrPort("192.0.2.5:41000")

func viewOf(t *testing.T, opts ...Option) *lan.View {
	t.Helper()
	c, err := newConfig(opts)
	if err != nil {
		t.Fatal(err)
	}
	v := lan.NewView(c.choice, machine, c.choice.Targets(machine, c.casts))
	v.Own[ownSource] = struct{}{}
	return v
}

// Every datagram has one fate, and the order of the reasons is fixed: what is
// not for us does not use up the rate limit.
func TestFilter(t *testing.T) {
	mine, prefix := []byte("NODE/me"), []byte("NODE/")
	good := datagram{data: []byte("NODE/x"), index: 2, from: netip.MustParseAddrPort("192.0.2.77:5670")}
	with := func(change func(*datagram)) datagram {
		d := good
		change(&d)
		return d
	}
	base := filter{
		maxSize: 10, echo: BySource, view: viewOf(t), published: &mine, prefix: &prefix, limit: lan.NewLimiter(0),
	}
	full := base
	full.limit = lan.NewLimiter(1)
	for full.limit.Admit(good.from.Addr(), time.Time{}) { // until it has its share
	}
	for _, test := range []struct {
		name string
		filter
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
		{"own content by content", filter{10, ByContent, base.view, &mine, &prefix, base.limit}, with(func(d *datagram) { d.data = mine }), echo},
		{"own content while silent", filter{10, ByContent, base.view, nil, &prefix, base.limit}, with(func(d *datagram) { d.data = mine }), accepted},
		{"own source by content", filter{10, ByContent, base.view, &mine, &prefix, base.limit}, with(func(d *datagram) { d.from = ownSource }), accepted},
		{"both rules", filter{10, BySource | ByContent, base.view, &mine, &prefix, base.limit}, with(func(d *datagram) { d.from = ownSource }), echo},
		{"no rule", filter{10, EchoOff, base.view, &mine, &prefix, base.limit}, with(func(d *datagram) { d.from, d.data = ownSource, mine }), accepted},
		{"another prefix", base, with(func(d *datagram) { d.data = []byte("NOD") }), filtered},
		{"not subscribed", filter{10, BySource, base.view, nil, nil, base.limit}, good, filtered},
		{"too many", full, good, rateLimited},
		{"too many, but filtered first", full, with(func(d *datagram) { d.data = []byte("x") }), filtered},
		{"own, but oversize first", base, with(func(d *datagram) { d.from, d.data = ownSource, make([]byte, 11) }), oversize},
	} {
		t.Run(test.name, func(t *testing.T) {
			name, got := test.check(test.datagram)
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
	wide, lo := viewOf(t), viewOf(t, WithLoopback(true))
	six := viewOf(t, WithMulticast("ff02::1", 1))
	for _, test := range []struct {
		name  string
		view  *lan.View
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

func BenchmarkFilter(b *testing.B) {
	c, err := newConfig(nil)
	if err != nil {
		b.Fatal(err)
	}
	prefix := []byte("ZRE")
	j := filter{
		maxSize: 255, echo: BySource, prefix: &prefix, limit: lan.NewLimiter(0),
		view: lan.NewView(c.choice, machine, c.choice.Targets(machine, c.casts)),
	}
	d := datagram{
		data: ZRE{Version: ZRE1, UUID: exampleUUID, Port: 1}.Append(nil), index: 2,
		from: netip.MustParseAddrPort("192.0.2.77:5670"), time: time.Now(),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, why := j.check(d); why != accepted {
			b.Fatal(why)
		}
	}
}
