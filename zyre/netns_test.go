//go:build interop && linux

package zyre

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/netns"
)

// The timers of the nodes on hosts of their own, and how late a busy machine may make
// what they say.
const (
	liveEvasive = time.Second
	liveExpired = 3 * time.Second
	late        = 10 * time.Second
)

func named(name string) part { return part{Name: name, Evasive: liveEvasive, Expired: liveExpired} }

// A cable is cut behind both nodes, and mended: on both sides EVASIVE, EXIT and ENTER,
// in this order, each once, as soon as the timers say and not before.
func TestInteropPartitionOfHosts(t *testing.T) {
	t.Parallel()
	l := netns.New(t)
	ha, hb := l.Host(), l.Host()
	l.Plug(ha, "eth0", "10.77.0.1/24")
	l.Plug(hb, "eth0", "10.77.0.2/24")
	a, b := settle(t, l, ha, named("a")), settle(t, l, hb, named("b"))
	both := []*station{a, b}
	for _, s := range both {
		s.hears(roster...)
	}
	for round := range 2 {
		cut := time.Now()
		l.Cut(hb, "eth0")
		for _, s := range both {
			parted(t, s, cut)
		}
		l.Mend(hb, "eth0")
		for _, s := range both {
			if got := s.hears(roster...); got.Event != Enter {
				t.Errorf("round %d: %s: %v first", round, s.name, got.Event)
			}
		}
		a.tells(b, "there you are")
		b.tells(a, "here I am")
	}
}

// parted checks what a node says of its one peer that was cut off: it was heard last at
// most an evasive time before.
func parted(t *testing.T, s *station, cut time.Time) {
	t.Helper()
	evasive := s.hears(roster...)
	for evasive.Event == Recovered || evasive.Event == Evasive && evasive.At.Before(cut) {
		evasive = s.hears(roster...) // a busy machine, before the cut
	}
	exit := s.hears(roster...)
	if evasive.Event != Evasive || exit.Event != Exit || exit.Why != Expired.String() {
		t.Fatalf("%s: %v, %v (%s)", s.name, evasive.Event, exit.Event, exit.Why)
	}
	if silent := evasive.At.Sub(cut); silent > liveEvasive+late {
		t.Errorf("%s: evasive %v after the cut", s.name, silent)
	}
	if silent := exit.At.Sub(cut); silent < liveExpired-liveEvasive || silent > liveExpired+late {
		t.Errorf("%s: exit %v after the cut", s.name, silent)
	}
}

// A host with two interfaces meets nodes on both, none of which know each other, and
// names to each the address that it can reach: theirs and libzmq's.
func TestInteropTwoInterfaces(t *testing.T) {
	t.Parallel()
	left, right := netns.New(t), netns.New(t)
	hm, ha, hc, hp, hq := left.Host(), left.Host(), right.Host(), left.Host(), right.Host()
	left.Plug(hm, "eth0", "10.77.0.1/24")
	left.Plug(ha, "eth0", "10.77.0.2/24")
	left.Plug(hp, "eth0", "10.77.0.3/24")
	right.Plug(hm, "eth1", "10.78.0.1/24")
	right.Plug(hc, "eth0", "10.78.0.2/24")
	right.Plug(hq, "eth0", "10.78.0.3/24")
	p, q := invite(t, left, hp, "10.77.0.3", ID{0xAA}), invite(t, right, hq, "10.78.0.3", ID{0xBB})
	a, c := settle(t, left, ha, named("a")), settle(t, right, hc, named("c"))
	p.heard("HELLO") // of a
	q.heard("HELLO")
	m := settle(t, left, hm, named("m"))
	for _, k := range []struct {
		s    *station
		p    *pete
		host string
	}{{a, p, "10.77.0.1"}, {c, q, "10.78.0.1"}} {
		r := k.s.hears(Enter)
		for r.Name != "m" {
			r = k.s.hears(Enter)
		}
		if !strings.HasPrefix(r.Where, "tcp://"+k.host+":") {
			t.Errorf("%s reaches m at %s, want %s", k.s.name, r.Where, k.host)
		}
		hello := k.p.heard("HELLO")
		if hello.Name != "m" || !strings.HasPrefix(hello.Endpoint, "tcp://"+k.host+":") {
			t.Errorf("%q says that it is at %s, want m at %s", hello.Name, hello.Endpoint, k.host)
		}
	}
	ztest.Eventually(t, "m knows all four", func() bool { return m.report().Stats.Peers == 4 })
	for _, s := range []*station{a, c} {
		s.tells(m, "from "+s.name)
		m.tells(s, "to "+s.name)
		if got := s.report(); got.Stats.Peers != 2 {
			t.Errorf("%s knows %v, want m and a stranger", s.name, got.Peers)
		}
	}
}

