package beacon

import (
	"errors"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

const (
	wired = net.FlagUp | net.FlagBroadcast | net.FlagMulticast
	loop  = net.FlagUp | net.FlagLoopback
	tun   = net.FlagUp | net.FlagPointToPoint | net.FlagMulticast
)

func card(index int, name string, flags net.Flags, prefixes ...string) lan.NIC {
	n := lan.NIC{Interface: net.Interface{Index: index, Name: name, Flags: flags}}
	for _, p := range prefixes {
		n.Prefixes = append(n.Prefixes, netip.MustParsePrefix(p))
	}
	return n
}

// machine has one interface of every kind.
var machine = []lan.NIC{
	card(1, "lo", loop, "127.0.0.1/8", "::1/128", "10.9.9.9/32"),
	card(2, "eth0", wired, "192.0.2.5/24", "192.0.2.6/24", "198.51.100.9/26", "fd00::5/64", "fe80::5/64"),
	card(3, "eth1", wired&^net.FlagUp, "203.0.113.1/24"),
	card(4, "tun0", tun, "10.8.0.2/24", "fe80::8/64"),
	card(5, "wlan0", wired, "10.1.2.3/16", "fe80::a/64"),
	card(6, "cloud0", wired, "10.128.0.7/32"),
	card(7, "bare0", wired),
	card(8, "nomcast0", net.FlagUp|net.FlagBroadcast, "10.5.0.1/8"),
	card(9, "slash31", wired, "10.6.0.0/31"),
}

// brief writes targets as "nic source>dest".
func brief(list []lan.Target) []string {
	var lines []string
	for _, t := range list {
		lines = append(lines, t.NIC+" "+t.Source.String()+">"+t.Dest.String())
	}
	return lines
}

func TestTargets(t *testing.T) {
	broadcasts := []string{
		"eth0 192.0.2.5>192.0.2.255", "eth0 198.51.100.9>198.51.100.63",
		"wlan0 10.1.2.3>10.1.255.255", "nomcast0 10.5.0.1>10.255.255.255",
	}
	for _, test := range []struct {
		name string
		opts []Option
		want []string
	}{
		{"default", nil, broadcasts},
		{"by name", []Option{WithInterface("wlan0")}, broadcasts[2:3]},
		{"by address", []Option{WithInterface("192.0.2.6")}, []string{"eth0 192.0.2.6>192.0.2.255"}},
		{"by prefix", []Option{WithInterface("10.0.0.0/8")}, []string{broadcasts[2], broadcasts[3]}},
		{"by prefix with host bits", []Option{WithInterface("198.51.100.77/24")}, broadcasts[1:2]},
		{"several", []Option{WithInterface("wlan0", "198.51.100.0/24")}, []string{broadcasts[1], broadcasts[2]}},
		{"absent", []Option{WithInterface("eth9")}, nil},
		{"down", []Option{WithInterface("eth1")}, nil},
		{"no broadcast on a tunnel", []Option{WithInterface("tun0")}, nil},
		{"one address", []Option{WithInterface("cloud0", "slash31", "bare0")}, nil},
		{"loopback", []Option{WithLoopback(true)}, []string{"lo 127.0.0.1>127.255.255.255"}},
		{"loopback by name", []Option{WithInterface("lo")}, []string{"lo 127.0.0.1>127.255.255.255"}},
		{"loopback as another", []Option{WithLoopbackAddr(netip.MustParseAddr("127.0.0.9"))}, []string{"lo 127.0.0.9>127.255.255.255"}},
		{"loopback and one more", []Option{WithLoopback(true), WithInterface("wlan0")}, []string{"lo 127.0.0.1>127.255.255.255", broadcasts[2]}},
		{"filter", []Option{WithInterfaces(func(i net.Interface) bool { return i.Name != "eth0" })}, broadcasts[2:]},
		{"multicast", []Option{WithMulticast("239.0.0.1", 1)}, []string{
			"eth0 192.0.2.5>239.0.0.1", "wlan0 10.1.2.3>239.0.0.1", "cloud0 10.128.0.7>239.0.0.1", "slash31 10.6.0.0>239.0.0.1",
		}},
		{"multicast on a tunnel", []Option{WithInterface("tun0"), WithMulticast("239.0.0.1", 1)}, []string{"tun0 10.8.0.2>239.0.0.1"}},
		{"multicast on the loopback", []Option{WithLoopback(true), WithMulticast("239.0.0.1", 0)}, []string{"lo 127.0.0.1>239.0.0.1"}},
		{"link-local group", []Option{WithMulticast("ff02::1", 1)}, []string{"eth0 fe80::5>ff02::1", "wlan0 fe80::a>ff02::1"}},
		{"site group", []Option{WithMulticast("ff05::7", 3)}, []string{"eth0 fd00::5>ff05::7", "wlan0 fe80::a>ff05::7"}},
		{"by address with zone", []Option{WithInterface("fe80::a%wlan0"), WithMulticast("ff02::1", 1)}, []string{"wlan0 fe80::a>ff02::1"}},
		{"by address with another zone", []Option{WithInterface("fe80::a%eth0"), WithMulticast("ff02::1", 1)}, nil},
		{"both families", []Option{WithInterface("wlan0"), WithBroadcast(true), WithMulticast("ff02::1", 1)}, []string{
			broadcasts[2], "wlan0 fe80::a>ff02::1",
		}},
		{"one way twice", []Option{WithInterface("wlan0"), WithBroadcast(true), WithBroadcast(true)}, broadcasts[2:3]},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := newConfig(test.opts)
			if err != nil {
				t.Fatal(err)
			}
			if got := brief(c.choice.Targets(machine, c.casts)); !slices.Equal(got, test.want) {
				t.Errorf("targets\n%q, want\n%q", got, test.want)
			}
		})
	}
}

