package mdns

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/ztest"
)

// mdnsLoopback skips the test where groups don't work on the loopback, and returns the
// options of a world apart from the host's own mDNS.
func mdnsLoopback(t testing.TB) []Option {
	t.Helper()
	port := freePort(t)
	s, err := openSocket(port, false)
	if err != nil {
		t.Skipf("no mDNS socket: %v", err)
	}
	defer s.Conn.Close()
	c, err := newConfig([]Option{WithLoopback(true)})
	if err != nil {
		t.Fatal(err)
	}
	nics, err := lan.SystemNICs()
	if err != nil {
		t.Skip(err)
	}
	for _, to := range c.choice.Targets(nics, c.casts[:1]) {
		if err := errors.Join(s.Join(lan.Membership{Index: to.Index, Group: to.Dest}), s.multicast(to, []byte("probe"), port)); err != nil {
			t.Skipf("no multicast on the loopback: %v", err)
		}
	}
	s.Conn.SetReadDeadline(time.Now().Add(time.Second))
	if _, _, err := s.receive(make([]byte, 16)); err != nil {
		t.Skipf("multicast on the loopback is not heard: %v", err)
	}
	return []Option{WithLoopback(true), WithPort(port)}
}

func announce(t testing.TB, s Service, opts ...Option) *Announcer {
	t.Helper()
	a, err := Announce(context.Background(), s, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// browsing pulls the events of a Browse one by one.
func browsing(t testing.TB, kind string, opts ...Option) func() ServiceEvent {
	t.Helper()
	b, err := Browse(context.Background(), kind, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	next, stop := iter.Pull(b.Events(ztest.Within(t)))
	t.Cleanup(stop)
	return func() ServiceEvent {
		t.Helper()
		e, ok := next()
		if !ok {
			t.Fatal("the search ended")
		}
		return e
	}
}

func TestAnnounceAndBrowse(t *testing.T) {
	t.Parallel()
	opts := mdnsLoopback(t)
	want := Service{
		Instance: "My Node v1.2 (Büro)", Type: "_zre._tcp", Port: 5670,
		Text: map[string]string{"uuid": "01ab", "empty": "", "bin": "\x00=\xff"},
	}
	a := announce(t, want, append(opts, WithHost("box"))...)
	if err := a.Wait(ztest.Within(t)); err != nil {
		t.Fatal(err)
	}
	next := browsing(t, "_zre._tcp.local.", opts...)
	e := next()
	want.Host = "box.local."
	if e.Kind != beacon.Found || fmt.Sprint(e.Service) != fmt.Sprint(want) || e.Interface == "" {
		t.Errorf("found %+v, want %+v", e, want)
	}
	if !slices.Contains(e.Addrs, netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("found at %v", e.Addrs)
	}
	want.Host, want.Port = "", 5671
	if err := a.Update(want); err != nil {
		t.Fatal(err)
	}
	if e := next(); e.Kind != beacon.Changed || e.Service.Port != 5671 {
		t.Errorf("%v %+v, want the new port", e.Kind, e.Service)
	}
	if err := a.Add(Service{Instance: "second", Type: "_zre._tcp", Port: 1}); err != nil {
		t.Fatal(err)
	}
	if e := next(); e.Kind != beacon.Found || e.Service.Instance != "second" || len(e.Service.Text) != 0 {
		t.Errorf("%v %+v, want the second", e.Kind, e.Service)
	}
	a.Remove(want.Instance, want.Type)
	a.Close()
	lost := map[string]bool{} // in whichever order: both goodbyes may come in one packet
	for range 2 {
		e := next()
		if e.Kind != beacon.Lost {
			t.Errorf("%v %+v, want it lost", e.Kind, e.Service)
		}
		lost[e.Service.Instance] = true
	}
	if !lost[want.Instance] || !lost["second"] {
		t.Errorf("lost %v", lost)
	}
	if err := a.Add(want); !errors.Is(err, ErrClosed) {
		t.Errorf("add after close: %v, want %v", err, ErrClosed)
	}
	if err := a.Wait(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// Two programs that want the same name: the second gets a number.
func TestNameThatIsTaken(t *testing.T) {
	t.Parallel()
	opts := mdnsLoopback(t)
	s := Service{Instance: "node", Type: "_zre._tcp", Port: 1}
	first := announce(t, s, opts...)
	if err := first.Wait(ztest.Within(t)); err != nil {
		t.Fatal(err)
	}
	second := announce(t, s, opts...)
	if err := second.Wait(ztest.Within(t)); err != nil {
		t.Fatal(err)
	}
	if a, b := first.Name("node", "_zre._tcp"), second.Name("node", "_zre._tcp."); a != "node" || b != "node (2)" {
		t.Errorf("the names are %q and %q", a, b)
	}
	if name := first.Name("other", "_zre._tcp"); name != "" {
		t.Errorf("what is not announced is called %q", name)
	}
	next := browsing(t, "_zre._tcp", opts...)
	got := []string{next().Service.Instance, next().Service.Instance}
	slices.Sort(got)
	if !slices.Equal(got, []string{"node", "node (2)"}) {
		t.Errorf("found %q", got)
	}
}

func TestEndOfContextSaysGoodbye(t *testing.T) {
	t.Parallel()
	opts := mdnsLoopback(t)
	ctx, cancel := context.WithCancel(context.Background())
	a, err := Announce(ctx, Service{Instance: "node", Type: "_zre._tcp", Port: 1}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	next := browsing(t, "_zre._tcp", opts...)
	if e := next(); e.Kind != beacon.Found {
		t.Fatal(e)
	}
	cancel()
	if e := next(); e.Kind != beacon.Lost || e.Service.Instance != "node" {
		t.Errorf("%v %+v", e.Kind, e.Service)
	}
}

func TestServicesRefused(t *testing.T) {
	opts := mdnsLoopback(t)
	t.Parallel()
	good := Service{Instance: "n", Type: "_zre._tcp", Port: 1}
	for name, change := range map[string]func(*Service){
		"no instance":      func(s *Service) { s.Instance = "" },
		"long instance":    func(s *Service) { s.Instance = string(make([]byte, 64)) },
		"not UTF-8":        func(s *Service) { s.Instance = "\xff" },
		"control":          func(s *Service) { s.Instance = "a\nb" },
		"no type":          func(s *Service) { s.Type = "" },
		"type of one part": func(s *Service) { s.Type = "_zre" },
		"transport":        func(s *Service) { s.Type = "_zre._sctp" },
		"long type":        func(s *Service) { s.Type = "_abcdefghijklmnop._tcp" },
		"type with dot":    func(s *Service) { s.Type = "_a.b._tcp" },
		"subtype as type":  func(s *Service) { s.Type = "_x._sub._zre._tcp" },
		"empty subtype":    func(s *Service) { s.Subtypes = []string{""} },
		"empty key":        func(s *Service) { s.Text = map[string]string{"": "x"} },
		"key with =":       func(s *Service) { s.Text = map[string]string{"a=b": "x"} },
		"key not ASCII":    func(s *Service) { s.Text = map[string]string{"ä": "x"} },
		"long value":       func(s *Service) { s.Text = map[string]string{"k": string(make([]byte, 254))} },
		"long text": func(s *Service) {
			s.Text = map[string]string{}
			for i := range 10 {
				s.Text[fmt.Sprint(i)] = string(make([]byte, 200))
			}
		},
	} {
		s := good
		change(&s)
		_, err := Announce(t.Context(), s, opts...)
		refused(t, name, err, ErrInvalidService)
	}
	for name, opt := range map[string]Option{
		"port": WithPort(0), "interface": WithInterface(""), "filter": WithInterfaces(nil), "address": WithLoopbackAddr(netip.Addr{}),
		"rescan": WithRescan(0), "rate": WithRateLimit(-1), "logger": WithSlog(nil), "no host": WithHost(""),
		"ttl": WithTTL(time.Millisecond), "long ttl": WithTTL(48 * time.Hour), "peers": WithMaxPeers(0),
		"long host": WithHost(string(make([]byte, 64))),
	} {
		_, err := Announce(t.Context(), good, opt)
		refused(t, name, err, ErrInvalidOption)
	}
	for _, kind := range []string{"", "_zre", "zre._tcp", "_zre._tcp.example.com", "_-._tcp"} {
		_, err := Browse(t.Context(), kind)
		refused(t, "browse "+kind, err, ErrInvalidService)
	}
	a := announce(t, good, opts...)
	refused(t, "the same twice", a.Add(good), ErrInvalidService)
	a.Remove("n", "nonsense")
	a.Remove("never added", "_zre._tcp")
}

// refused makes sure that an error is the sentinel, and that its text begins with it, and
// so with the package: what is below says only which value broke which rule.
func refused(t *testing.T, what string, err, sentinel error) {
	t.Helper()
	if !errors.Is(err, sentinel) || !strings.HasPrefix(err.Error(), sentinel.Error()+": ") {
		t.Errorf("%s: got %v, want %v: ...", what, err, sentinel)
	}
}

func TestParseText(t *testing.T) {
	got := parseText([]string{"a=1", "A=2", "=x", "flag", "b=", "c==", "", "flag=3"})
	if want := map[string]string{"a": "1", "flag": "", "b": "", "c": "="}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("parsed %q, want %q", got, want)
	}
}

// A program that knows only unicast DNS asks from a port of its own.
func TestLegacyQuestion(t *testing.T) {
	t.Parallel()
	opts := mdnsLoopback(t)
	c, err := newConfig(opts)
	if err != nil {
		t.Fatal(err)
	}
	a := announce(t, Service{Instance: "node", Type: "_zre._tcp", Port: 7}, append(opts, WithHost("legacy"))...)
	if err := a.Wait(ztest.Within(t)); err != nil {
		t.Fatal(err)
	}
	s, err := openSocket(0, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Conn.Close()
	q := new(dns.Msg)
	q.SetQuestion("node._ZRE._tcp.local.", dns.TypeSRV)
	q.Id = 0xBEEF
	b, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	nics, _ := lan.SystemNICs()
	for _, to := range c.choice.Targets(nics, c.casts[:1]) {
		if err := s.multicast(to, b, c.port); err != nil {
			t.Fatal(err)
		}
	}
	s.Conn.SetReadDeadline(time.Now().Add(ztest.Patience))
	buf := make([]byte, 2000)
	n, from, err := s.receive(buf)
	if err != nil {
		t.Fatal(err)
	}
	m, err := dnssd.Decode(buf[:n])
	if err != nil {
		t.Fatal(err)
	}
	if m.Id != 0xBEEF || len(m.Question) != 1 || m.Question[0] != q.Question[0] || int(from.from.Port()) != c.port {
		t.Errorf("answer %+v from %v", m, from)
	}
	srv, ok := m.Answer[0].(*dns.SRV)
	if !ok || srv.Port != 7 || srv.Hdr.Class != dns.ClassINET || srv.Hdr.Ttl > 10 {
		t.Errorf("answer %v", m.Answer[0])
	}
}

// Bytes that are no mDNS end nothing, and neither does a flood of them.
func TestHostilePackets(t *testing.T) {
	t.Parallel()
	opts := append(mdnsLoopback(t), WithRateLimit(1000))
	c, _ := newConfig(opts)
	announce(t, Service{Instance: "node", Type: "_zre._tcp", Port: 7}, opts...)
	next := browsing(t, "_zre._tcp", opts...)
	s, err := openSocket(0, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Conn.Close()
	nics, _ := lan.SystemNICs()
	to := c.choice.Targets(nics, c.casts[:1])[0]
	loop := []byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 12, 0, 1} // a name that points at itself
	for range 500 {
		for _, b := range [][]byte{nil, {1}, loop, loop[:13], make([]byte, 12), make([]byte, 8900)} {
			if err := s.multicast(to, b, c.port); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Fatal(err)
			}
		}
	}
	if e := next(); e.Kind != beacon.Found || e.Service.Instance != "node" {
		t.Errorf("%v %+v", e.Kind, e.Service)
	}
}

func TestPeerAndService(t *testing.T) {
	m := &Discoverer{kind: "_zre._tcp"}
	long := beacon.Peer{ID: strings.Repeat("ä", 40), Endpoints: []string{"ipc://x", "tcp://*:7", "tcp://h:8"}, Values: map[string]string{"k": "v"}}
	s, err := m.serviceOf(long)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Instance) > 63 || s.Port != 7 || s.Text["ep2"] != "tcp://*:7" {
		t.Errorf("service %+v", s)
	}
	if _, err := s.record(); err != nil {
		t.Error(err)
	}
	two := []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fe80::1%eth0")}
	got := peerOf(ServiceEvent{Service: s, Addrs: two})
	want := beacon.Peer{ID: long.ID, Endpoints: []string{"ipc://x", "tcp://10.0.0.1:7", "tcp://[fe80::1%eth0]:7", "tcp://h:8"}, Values: long.Values}
	if !got.Equal(want) {
		t.Errorf("peer %+v, want %+v", got, want)
	}
	foreign := peerOf(ServiceEvent{Service: Service{Instance: "x", Port: 9, Text: map[string]string{"ep0": "q", "epoch": "1", "id": ""}}, Addrs: two[:1]})
	want = beacon.Peer{ID: "x", Endpoints: []string{"tcp://10.0.0.1:9"}, Values: map[string]string{"ep0": "q", "epoch": "1", "id": ""}}
	if !foreign.Equal(want) {
		t.Errorf("foreign peer %+v, want %+v", foreign, want)
	}
	for _, key := range []string{"id", "ID", "ep", "EP2", "ep99"} {
		if _, err := m.serviceOf(beacon.Peer{ID: "x", Values: map[string]string{key: ""}}); !errors.Is(err, beacon.ErrInvalidPeer) {
			t.Errorf("value %q: %v", key, err)
		}
	}
}
