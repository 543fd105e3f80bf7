package mdns

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

const unicastBit = 1 << 15

// announcedZone is the zone of a responder that has announced one service.
func announcedZone(t *testing.T, kind string) *dnssd.Zone {
	t.Helper()
	r, err := dnssd.NewResponder("box", dnssd.DefaultLifetime, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1000, 0)
	if err := r.Add(at, dnssd.Service{Instance: "my node", Type: kind, Port: 7}); err != nil {
		t.Fatal(err)
	}
	r.SetNICs(at, []dnssd.NIC{{Index: 1, Name: "eth0", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}})
	for range 100 {
		at = at.Add(100 * time.Millisecond)
		r.Poll(at)
	}
	return r.Zone()
}

// The servers of hashicorp/mdns answer from the zone, those who ask for it, and not more
// than the limit.
func TestUnicastServersAnswer(t *testing.T) {
	t.Parallel()
	kind := fmt.Sprintf("_z%d._tcp.local.", os.Getpid())
	c, err := newConfig([]Option{WithLoopback(true)})
	if err != nil {
		t.Fatal(err)
	}
	u := newUnicastServers(c)
	question := dns.Question{Name: strings.ToUpper(kind), Qtype: dns.TypePTR, Qclass: dns.ClassINET | unicastBit}
	if list := u.Records(question); list != nil {
		t.Errorf("answered from no zone: %v", list)
	}
	u.zone.Store(announcedZone(t, kind))
	nics, err := lan.SystemNICs()
	if err != nil {
		t.Skip(err)
	}
	targets := c.choice.Targets(nics, c.casts[:1])
	if len(targets) == 0 || !u.follow(targets) {
		t.Skip("no server on the loopback")
	}
	defer u.shutdown()
	mdnsLoopback(t) // skips where groups don't work

	s, err := openSocket(0, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Conn.Close()
	q := &dns.Msg{Question: []dns.Question{question}}
	q.Id = 77
	b, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.multicast(targets[0], b, dnssd.Port); err != nil {
		t.Skip(err)
	}
	s.Conn.SetReadDeadline(time.Now().Add(ztest.Patience))
	buf := make([]byte, 2000)
	n, _, err := s.receive(buf)
	if err != nil {
		t.Fatal(err)
	}
	m, err := dnssd.Decode(buf[:n])
	if err != nil {
		t.Fatal(err)
	}
	if m.Id != 77 || len(m.Answer) != 3 || m.Answer[0].(*dns.PTR).Ptr != `my\ node.`+kind {
		t.Errorf("answer %v", m)
	}
	if !u.follow(nil) || len(u.servers) != 0 {
		t.Error("servers are left on interfaces that have gone")
	}
	answered := 0
	for range 3 * unicastRate {
		if u.Records(question) != nil {
			answered++
		}
	}
	if answered < unicastRate/2 || answered > 2*unicastRate {
		t.Errorf("%d answers at once, the limit is %d a second", answered, unicastRate)
	}
}

func TestNoUnicastServersElsewhere(t *testing.T) {
	c, err := newConfig([]Option{WithPort(5354)})
	if err != nil {
		t.Fatal(err)
	}
	u := newUnicastServers(c)
	if u.follow([]lan.Target{{NIC: "lo", Index: 1}}) || len(u.servers) != 0 {
		t.Error("a server was started for another port than mDNS's")
	}
}

func TestServerLogIsQuotedAndShort(t *testing.T) {
	var out logbook.Book
	c, err := newConfig([]Option{WithLogger(out.Zerolog())})
	if err != nil {
		t.Fatal(err)
	}
	newUnicastServers(c).log.Printf("[ERR] %s", "\x1b[31m\"\n"+strings.Repeat("x", 10_000))
	if s := out.String(); len(s) > 400 || strings.ContainsAny(s, "\x1b") || !strings.Contains(s, "[ERR]") {
		t.Errorf("logged %d bytes: %.80q", len(s), s)
	}
}
