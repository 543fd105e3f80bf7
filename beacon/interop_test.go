//go:build interop && linux

package beacon

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/netns"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func init() {
	roles["peer"] = rolePeer
	roles["unicast"] = roleUnicast
	roles["discover"] = roleDiscover
}

// A network is a network of namespaces on which beacons, ours and others, run.
type network struct {
	*netns.LAN
	t *testing.T
}

func newLAN(t *testing.T) *network {
	t.Helper()
	return &network{netns.New(t), t}
}

// ours runs a beacon of this package in a host.
func (l *network) ours(host string, payload []byte, env ...string) *proc.Peer {
	l.t.Helper()
	return l.Role(host, "peer", append(env, "PAYLOAD="+hex.EncodeToString(payload))...)
}

// theirs runs czmq's zbeacon in a host.
func (l *network) theirs(host string, payload []byte, env ...string) *proc.Peer {
	l.t.Helper()
	return l.Run(host, env, zbeaconPeer(l.t), strconv.Itoa(DefaultPort), hex.EncodeToString(payload), "50", hex.EncodeToString([]byte("ZRE")))
}

func zbeaconPeer(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "zbeacon_peer")
	out, err := exec.Command("gcc", "-Wall", "-o", binary, "testdata/zbeacon_peer.c", "-lczmq", "-lzmq").CombinedOutput()
	if err != nil {
		t.Skipf("czmq can't be compiled against (Debian's gcc and libczmq-dev): %s", out)
	}
	return binary
}

type report struct {
	Stats      Stats
	Interfaces []string
	Hostname   string
	FDs        int
}