// Two hosts that share two networks are one peer to each other, and when one network
// fails, whichever way their connections went, they meet again on the other one.
func TestInteropSecondNetwork(t *testing.T) {
	t.Parallel()
	left, right := netns.New(t), netns.New(t)
	ha, hb := left.Host(), left.Host()
	for i, l := range []*netns.LAN{left, right} {
		dev, net := []string{"eth0", "eth1"}[i], []string{"10.77.0.", "10.78.0."}[i]
		l.Plug(ha, dev, net+"1/24")
		l.Plug(hb, dev, net+"2/24")
	}
	a, b := settle(t, left, ha, named("a")), settle(t, left, hb, named("b"))
	a.hears(Enter)
	b.hears(Enter)
	for _, s := range []*station{a, b} {
		ztest.Eventually(t, "a dozen beacons on each network", func() bool { return s.report().Stats.Beacons >= 24 })
		if r := s.report(); len(r.Peers) != 1 || r.Stats.Dials > 2 {
			t.Errorf("%s knows %v after %d dials", s.name, r.Peers, r.Stats.Dials)
		}
	}
	for _, k := range []struct {
		cut, mend *netns.LAN
		dev, back string
		net       string
	}{{left, nil, "eth0", "", "10.78."}, {right, left, "eth1", "eth0", "10.77."}} {
		if k.mend != nil {
			k.mend.Mend(ha, k.back)
		}
		k.cut.Cut(ha, k.dev)
		for _, s := range []*station{a, b} {
			ztest.Eventually(t, s.name+" reaches its peer over "+k.net, func() bool {
				for _, where := range s.report().Peers {
					return strings.HasPrefix(where, "tcp://"+k.net)
				}
				return false
			})
		}
	}
}

// An interface is pulled and put back while the nodes run. They find each other again,
// and no descriptor is left of before, on either side.
func TestInteropPulledInterface(t *testing.T) {
	t.Parallel()
	l := netns.New(t)
	ha, hb := l.Host(), l.Host()
	l.Plug(ha, "eth0", "10.77.0.1/24")
	a, b := settle(t, l, ha, named("a")), settle(t, l, hb, named("b"))
	both := []*station{a, b}
	most := map[*station]int{}
	for round := range 4 {
		l.Plug(hb, "eth0", "10.77.0.2/24")
		for _, s := range both {
			if got := s.hears(Enter, Exit); got.Event != Enter {
				t.Fatalf("round %d: %s: %v (%s)", round, s.name, got.Event, got.Why)
			}
		}
		a.tells(b, "there you are")
		b.tells(a, "here I am")
		for _, s := range both {
			if round == 0 {
				most[s] = s.report().Descriptors
			}
			ztest.Eventually(t, s.name+" has no more descriptors than at first", func() bool { return s.report().Descriptors <= most[s] })
		}
		l.Pull(hb, "eth0")
		for _, s := range both {
			s.hears(Exit)
		}
	}
}

// plain is a link-local endpoint as zyre 2.x writes it.
var plain = regexp.MustCompile(`^tcp://fe80::[0-9a-f:]+:[0-9]+$`)

