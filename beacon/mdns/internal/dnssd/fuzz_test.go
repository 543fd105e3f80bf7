package dnssd

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// FuzzBrowser tells a browser of services record by record, four bytes each: what kind and
// of which service, for how long, from whom, and how much time passes. What it has found is
// lost at most once and never without having been found, it remembers no more than it may,
// and when nobody says anything any more it forgets all.
func FuzzBrowser(f *testing.F) {
	f.Add([]byte{0, 10, 1, 0, 1, 10, 1, 0, 2, 10, 1, 0, 3, 10, 1, 5, 0, 0, 1, 9})
	f.Add([]byte{0, 1, 1, 200, 9, 250, 2, 0, 18, 3, 0, 0, 27, 3, 0, 0, 0, 0, 0, 0, 12, 9, 1, 1, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, orders []byte) {
		if len(orders) > 400 {
			return
		}
		l := newLAN(t, 1)
		l.quiet = true
		const limit = 3
		w, at := l.watcher(zre, limit)
		l.pass(time.Second)
		for ; len(orders) >= 4; orders = orders[4:] {
			rr := recordOf(orders[0], uint32(orders[1]))
			m := new(dns.Msg)
			m.Response, m.Authoritative = true, true
			if orders[2]&1 != 0 {
				m.Answer = []dns.RR{rr}
			} else {
				m.Extra = []dns.RR{rr}
			}
			from := netip.AddrPortFrom(addr(int(orders[2]/2)%5), []uint16{Port, 40000}[orders[2]>>7])
			w.Handle(l.now, Heard{NIC: at + 1, From: from, Msg: m})
			l.pass(time.Duration(orders[3]) * 20 * time.Millisecond)
			if i, h := w.Counts(); i > limit || h > limit || len(w.have) > limit {
				t.Fatalf("%d instances, %d hosts, %d found", i, h, len(w.have))
			}
		}
		l.pass(10 * time.Minute)
		if i, h := w.Counts(); i != 0 || h != 0 || len(w.have) != 0 {
			t.Fatalf("%d instances, %d hosts and %d found are left", i, h, len(w.have))
		}
	})
}

// recordOf is a record that a service may have; its lowest bits say what it is, the next ones of
// which service, and the highest that it replaces all others.
func recordOf(what byte, ttl uint32) dns.RR {
	name := fmt.Sprintf("node%d.%s", what>>3&7, zre)
	host := fmt.Sprintf("box%d.local.", what>>3&3)
	class := uint16(dns.ClassINET)
	if what&0x80 != 0 {
		class |= 1 << 15
	}
	head := func(owner string, kind uint16) dns.RR_Header {
		return dns.RR_Header{Name: owner, Rrtype: kind, Class: class, Ttl: ttl}
	}
	switch what & 7 {
	case 0, 6:
		return &dns.PTR{Hdr: head(zre, dns.TypePTR), Ptr: name}
	case 1:
		return &dns.SRV{Hdr: head(name, dns.TypeSRV), Port: uint16(what), Target: host}
	case 2:
		return &dns.TXT{Hdr: head(name, dns.TypeTXT), Txt: []string{fmt.Sprint("k=", what), "\x00"}}
	case 3:
		return &dns.A{Hdr: head(host, dns.TypeA), A: net.IPv4(10, 0, 0, what)}
	case 4:
		return &dns.AAAA{Hdr: head(host, dns.TypeAAAA), AAAA: net.ParseIP("fe80::1")}
	case 5:
		return &dns.PTR{Hdr: head(zre, dns.TypePTR), Ptr: "elsewhere._http._tcp.local."}
	}
	return &dns.SRV{Hdr: head(name, dns.TypeSRV), Target: "."}
}