// ask lets a peer of ours report about itself.
func ask(t *testing.T, p *proc.Peer) report {
	t.Helper()
	p.Say("report")
	var r report
	if err := json.Unmarshal([]byte(p.Want("REPORT ")), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func beaconOf(b byte) []byte {
	z := ZRE{Version: ZRE1, Port: 0xC000}
	for i := range z.UUID {
		z.UUID[i] = b
	}
	return z.Append(nil)
}

func hexOf(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// czmq 4.2 and this package, each in a namespace of its own, hear each other's 22
// bytes from the right address, over broadcast and over IPv6 multicast.
func TestInteropZbeacon(t *testing.T) {
	for _, test := range []struct {
		name          string
		env           []string
		theirs, their string
	}{
		{"broadcast", nil, "10.77.0.1", "10.77.0.2"},
		{"ipv6", []string{"ZSYS_IPV6=1", "GROUP=ff02::1"}, "fe80::", "fe80::"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLAN(t)
			a, b := l.Host(), l.Host()
			l.Plug(a, "eth0", "10.77.0.1/24")
			l.Plug(b, "eth0", "10.77.0.2/24")
			l.Settle("eth0", a, b)
			c := l.theirs(a, beaconOf(0xAA), test.env...)
			if host := c.Want("READY"); !strings.HasPrefix(host, test.theirs) {
				t.Errorf("czmq is at %q", host)
			}
			g := l.ours(b, beaconOf(0xBB), test.env...)
			if got := c.Want("HEARD " + test.their); !strings.HasSuffix(got, hexOf(beaconOf(0xBB))) {
				t.Errorf("czmq heard %q, want %s", got, hexOf(beaconOf(0xBB)))
			}
			got := g.Want("HEARD " + test.theirs)
			if !strings.HasSuffix(got, "eth0 "+hexOf(beaconOf(0xAA))) {
				t.Errorf("we heard %q, want %s on eth0", got, hexOf(beaconOf(0xAA)))
			}
		})
	}
}

// The Discoverer over UDP finds a node that czmq's zbeacon speaks for, is heard by it,
// and loses it with its process, which says no goodbye.
func TestInteropDiscoverZRE(t *testing.T) {
	l := newLAN(t)
	a, b := l.Host(), l.Host()
	l.Plug(a, "eth0", "10.77.0.1/24")
	l.Plug(b, "eth0", "10.77.0.2/24")
	c := l.theirs(a, beaconOf(0xAA))
	c.Want("READY")
	g := l.Role(b, "discover")
	id := strings.Repeat("AA", 16)
	g.Want("found " + id + " [tcp://10.77.0.1:49152] udp eth0 10.77.0.1")
	if got, want := c.Want("HEARD 10.77.0.2 "), hexOf(beaconOf(0xBB)); got != want {
		t.Errorf("czmq heard %q, want %s", got, want)
	}
	c.Hangup()
	g.Want("lost " + id)
	g.Hangup()
}

// Beacons of one host hear each other over the real interface, and a datagram to
// the host's own address is heard, which zbeacon loses.
func TestInteropOneHostAndUnicast(t *testing.T) {
	l := newLAN(t)
	a, b := l.Host(), l.Host()
	l.Plug(a, "eth0", "10.77.0.1/24")
	l.Plug(b, "eth0", "10.77.0.2/24")
	one, two := l.ours(a, beaconOf(1)), l.ours(a, beaconOf(2))
	one.Want("HEARD 10.77.0.1 eth0 " + hexOf(beaconOf(2)))
	two.Want("HEARD 10.77.0.1 eth0 " + hexOf(beaconOf(1)))
	if r := ask(t, one); r.Stats.Dropped.Echo == 0 || r.Hostname != "10.77.0.1" {
		t.Errorf("%+v: want the own echo dropped, and 10.77.0.1", r)
	}

	single := l.ours(b, beaconOf(3))
	single.Want("HEARD 10.77.0.1 eth0 " + hexOf(beaconOf(1)))
	for _, from := range []string{a, b} {
		l.Role(from, "unicast", "TO=10.77.0.2", "PAYLOAD="+hexOf([]byte("ZREx"))).Want("SENT")
		single.Want("HEARD 10.77.0." + map[string]string{a: "1", b: "2"}[from] + " eth0 " + hexOf([]byte("ZREx")))
	}
}

// Interfaces come and go while the beacon runs: a host without any starts and
// waits, each new one is greeted at once, a pulled one leaves no socket behind,
// and the others go on.
func TestInteropHotPlug(t *testing.T) {
	l := newLAN(t)
	a, b := l.Host(), l.Host()
	l.Plug(a, "eth0", "10.77.0.1/24")
	hearer := l.ours(a, beaconOf(1))
	mover := l.ours(b, beaconOf(2))
	if r := ask(t, mover); r.Hostname != "" || len(r.Interfaces) != 0 {
		t.Fatalf("%+v: want no interface yet", r)
	}
	fds := 0
	for round := range 5 {
		l.Plug(b, "eth0", "10.77.0.2/24")
		hearer.Want("HEARD 10.77.0.2 eth0 " + hexOf(beaconOf(2)))
		mover.Want("HEARD 10.77.0.1 eth0 " + hexOf(beaconOf(1)))
		l.Plug(b, "eth1", "10.77.0.3/24")
		hearer.Want("HEARD 10.77.0.3 eth0 " + hexOf(beaconOf(2)))
		r := ask(t, mover)
		if len(r.Interfaces) != 2 {
			t.Errorf("interfaces %v, want both", r.Interfaces)
		}
		if round == 0 {
			fds = r.FDs
		}
		if r.FDs != fds {
			t.Errorf("round %d: %d descriptors, %d in the first", round, r.FDs, fds)
		}
		l.Pull(b, "eth0")
		ztest.Eventually(t, "eth0 has gone", func() bool { return len(ask(t, mover).Interfaces) == 1 })
		hearer.Forget()
		hearer.Want("HEARD 10.77.0.3 eth0 " + hexOf(beaconOf(2)))
		l.IP("-n", b, "link", "set", "eth1", "down")
		ztest.Eventually(t, "all have gone", func() bool { return len(ask(t, mover).Interfaces) == 0 })
		l.Pull(b, "eth1")
		hearer.Forget()
	}
}

// A beacon that arrives on an interface that is not in use is not heard: its
// sender could not hear us.
func TestInteropOtherInterfaceIsNotHeard(t *testing.T) {
	l := newLAN(t)
	a, b := l.Host(), l.Host()
	l.Plug(a, "eth0", "10.77.0.1/24")
	l.Plug(b, "eth0", "10.77.0.2/24")
	l.IP("-n", a, "link", "add", "spare", "type", "bridge")
	l.IP("-n", a, "addr", "add", "10.78.0.1/24", "brd", "+", "dev", "spare")
	l.IP("-n", a, "link", "set", "spare", "up")
	picky := l.ours(a, beaconOf(1), "INTERFACE=spare")
	l.ours(b, beaconOf(2))
	ztest.Eventually(t, "the foreign beacon is counted", func() bool { return ask(t, picky).Stats.Dropped.Interface > 3 })
	if r := ask(t, picky); r.Stats.Accepted != 0 || r.Hostname != "10.78.0.1" {
		t.Errorf("%+v: want nothing accepted, and 10.78.0.1", r)
	}
}

// rolePeer publishes PAYLOAD, prints what it hears, and answers "report".
func rolePeer() error {
	payload, err := hex.DecodeString(os.Getenv("PAYLOAD"))
	if err != nil {
		return err
	}
	opts := []Option{WithRescan(50 * time.Millisecond)}
	if group := os.Getenv("GROUP"); group != "" {
		opts = append(opts, WithMulticast(group, 1))
	}
	if name := os.Getenv("INTERFACE"); name != "" {
		opts = append(opts, WithInterface(name))
	}
	b, err := New(context.Background(), opts...)
	if err != nil {
		return err
	}
	defer b.Close()
	b.Subscribe([]byte("ZRE"))
	signals := b.Events(context.Background())
	go func() {
		for s := range signals {
			fmt.Printf("HEARD %v %s %s\n", s.From.Addr(), s.Interface, hexOf(s.Data))
		}
	}()
	if err := b.Publish(payload, 50*time.Millisecond); err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fds, _ := os.ReadDir("/proc/self/fd")
		line, err := json.Marshal(report{b.Stats(), b.Interfaces(), b.Hostname(), len(fds)})
		if err != nil {
			return err
		}
		fmt.Printf("REPORT %s\n", line)
	}
	return nil
}

// roleUnicast sends PAYLOAD to the beacon port of one host.
func roleUnicast() error {
	payload, err := hex.DecodeString(os.Getenv("PAYLOAD"))
	if err != nil {
		return err
	}
	l, err := openLink(lan.Target{Source: netip.IPv4Unspecified(), Dest: netip.MustParseAddr(os.Getenv("TO"))}, DefaultPort)
	if err != nil {
		return err
	}
	defer l.conn.Close()
	if err := l.send(payload); err != nil {
		return err
	}
	fmt.Println("SENT")
	return nil
}

// roleDiscover announces a ZRE node and prints what it finds.
func roleDiscover() error {
	u, err := NewUDP(context.Background(), ZREFormat, WithRescan(50*time.Millisecond), WithInterval(50*time.Millisecond), WithExpiry(time.Second))
	if err != nil {
		return err
	}
	defer u.Close()
	go func() {
		for e := range u.Events(context.Background()) {
			fmt.Println(e.Kind, e.Peer.ID, e.Peer.Endpoints, e.Where.Source, e.Where.Interface, e.Where.From)
		}
	}()
	self := Peer{ID: strings.Repeat("BB", 16), Endpoints: []string{"tcp://*:49152"}}
	if err := u.Announce(context.Background(), self); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