// Where there is nothing but link-local IPv6, nodes find each other and talk, with a
// node on libzmq that reads and writes endpoints as zyre does among them.
func TestInteropLinkLocal(t *testing.T) {
	t.Parallel()
	l := netns.New(t)
	hosts := []string{l.Host(), l.Host(), l.Host()}
	for _, h := range hosts {
		l.Plug(h, "eth0", "")
	}
	l.Settle("eth0", hosts...)
	p := invite(t, l, hosts[2], "eth0", ID{0xAA})
	var nodes []*station
	for i, name := range []string{"a", "b"} {
		with := named(name)
		with.IPv6 = true
		nodes = append(nodes, settle(t, l, hosts[i], with))
	}
	var greeted []string
	for range nodes {
		hello := p.heard("HELLO")
		greeted = append(greeted, hello.Name)
		if !plain.MatchString(hello.Endpoint) {
			t.Errorf("%s says that it is at %q, which zyre can't read", hello.Name, hello.Endpoint)
		}
	}
	if slices.Sort(greeted); !slices.Equal(greeted, []string{"a", "b"}) {
		t.Errorf("HELLOs of %q", greeted)
	}
	for _, s := range nodes {
		for range 2 {
			r := s.hears(Enter)
			at, err := netip.ParseAddrPort(strings.TrimPrefix(r.Where, "tcp://"))
			if err != nil || !at.Addr().IsLinkLocalUnicast() || at.Addr().Zone() != "eth0" {
				t.Errorf("%s reaches %s at %q, %v: want a link-local address on eth0", s.name, r.Name, r.Where, err)
			}
		}
		s.Say("whisper", p.id, "psst, "+s.name+" here")
		if h := p.heard("WHISPER"); h.Content[0] != "psst, "+s.name+" here" {
			t.Errorf("the stranger heard %+v", h)
		}
	}
	nodes[0].tells(nodes[1], "over there")
	nodes[1].tells(nodes[0], "and back")
	p.Say(map[string]any{"kind": "WHISPER", "content": []string{"to all"}})
	for _, s := range nodes {
		if r := s.hears(Whisper); r.Text != "to all" || r.Peer != p.id {
			t.Errorf("%s heard %+v", s.name, r)
		}
	}
}

// A link is down for longer than half of the time after which a silent peer expires:
// nobody exits, nothing that was said is lost, and soon after it is up all has arrived.
// At full size the times are the defaults, 5 and 30 s, and the link is down for 16 s.
func TestInteropOutageOfHosts(t *testing.T) {
	t.Parallel()
	p := part{Evasive: time.Second, Expired: 6 * time.Second}
	if ztest.Full() {
		p.Evasive, p.Expired = 5*time.Second, 30*time.Second
	}
	l := netns.New(t)
	ha, hb := l.Host(), l.Host()
	l.Plug(ha, "eth0", "10.77.0.1/24")
	l.Plug(hb, "eth0", "10.77.0.2/24")
	p.Name = "a"
	a := settle(t, l, ha, p)
	p.Name = "b"
	b := settle(t, l, hb, p)
	a.hears(Enter)
	b.hears(Enter)
	cut := time.Now()
	l.Cut(hb, "eth0")
	a.Say("whisper", b.id, "into the dark")
	b.Say("whisper", a.id, "into the dark")
	a.hears(Evasive)
	b.hears(Evasive)
	time.Sleep(time.Until(cut.Add(p.Expired * 16 / 30))) // how long it lasts is the matter of this test
	mended := time.Now()
	l.Mend(hb, "eth0")
	a.Say("whisper", b.id, "again")
	b.Say("whisper", a.id, "again")
	for _, s := range []*station{a, b} {
		for _, want := range []string{"into the dark", "again"} {
			r := s.hears(Whisper, Exit, Enter)
			if r.Event != Whisper || r.Text != want {
				t.Fatalf("%s: %v %s %q, want %q", s.name, r.Event, r.Why, r.Text, want)
			}
		}
		took := time.Since(mended)
		t.Logf("%s has heard all %v after the link was up", s.name, took)
		if ztest.Full() && took > 2*time.Second {
			t.Errorf("%s heard all only %v after the link was up", s.name, took)
		}
	}
}