func TestTargetCarriesItsWay(t *testing.T) {
	c, err := newConfig([]Option{WithMulticast("239.0.0.1", 7), WithInterface("wlan0")})
	if err != nil {
		t.Fatal(err)
	}
	want := []lan.Target{{NIC: "wlan0", Index: 5, Source: netip.MustParseAddr("10.1.2.3"), Dest: netip.MustParseAddr("239.0.0.1"), TTL: 7}}
	if got := c.choice.Targets(machine, c.casts); !reflect.DeepEqual(got, want) {
		t.Errorf("targets %+v, want %+v", got, want)
	}
}

func TestBroadcastOf(t *testing.T) {
	for prefix, want := range map[string]string{
		"10.0.0.1/8": "10.255.255.255", "192.168.1.77/30": "192.168.1.79", "1.2.3.4/0": "255.255.255.255",
		"172.16.5.4/12": "172.31.255.255", "10.0.0.1/31": "", "10.0.0.1/32": "", "fd00::1/64": "",
	} {
		got, ok := lan.BroadcastOf(netip.MustParsePrefix(prefix))
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("broadcast of %s is %v, %v; want %q", prefix, got, ok, want)
		}
	}
	if _, ok := lan.BroadcastOf(netip.Prefix{}); ok {
		t.Error("the zero prefix has a broadcast address")
	}
}

func TestSystemInterfaces(t *testing.T) {
	nics := mustNICs(t)
	i := slices.IndexFunc(nics, func(n lan.NIC) bool { return n.Has(net.FlagLoopback) && n.Has(net.FlagUp) })
	if i < 0 {
		t.Skip("no loopback interface here")
	}
	if !slices.Contains(nics[i].Prefixes, netip.MustParsePrefix("127.0.0.1/8")) {
		t.Errorf("%s has %v, want 127.0.0.1/8 among them", nics[i].Name, nics[i].Prefixes)
	}
}

func TestOptionsRefused(t *testing.T) {
	for name, opt := range map[string]Option{
		"port 0":              WithPort(0),
		"port 65536":          WithPort(65536),
		"no interface":        WithInterface("eth0", ""),
		"no filter":           WithInterfaces(nil),
		"outside address":     WithLoopbackAddr(netip.MustParseAddr("10.0.0.1")),
		"no address":          WithLoopbackAddr(netip.Addr{}),
		"six as loopback":     WithLoopbackAddr(netip.IPv6Loopback()),
		"unicast group":       WithMulticast("10.0.0.1", 1),
		"no group":            WithMulticast("", 1),
		"mapped group":        WithMulticast("::ffff:239.0.0.1", 1),
		"group with zone":     WithMulticast("ff02::1%eth0", 1),
		"ttl -1":              WithMulticast("239.0.0.1", -1),
		"ttl 256":             WithMulticast("239.0.0.1", 256),
		"unknown echo filter": WithEchoFilter(4),
		"size 0":              WithMaxSize(0),
		"size 65508":          WithMaxSize(65508),
		"negative rate":       WithRateLimit(-1),
		"no queue":            WithQueue(0),
		"no rescan":           WithRescan(0),
	} {
		if _, err := New(t.Context(), opt); !errors.Is(err, ErrInvalidOption) {
			t.Errorf("%s: %v, want %v", name, err, ErrInvalidOption)
		}
	}
	b := newBeacon(t, WithLoopback(true), WithPort(freePort(t)))
	for _, every := range []time.Duration{-1, time.Microsecond} {
		if err := b.Publish(nil, every); !errors.Is(err, ErrInvalidOption) {
			t.Errorf("interval %v: %v, want %v", every, err, ErrInvalidOption)
		}
	}
}

// BenchmarkSystemInterfaces is what a rescan costs.
func BenchmarkSystemInterfaces(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := lan.SystemNICs(); err != nil {
			b.Skip(err)
		}
	}
}
